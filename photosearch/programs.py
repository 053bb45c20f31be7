"""How PhotoSearch runs as several programs, installed by pip or frozen into one executable.

A frozen program has no `python -m`: its executable takes that place (`installer/program.py`).
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from photosearch.core.errors import KnownError

FROZEN: bool = getattr(sys, "frozen", False)
# What a face and an engine start.
CHILDREN = (
    "photosearch.engine",
    "photosearch.engine.pip",
    "photosearch.engine.wheels",
    "photosearch.scale",
    "photosearch.text",
    "trainer",
)
CHANGED_BY_FREEZING = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
OBJECTS_BETWEEN_LOOKS = 20_000
ORIGINAL = "_ORIG"  # PyInstaller's ending of a variable that keeps what another one was


def file() -> Path:
    """A file that is there as long as this program is."""
    return Path(sys.executable if FROZEN else __file__)


def is_gone() -> bool:
    """Whether the program was removed since it started, or another version put in its place."""
    return _identity() != _STARTED_FROM


def gone() -> KnownError:
    """What a person is told then."""
    return KnownError("PhotoSearch was removed or is being updated; close it and start it again.")


class RefusesImports:
    """Stands first in `sys.meta_path`, and lets nothing be imported of a program that is gone.

    PyInstaller's own importer would end the process there and then, and read nonsense from another version.
    """

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Leave it to the importers behind.

        Raises:
            KnownError: the program is gone.
        """
        if is_gone():
            raise gone()


def _identity() -> tuple[int, int] | None:
    """Of file(): None where there is no such file."""
    try:
        status = file().stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # a drive that does not answer has removed nothing
        return _STARTED_FROM
    return status.st_dev, status.st_ino


_STARTED_FROM: tuple[int, int] | None = None
_STARTED_FROM = _identity()


def command(module: str) -> tuple[str, ...]:
    """The beginning of the command line that runs one of CHILDREN; arguments follow."""
    assert module in CHILDREN, f"the frozen program does not run {module}"
    # -P: the folder that a person happens to be in is no place to import from.
    return (sys.executable, "-m", module) if FROZEN else (sys.executable, "-P", "-m", module)


def face() -> tuple[str, ...]:
    """The beginning of the command line that is `photosearch`, however it was installed; arguments follow."""
    return (sys.executable,) if FROZEN else (sys.executable, "-P", "-m", "photosearch")


def shell_program() -> Path:
    """The file that is `photosearch` in a shell."""
    here = Path(sys.executable)
    if not FROZEN:
        return here.with_name("photosearch")  # pip puts its scripts beside the interpreter
    if (mounted := os.environ.get("APPDIR")) and here.is_relative_to(mounted):
        return Path(os.environ["APPIMAGE"])  # the executable in it is elsewhere each time
    return here


def look_for_garbage_seldom() -> None:
    """Let Python look for cycles after so many new objects; its own 700 are for small programs.

    By those it looks a hundred times at what is being imported, once at all of it: a seventh of a start.
    """
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)


def end_amid_import(number: int, frame: FrameType | None) -> None:
    """End the process at once by a signal that came amid an import; what the signal's handler does first.

    An exception that is raised there may be lost, with Python's lock of imports held for good: the process
    would hang or go on, deaf to the signal; and libraries take it for a fault of their own.
    """
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        frame = frame.f_back


def restore_environment() -> None:
    """Give the programs of the system that are started from here on the environment that they expect.

    A frozen program runs with its own libraries and plugins before those of the system; a file manager or a
    browser that inherits that breaks. Our own children set it anew. Call it once Qt has found its plugins.
    """
    if not FROZEN:
        return
    for name in CHANGED_BY_FREEZING:
        os.environ.pop(name, None)
        if original := os.environ.pop(name + ORIGINAL, None):
            os.environ[name] = original
