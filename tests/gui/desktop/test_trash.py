"""Nothing goes without a yes, nothing is deleted for good."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from photosearch.core.history_messages import RecordTrash, TrashedFile
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop.system_trash import is_back, put_back, send_all, to_recycle_bin
from photosearch.gui.desktop.trash import Trash
from photosearch.paths import Library
from photosearch.store.folders import FileChoice
from photosearch.store.writer import Writer
from tests.helpers.shelf import Shelf


class Bin:
    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.error: OSError | None = None

    def send(self, path: bytes) -> bytes:
        if self.error:
            raise self.error
        self.files.append(path)
        return b"/trash/" + path.rpartition(b"/")[2]


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
def trash(qtbot: QtBot, reader: LibraryReader, bin_: Bin, tmp_path: Path) -> Iterator[Trash]:
    window = QWidget()
    qtbot.addWidget(window)
    trash = Trash(window, reader, tmp_path / "trashing", bin_.send)
    yield trash
    trash.close()


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


def test_from_a_folder_go_its_own_files_and_from_elsewhere_all_of_a_photo(
    qtbot: QtBot, shelf: Shelf, trash: Trash, reader: LibraryReader, bin_: Bin
) -> None:
    ids = shelf.add(3)
    shelf.copy([0, 1], b"/photos/inner")
    shelf.copy([0], b"/photos2")
    trash.ask(ids)
    box = question(qtbot, trash)
    assert box.informativeText() == (
        "In photos, inner and 1 more folder.\n\n6 files go, and can be put back from there."
    )
    QTest.mouseClick(button(box, "Cancel"), Qt.MouseButton.LeftButton)
    box.setParent(None)
    reader.choice = FileChoice([b"/photos"])
    trash.ask(ids)
    reader.choice = FileChoice()  # one has gone on before it is read
    box = question(qtbot, trash)
    assert box.informativeText() == (
        "In photos and inner.\n\n5 files go, and can be put back from there.\n\n"
        "A copy in another folder stays."
    )
    with qtbot.waitSignal(trash.moved) as moved:
        QTest.mouseClick(button(box, "Move to trash"), Qt.MouseButton.LeftButton)
    assert moved.args == [ids]
    assert sorted(bin_.files) == [
        b"/photos/0.jpg",
        b"/photos/1.jpg",
        b"/photos/2.jpg",
        b"/photos/inner/0.jpg",
        b"/photos/inner/1.jpg",
    ]


def test_copies_that_stay_are_counted(
    qtbot: QtBot, library: Library, shelf: Shelf, trash: Trash, reader: LibraryReader
) -> None:
    ids = shelf.add(2)
    shelf.copy([0, 1], b"/family")
    reader.choice = FileChoice([b"/family"])
    with Writer.open(library) as writer:  # a drive that is away keeps its copies, too
        writer.set_away(writer.add_folder(b"/photos", "a volume").folder_id, True)
    trash.ask(ids)
    assert question(qtbot, trash).informativeText().endswith("\n\nCopies in other folders stay: 2 files.")


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


def test_what_went_is_told_so_that_it_can_be_undone(
    qtbot: QtBot, shelf: Shelf, trash: Trash, bin_: Bin, tmp_path: Path
) -> None:
    trash.ask(shelf.add(2))
    box = question(qtbot, trash)
    told: list[RecordTrash] = []
    trash.recorded.connect(told.append)
    with qtbot.waitSignal(trash.files_moved):
        QTest.mouseClick(button(box, "Move to trash"), Qt.MouseButton.LeftButton)
    files = (
        TrashedFile(b"/photos/0.jpg", b"/trash/0.jpg"),
        TrashedFile(b"/photos/1.jpg", b"/trash/1.jpg"),
    )
    assert told == [RecordTrash(files, 2)]
    trash.remembered(told[0])
    assert not any(tmp_path.joinpath("trashing").iterdir())
    done: list[int] = []
    with qtbot.waitSignal(trash.recorded) as again:
        trash.send_again(7, files[:1], lambda: done.append(7))
    assert again.args == [RecordTrash(files[:1], 0, 7)]
    bin_.error = PermissionError()
    with qtbot.waitSignals([trash.recorded, trash.failed]):
        trash.send_again(7, files[:1], lambda: done.append(9))
    assert told[2:] == [RecordTrash((), 0, 7)]  # it was not redone
    bin_.error = FileNotFoundError()
    with qtbot.assertNotEmitted(trash.recorded):
        trash.send_again(7, files, lambda: done.append(8))
        qtbot.waitUntil(lambda: not trash.busy)
    assert done == [7]


def test_files_come_back_and_one_that_cannot_is_named(qtbot: QtBot, tmp_path: Path, trash: Trash) -> None:
    kept, gone, taken = (
        TrashedFile(os.fsencode(tmp_path / "photos" / name), os.fsencode(tmp_path / "bin" / name))
        for name in ("kept.jpg", "gone.jpg", "taken.jpg")
    )
    for folder in ("bin", "photos"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bin" / "kept.jpg").write_bytes(b"kept")
    (tmp_path / "bin" / "taken.jpg").write_bytes(b"old")
    (tmp_path / "photos" / "taken.jpg").write_bytes(b"new")
    done: list[int] = []
    records: list[RecordTrash] = []
    trash.recorded.connect(records.append)
    with qtbot.waitSignals([trash.files_moved, trash.failed]), qtbot.waitSignal(trash.failed) as told:
        trash.put_back(5, [gone, kept, taken], lambda: done.append(5))
    assert (tmp_path / "photos" / "kept.jpg").read_bytes() == b"kept"
    assert "gone.jpg cannot be put back: it is not where it was put in the trash" in str(told.args)
    assert records == [RecordTrash((taken,), 1, 5)]  # may be taken back yet; what is gone never
    with qtbot.waitSignal(trash.failed) as failed:
        trash.put_back(5, [taken], lambda: done.append(6))
    assert "taken.jpg was not put back: File exists" in str(failed.args)
    assert (tmp_path / "photos" / "taken.jpg").read_bytes() == b"new"
    assert (tmp_path / "bin" / "taken.jpg").read_bytes() == b"old"
    assert records[1:] == [RecordTrash((taken,), 1, 5)]
    unknown = TrashedFile(os.fsencode(tmp_path / "photos" / "a.jpg"), b"")
    away = TrashedFile(unknown.path_bytes, os.fsencode(tmp_path / "away" / ".Trash-1" / "files" / "a.jpg"))
    for file in unknown, away:
        with qtbot.waitSignal(trash.failed):
            trash.put_back(6, [file], lambda: done.append(7))
    assert records[2:] == [RecordTrash((away,), 1, 6)]
    assert done == [5]


def test_real_files_of_any_name_are_put_back(tmp_path: Path) -> None:
    names = [b"dog.jpg", "été 图片.jpg".encode(), b"not \xff unicode.jpg", b"dog 1.jpg", b"noending"]
    photos, home = tmp_path / "photos", tmp_path / "home"
    photos.mkdir()
    home.mkdir()
    paths = [os.path.join(os.fsencode(photos), name) for name in names]  # noqa: PTH118  (bytes)
    code = """if True:
        import os, sys
        from photosearch.gui.desktop.system_trash import send_to_trash
        for path in sys.argv[1:]:
            print(send_to_trash(os.fsencode(path)).hex())
    """
    surroundings = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "share")}

    def send() -> list[TrashedFile]:
        for path in paths:
            Path(os.fsdecode(path)).write_bytes(path)
        command = [sys.executable, "-c", code, *paths]
        done = subprocess.run(command, env=surroundings, check=True, timeout=120, stdout=subprocess.PIPE)
        places = [bytes.fromhex(line) for line in done.stdout.decode().splitlines()]
        return list(map(TrashedFile, paths, places))

    first, second = send(), send()  # of the same names
    assert not any(photos.iterdir())
    for sent in (first, second):
        shutil.rmtree(photos)
        for file in sent:
            put_back(file)
        assert {file.read_bytes() for file in photos.iterdir()} == set(paths)
        for file in photos.iterdir():
            file.unlink()
    assert not [file for file in home.rglob("*") if file.is_file()]  # what was told of them is gone, too


if sys.platform == "linux":

    def test_what_went_before_a_kill_can_be_undone(
        qtbot: QtBot, tmp_path: Path, trash: Trash, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = """if True:
            import os, signal, sys
            from pathlib import Path
            from photosearch.gui.desktop.system_trash import send_all, send_to_trash
            from photosearch.gui.desktop.trash_journal import TrashJournal

            def send(path):
                lies = send_to_trash(path)
                if path.endswith(b"3.jpg"):
                    os.kill(os.getpid(), signal.SIGKILL)
                return lies

            journal = TrashJournal.new(Path(sys.argv[1]))
            send_all([os.fsencode(path) for path in sys.argv[2:]], journal.noting(send))
        """
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
        paths = [tmp_path / f"{number}.jpg" for number in range(1, 6)]
        for path in paths:
            path.write_text(path.name)
        command = [sys.executable, "-c", code, str(tmp_path / "trashing"), *map(str, paths)]
        assert subprocess.run(command, check=False, timeout=120).returncode == -signal.SIGKILL
        assert [path.exists() for path in paths] == [False, False, False, True, True]
        with qtbot.waitSignal(trash.recorded) as told:
            trash.record_left()
        record = told.args[0]
        assert [file.path_bytes for file in record.files] == [os.fsencode(path) for path in paths[:3]]
        with qtbot.assertNotEmitted(trash.failed), qtbot.waitSignal(trash.files_moved):
            trash.put_back(7, record.files, lambda: None)
        assert [path.read_text() for path in paths] == [path.name for path in paths]
        trash.remembered(record)
        with qtbot.assertNotEmitted(trash.recorded):
            trash.record_left()


def test_what_the_recycle_bin_does_not_take_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "dog.jpg"
    file.write_bytes(b"dog")
    monkeypatch.setattr("PySide6.QtCore.QFile", Unwanted)
    sent, problem = send_all([os.fsencode(file)], lambda path: to_recycle_bin(os.fsdecode(path)))
    assert sent == () and "recycle bin" in problem
    assert file.read_bytes() == b"dog"


def test_what_is_told_of_a_file_in_the_recycle_bin_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "$RABC.jpg").write_bytes(b"dog")
    (tmp_path / "$IABC.jpg").write_bytes(b"where it was")
    put_back(TrashedFile(os.fsencode(tmp_path / "dog.jpg"), os.fsencode(tmp_path / "$RABC.jpg")))
    assert [file.name for file in tmp_path.iterdir()] == ["dog.jpg"]


def test_a_file_put_back_takes_no_other_from_the_trash(tmp_path: Path) -> None:
    for name in ("a$R.jpg", "a$I.jpg"):  # no recycle bin's own names
        (tmp_path / name).write_bytes(name.encode())
    put_back(TrashedFile(os.fsencode(tmp_path / "dog.jpg"), os.fsencode(tmp_path / "a$R.jpg")))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a$I.jpg", "dog.jpg"]


def test_what_still_lies_in_the_trash_is_not_back(tmp_path: Path) -> None:
    lying, gone = tmp_path / "lying.jpg", tmp_path / "gone.jpg"
    lying.touch()
    assert [is_back(TrashedFile(b"dog.jpg", os.fsencode(file))) for file in (lying, gone)] == [False, True]
    assert not is_back(TrashedFile(b"dog.jpg", b""))


def test_files_go_and_come_back_in_turn(
    qtbot: QtBot, tmp_path: Path, trash: Trash, bin_: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go, lying = threading.Event(), tmp_path / "bin" / "lying.jpg"
    lying.parent.mkdir()
    lying.touch()
    send = bin_.send

    def sent(path: bytes) -> bytes:
        assert may_go.wait(60)
        return send(path)

    monkeypatch.setattr(trash, "_send", sent)
    trash.send_again(7, [TrashedFile(b"/photos/a.jpg", b"/trash/gone.jpg")], lambda: None)
    trash.put_back(8, [TrashedFile(os.fsencode(tmp_path / "back.jpg"), os.fsencode(lying))], lambda: None)
    assert trash.busy and lying.exists()
    may_go.set()
    qtbot.waitUntil(lambda: not trash.busy)
    assert (tmp_path / "back.jpg").exists()
