"""Going back to a copy of a library that nobody uses meanwhile."""

import time
from pathlib import Path

from photosearch.core.messages import Shutdown
from photosearch.engine.client import Client
from photosearch.engine.lock import locked
from photosearch.paths import Library
from photosearch.store import backup

_PATIENCE = 30.0  # seconds for an engine to leave, on a busy machine too


def restored(library: Library, copy: Path) -> backup.Restored:
    """Put a copy in the library's place; what is there now is copied first.

    An engine without faces, as a search or a window leaves behind, is asked to end.

    Raises:
        LibraryInUse: a program uses the library.
        KnownError: the copy cannot be used; the disk cannot be written.
    """
    if client := Client.connect(library):
        with client:
            client.call(Shutdown(if_alone=True))
    with locked(library, _PATIENCE):
        return backup.restore(library, copy, time.time())
