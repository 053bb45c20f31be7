"""The window, in rooms that each import only from those below them: see docs/architecture.md.

Only this package reaches Qt. It asks the engine and reads the store, and never writes. `app.main` opens it.
"""

import shiboken6  # noqa: F401  # has the module below within itself
from shibokensupport import feature

# PySide would read the source of each module that is imported, and keep it, to see whether the module may say
# `from __feature__ import`, as none here does: an eighth of the time to the first paint, and 12 MB.
feature.feature_imported = lambda module: None
