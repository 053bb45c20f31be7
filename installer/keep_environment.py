"""Run by PyInstaller before all else: keeps the variables that its hooks for Qt set, as it keeps its own."""

import os


def _keep(*names: str) -> None:
    for name in names:
        if name in os.environ:
            os.environ[f"{name}_ORIG"] = os.environ[name]


_keep("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
