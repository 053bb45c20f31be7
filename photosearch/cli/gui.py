"""photosearch gui"""

import argparse
import ctypes
import os
import subprocess
import sys

from photosearch import programs
from photosearch.cli import arguments
from photosearch.cli.asked import as_typed, complain_of, understood
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.core.reading import exists
from photosearch.paths import Library

NAME = "gui"
HELP = "open the window (as photosearch alone does)"
EXAMPLES = (
    "photosearch",
    "photosearch gui two dogs on a beach             (shows what answers this)",
    "photosearch lake.jpg                            (looks at a photo of the library, or offers its folder)",
    "photosearch gui lake.jpg                        (what is like a photo)",
    "photosearch gui --library /tmp/try",
)

PACKAGES = (
    "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1 "
    "libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
)
QT_LIBRARIES = ("libEGL.so.1", "libGL.so.1", "libdbus-1.so.3", "libfontconfig.so.1")
X11_LIBRARIES = (
    "libxkbcommon-x11.so.0",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-keysyms.so.1",
    "libxcb-shape.so.0",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", nargs="*", help="what to ask at first, as after search")
    parser.add_argument(
        "--open",
        dest="opened",
        metavar="PATH",
        nargs="+",
        default=(),
        type=arguments.path,
        help="photos or folders to look at, in place of a query; those that are new it offers to add",
    )
    parser.add_argument("--model", metavar="MODEL", help="name or id, from now on this library's")


def run(options: argparse.Namespace) -> int:
    for path in options.opened:
        if not exists(path):
            raise KnownError("There is no photo and no folder {path}.", path=path)
    paths = tuple(os.fsencode(os.path.abspath(path)) for path in options.opened)  # noqa: PTH100
    typed = " ".join(map(as_typed, options.query))
    try:
        query = understood(typed) if typed else ""
    except QueryError as error:
        return complain_of(error, typed)
    if sys.platform == "linux":
        check_display()
    try:
        from photosearch.gui.app import main
    except ImportError as error:
        raise explained(error) from error
    return main(options.library, options.model, paths or query)


def open_window(library: Library, query: str) -> None:
    """Show what answers a query in the library's window, which is opened where it is not; wait for nothing.

    Raises:
        KnownError: there is no display to open it on.
    """
    if sys.platform == "linux":
        check_display()
    subprocess.Popen(
        [*programs.face(), "gui", "--library", str(library.root), "--", query],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # the window outlives the terminal
    )


def check_display() -> None:
    """Qt ends the whole process where it finds no display or cannot load what its platform plugin needs.

    Raises:
        KnownError: what is missing.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if chosen not in ("", "xcb"):
        return  # the person wants no display of X11: offscreen, vnc, …
    wayland = os.environ.get("WAYLAND_DISPLAY") if not chosen else None
    if not wayland and not os.environ.get("DISPLAY"):
        raise KnownError(
            "There is no display to open a window on; use the command line (photosearch --help), "
            "or start this in a desktop session."
        )
    if missing := missing_libraries(() if wayland else X11_LIBRARIES):
        raise KnownError(_install(missing[0]))
    if not wayland and not _answers_on_x11():
        raise KnownError(
            "The display {display} does not answer; start this in a desktop session, or use the command line "
            "(photosearch --help).",
            display=os.environ["DISPLAY"],
        )


def _answers_on_x11() -> bool:
    """Qt would end the process where DISPLAY is one that has gone."""
    xcb = ctypes.CDLL("libxcb.so.1")  # Qt's own plugin takes it too
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed: int = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def missing_libraries(more: tuple[str, ...] = X11_LIBRARIES) -> list[str]:
    """Those of Linux that Qt needs and the system lacks."""
    missing = []
    for name in QT_LIBRARIES + more:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def explained(error: ImportError) -> Exception:
    """A sentence for what keeps Qt from being imported; what is no such thing is given back."""
    if error.name and error.name.partition(".")[0] in ("PySide6", "shiboken6") and "lib" not in str(error):
        return KnownError("The window needs Qt for Python; install it with: pip install PySide6-Essentials")
    if ".so" in str(error):
        return KnownError(_install(str(error).partition(":")[0]))
    return error


def _install(library: str) -> Sentence:
    return Sentence(
        "The window cannot open because this system lacks {library}; on Debian or Ubuntu: sudo apt-get "
        "install {packages}",
        library=library,
        packages=PACKAGES,
    )
