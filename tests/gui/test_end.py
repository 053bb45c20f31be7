"""How the program ends, in a process of its own."""

import os
import subprocess
import sys

from photosearch.paths import Library
from tests.helpers.shelf import Shelf

# Reads the window as a screen reader does, once its photos are shown, and ends.
READ = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible
from photosearch.core.errors import KnownError
from photosearch.gui.app import application, build
from photosearch.paths import Library

def nobody():
    raise KnownError("There is no engine.")

def read_and_leave():
    if len(window.grid.ids):
        seen = QAccessible.queryAccessibleInterface(window.grid)
        print([seen.child(place).isValid() for place in range(seen.childCount())])
        window.close()
        app.quit()

app = application()
QAccessible.setActive(True)
window = build(Library(Path(sys.argv[1])), connect=nobody)
window.show()
timer = QTimer(interval=10)
timer.timeout.connect(read_and_leave)
timer.start()
app.exec()
"""


def test_a_window_that_a_screen_reader_has_read_ends_in_peace(library: Library, shelf: Shelf) -> None:
    shelf.add(3)
    surroundings = os.environ | {"MALLOC_PERTURB_": "165"}  # glibc: what is freed is of no use any more
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(library.root)], capture_output=True, text=True, env=surroundings
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "[True, True, True]\n"
