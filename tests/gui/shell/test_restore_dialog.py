"""Going back to a copy of the library, chosen in the window."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.restore_dialog import RestoreDialog, gone_back
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.store import backup
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_library import make_colour_library
from tests.helpers.processes import ENVIRONMENT, PATIENCE

DAY = 86_400.0


def with_a_copy(library: Library) -> Path:
    """A library of six photos with three captions, and a copy of it from before two of these were written."""
    make_colour_library(library, 6, captioned=1)
    copy = backup.back_up(library, 3, time.time() - DAY)
    with Writer.open(library) as writer:
        writer.set_caption(3, "late")
        writer.set_caption(4, "later")
    return copy


def captions(library: Library) -> int:
    with Reader.open(library) as reader:
        return len(list(reader.captions()))


def test_what_would_be_lost_is_said_before_one_goes_back(
    qtbot: QtBot, make_window: Callable[[], Window], library: Library, tmp_path: Path
) -> None:
    copy = with_a_copy(library)
    commands = make_window().findChild(Commands)
    dialog = commands.open_restore()
    assert isinstance(dialog, RestoreDialog)
    qtbot.waitUntil(dialog.go_back.isEnabled)
    assert "The copy has 6 photos, 1 caption" in dialog.content.text()
    assert "The library has 6 photos, 3 captions" in dialog.content.text()
    assert "will be lost" in dialog.content.text()
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database")
    dialog.add(broken)
    qtbot.waitUntil(lambda: "no copy of a library" in dialog.content.text())
    assert not dialog.go_back.isEnabled()
    dialog.copies.setCurrentRow(1)
    qtbot.waitUntil(dialog.go_back.isEnabled)
    with qtbot.waitSignal(commands.restore_wanted) as wanted:
        dialog.go_back.click()
    assert wanted.args == [copy]
    assert captions(library) == 3, "nothing is done while a window is open"


@pytest.mark.parametrize("year", [-400, 20_000])
def test_a_copy_of_any_date_is_listed(
    qtbot: QtBot,
    make_window: Callable[[], Window],
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    year: int,
) -> None:
    copy, look = with_a_copy(library), Path.stat

    def far_away(path: Path, **options: bool) -> object:
        status = look(path, **options)
        if path != copy:
            return status
        fields = {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}
        return SimpleNamespace(**fields | {"st_mtime": (year - 1970) * 365.25 * DAY})

    monkeypatch.setattr(Path, "stat", far_away)
    dialog = make_window().findChild(Commands).open_restore()
    assert isinstance(dialog, RestoreDialog)
    qtbot.waitUntil(dialog.go_back.isEnabled)
    assert dialog.copies.count() == 1


def test_without_a_copy_that_is_said(
    qtbot: QtBot, make_window: Callable[[], Window], library: Library
) -> None:
    make_colour_library(library, 2)
    dialog = make_window().findChild(Commands).open_restore()
    assert isinstance(dialog, RestoreDialog)
    qtbot.waitUntil(lambda: "no copies yet" in dialog.content.text())
    assert not dialog.go_back.isEnabled()


def test_going_back_keeps_the_state_before(qapp: QApplication, library: Library) -> None:
    copy = with_a_copy(library)
    assert "as it was in the copy" in gone_back(library, copy)
    assert captions(library) == 1
    (before,) = backup.set_aside(library)
    assert backup.content_of_copy(before).captions == 3
    assert "no copy of a library" in gone_back(library, library.lock)
    assert captions(library) == 1


PROGRAM = """
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from photosearch.gui import app
from photosearch.gui.shell.commands import Commands
from photosearch.paths import Library

build, windows = app.build, []

def go_back(commands):
    dialog = commands.open_restore()
    timer = QTimer(dialog, interval=20)
    timer.timeout.connect(lambda: dialog.go_back.isEnabled() and (timer.stop(), dialog.go_back.click()))
    timer.start()

def build_and_go_on(*args, **options):
    windows.append(build(*args, **options))
    commands = windows[-1].findChild(Commands)
    if len(windows) == 1:
        QTimer.singleShot(0, lambda: go_back(commands))
    else:
        QTimer.singleShot(300, lambda: (print(windows[-1].status.text.text()), commands.quit.trigger()))
    return windows[-1]

app.build = build_and_go_on
sys.exit(app.main(Library(Path(sys.argv[1])), "colours"))
"""


def test_the_program_goes_on_with_a_new_window(library: Library, tmp_path: Path) -> None:
    with_a_copy(library)
    environment = {**ENVIRONMENT, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, library.root],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "as it was in the copy" in ended.stdout
    assert captions(library) == 1
