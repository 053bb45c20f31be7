import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop.single_instance import SingleInstance, is_open
from photosearch.gui.shell.tray import come_forward
from photosearch.paths import Library

_LEAVE_A_SOCKET = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from photosearch.gui.desktop.single_instance import SingleInstance
from photosearch.paths import Library
app = QCoreApplication([])
first = SingleInstance(Library(Path(sys.argv[1])))
assert first.claim()
os._exit(0)
"""

_OPEN_MANY = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from photosearch.gui.desktop.single_instance import SingleInstance
from photosearch.paths import Library
app = QCoreApplication([])
SingleInstance(Library(Path(sys.argv[1]))).claim(tuple(b"/photos/%01000d.jpg" % n for n in range(1000)))
"""


def test_a_second_start_raises_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(Library(tmp_path)), SingleInstance(Library(tmp_path))
    assert first.claim()
    with qtbot.waitSignal(first.raised, check_params_cb=lambda asked: asked == ""):
        assert not second.claim()
    with qtbot.waitSignal(first.raised, check_params_cb=lambda asked: asked == "旺财 folder:/a"):
        assert not second.claim("旺财 folder:/a")
    paths = (b"/a b/\xff\n%.jpg", b"/c")
    with qtbot.waitSignal(first.raised, check_params_cb=lambda asked: asked == paths):
        assert not second.claim(paths)
    first.close()
    assert second.claim()  # the first is closed: the next start is the first
    second.close()


def test_the_first_is_told_of_more_photos_than_a_pipe_holds(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(Library(tmp_path))
    assert first.claim()
    paths = tuple(b"/photos/%01000d.jpg" % number for number in range(1000))
    with (
        subprocess.Popen([sys.executable, "-c", _OPEN_MANY, str(tmp_path)]),
        qtbot.waitSignal(first.raised, check_params_cb=lambda asked: asked == paths, timeout=60_000),
    ):
        pass
    first.close()


def test_each_library_has_a_window_of_its_own(tmp_path: Path) -> None:
    first, second = SingleInstance(Library(tmp_path / "a")), SingleInstance(Library(tmp_path / "b"))
    assert first.claim() and second.claim()
    first.close()
    second.close()


def test_what_a_crash_left_behind_keeps_nobody_out(qtbot: QtBot, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _LEAVE_A_SOCKET, str(tmp_path)], check=True, timeout=60)
    first, second = SingleInstance(Library(tmp_path)), SingleInstance(Library(tmp_path))
    assert first.claim()
    with qtbot.waitSignal(first.raised):
        assert not second.claim()
    first.close()


def test_a_minimised_window_comes_back(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    come_forward(window)
    assert not window.isMinimized()
    assert window.isVisible()


def test_whether_there_is_a_window_is_told_without_raising_it(qtbot: QtBot, tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert not is_open(library)
    first = SingleInstance(library)
    assert first.claim()
    with qtbot.assertNotEmitted(first.raised, wait=100):
        assert is_open(library)
    first.close()
    assert not is_open(library)
