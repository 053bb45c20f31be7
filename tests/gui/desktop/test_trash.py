"""Nothing goes without a yes, nothing is deleted for good."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop.trash import Trash, moved, to_recycle_bin
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.shelf import Shelf


class Bin:
    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.error: OSError | None = None

    def send(self, path: bytes) -> None:
        if self.error:
            raise self.error
        self.files.append(path)


class Unwanted:
    """A QFile that the recycle bin does not take."""

    def __init__(self, name: str) -> None:
        self.name = name

    def moveToTrash(self) -> bool:
        return False


@pytest.fixture
def bin_() -> Bin:
    return Bin()


@pytest.fixture
def trash(qtbot: QtBot, library: Library, bin_: Bin) -> Iterator[Trash]:
    window = QWidget()
    qtbot.addWidget(window)
    reader = LibraryReader(library)
    trash = Trash(window, reader, bin_.send)
    yield trash
    trash.close()
    reader.close()


def question(qtbot: QtBot, trash: Trash) -> QMessageBox:
    window = trash.parent()
    assert isinstance(window, QWidget)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    found = window.findChild(QMessageBox)
    assert isinstance(found, QMessageBox)
    return found


def button(box: QMessageBox, text: str) -> QPushButton:
    return next(found for found in box.findChildren(QPushButton) if found.text() == text)


def test_the_question_names_the_count_and_no_is_the_default(
    qtbot: QtBot, shelf: Shelf, trash: Trash, bin_: Bin
) -> None:
    ids = shelf.add(3)
    trash.ask(ids)
    box = question(qtbot, trash)
    assert box.text() == "Move 3 photos to the trash?"
    assert button(box, "Cancel").isDefault()
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert not box.isVisible()
    assert bin_.files == []


def test_a_yes_moves_every_file_and_tells(qtbot: QtBot, shelf: Shelf, trash: Trash, bin_: Bin) -> None:
    ids = shelf.add(2)
    trash.ask(ids)
    box = question(qtbot, trash)
    with qtbot.waitSignal(trash.moved) as moved:
        QTest.mouseClick(button(box, "Move to trash"), Qt.MouseButton.LeftButton)
    assert moved.args == [ids]
    assert bin_.files == [b"/photos/0.jpg", b"/photos/1.jpg"]


def test_a_drive_without_trash_keeps_its_files_and_says_so(
    qtbot: QtBot, shelf: Shelf, trash: Trash, bin_: Bin
) -> None:
    bin_.error = OSError(errno.EACCES, "Permission denied")
    trash.ask(shelf.add(1))
    box = question(qtbot, trash)
    with qtbot.waitSignal(trash.failed) as failed:
        QTest.mouseClick(button(box, "Move to trash"), Qt.MouseButton.LeftButton)
    assert failed.args is not None
    assert "/photos/0.jpg stays where it is" in failed.args[0]
    assert "Permission denied" in failed.args[0]


def test_photos_of_a_drive_that_is_away_are_not_asked_about(
    qtbot: QtBot, library: Library, shelf: Shelf, trash: Trash
) -> None:
    ids = shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_away(writer.add_folder(b"/photos", "a volume").folder_id, True)
    with qtbot.waitSignal(trash.failed) as failed:
        trash.ask(ids)
    assert failed.args == ["That photo is on a drive that is not connected."]


def test_real_files_of_any_name_can_be_put_back(tmp_path: Path) -> None:
    names = [b"dog.jpg", "été 图片.jpg".encode(), b"not \xff unicode.jpg"]
    paths = [os.path.join(os.fsencode(tmp_path), name) for name in names]  # noqa: PTH118  (bytes)
    for path in paths:
        Path(os.fsdecode(path)).write_bytes(path)
    home = tmp_path / "home"
    home.mkdir()
    code = """if True:
        import os, sys
        from photosearch.gui.desktop.trash import send_to_trash
        for path in sys.argv[1:]:
            send_to_trash(os.fsencode(path))
    """
    surroundings = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "share")}
    subprocess.run([sys.executable, "-c", code, *paths], env=surroundings, check=True, timeout=120)
    assert not any(Path(os.fsdecode(path)).exists() for path in paths)
    kept = {file.read_bytes() for file in home.rglob("*") if file.is_file()}
    assert kept >= set(paths)


def test_what_the_recycle_bin_does_not_take_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "dog.jpg"
    file.write_bytes(b"dog")
    monkeypatch.setattr("photosearch.gui.desktop.trash.QFile", Unwanted)
    count, problem = moved([os.fsencode(file)], lambda path: to_recycle_bin(os.fsdecode(path)))
    assert count == 0 and "recycle bin" in problem
    assert file.read_bytes() == b"dog"
