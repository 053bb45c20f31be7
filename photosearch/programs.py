"""How PhotoSearch runs as several programs, installed by pip or frozen into one executable.

A frozen program has no `python -m`: its executable takes that place (`installer/program.py`).
"""

import gc
import os
import sys
from pathlib import Path

FROZEN: bool = getattr(sys, "frozen", False)
# What a face and an engine start.
CHILDREN = ("photosearch.engine", "photosearch.engine.pip", "photosearch.engine.wheels", "trainer")
CHANGED_BY_FREEZING = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
OBJECTS_BETWEEN_LOOKS = 20_000
ORIGINAL = "_ORIG"  # PyInstaller's ending of a variable that keeps what another one was


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
