"""What the window does with photos and folders that it is asked to open."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.core import messages, search_messages
from photosearch.gui.app import Application
from photosearch.gui.desktop import files
from photosearch.gui.library.places import ALL, Place
from photosearch.gui.query.runner import BEST
from photosearch.gui.shell.opening import Opening
from photosearch.gui.shell.settings_dialog import SettingsDialog
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets.drops import DropOverlay
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, shows


def open_paths(window: Window, *paths: bytes) -> None:
    opening = window.findChild(Opening)
    assert opening is not None
    opening.open(paths)


def held(kind: type[QDropEvent], *urls: str | QUrl) -> QDropEvent:
    """What a file manager would move, were it let."""
    carried = QMimeData()
    carried.setUrls([url if isinstance(url, QUrl) else QUrl.fromLocalFile(url) for url in urls])
    place = QPointF(5, 300) if kind is QDropEvent else QPoint(5, 300)
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    event = kind(place, actions, carried, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    event.setDropAction(Qt.DropAction.MoveAction)
    event.carried = carried  # type: ignore[attr-defined]  # Qt does not keep it
    return event


def drop(window: Window, *urls: str | QUrl) -> None:
    for kind in (QDragEnterEvent, QDropEvent):
        QApplication.sendEvent(window, held(kind, *urls))


def agree(window: Window) -> str:
    """Agree to what is offered; -> what that was."""
    (question,) = (box for box in window.findChildren(QMessageBox) if box.isVisible())
    question.buttons()[0].click()
    return question.text()


def test_a_photo_goes_by_its_file_where_one_looks(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bytes] = []
    monkeypatch.setattr(files, "reveal", shown.append)
    ids = shelf.add(2)
    shelf.copy([0, 1], b"/copies")
    window = make_window()
    detail, panel = window.viewer.detail, window.viewer.panel
    qtbot.waitUntil(lambda: len(window.grid.ids) == 2)

    def told(path: bytes, photo_id: int) -> list[bytes]:
        shown.clear()
        open_paths(window, path)
        qtbot.waitUntil(lambda: detail.isVisible() and detail.photo_id == photo_id)
        qtbot.waitUntil(lambda: detail.details is not None and detail.details.photo_id == photo_id)
        window.viewer.actions.reveal.trigger()
        qtbot.waitUntil(lambda: len(shown) > 0)
        assert detail.details is not None
        return [detail.details.files[0].path, *shown]

    for path, place in ((b"/copies/1.jpg", b"/copies"), (b"/photos/0.jpg", b"/photos")):
        assert told(path, ids[int(path[-5:-4])]) == [path, path]
        assert window.library.place == Place("folder", path=place)
        window.step_back()
    window.library.go(Place("folder", path=b"/copies"))
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == ids[::-1])
    window.grid.set_current(ids[0])
    window.viewer.actions.information.trigger()
    qtbot.waitUntil(lambda: panel.details is not None)
    assert panel.details is not None
    assert panel.details.files[0].path == b"/copies/0.jpg"
    window.library.go(ALL)
    qtbot.waitUntil(lambda: panel.details is not None and panel.details.files[0].path == b"/photos/0.jpg")


def test_a_photo_of_the_library_is_looked_at(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> None:
    ids = shelf.add(3)
    window = make_window()
    detail = window.viewer.detail
    open_paths(window, b"/elsewhere/x.jpg", b"/photos/1.jpg")  # before the photos are listed
    qtbot.waitUntil(lambda: detail.isVisible() and detail.photo_id == ids[1])
    window.step_back()
    window.library.go(Place("favourites"))
    qtbot.waitUntil(lambda: not len(window.grid.ids))
    open_paths(window, b"/photos/2.jpg")
    qtbot.waitUntil(lambda: detail.isVisible() and detail.photo_id == ids[2])
    assert shows(window, ids[::-1])()


def test_of_what_is_opened_at_once_the_last_is_shown(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    open_paths(window, b"/photos/0.jpg")
    open_paths(window, b"/photos/1.jpg")
    qtbot.waitUntil(lambda: window.viewer.detail.photo_id == ids[1])


def test_a_photo_is_looked_at_once_the_engine_has_brought_the_library_up_to_date(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, engine: FakeEngine, library: Library
) -> None:
    ids = shelf.add(1)
    engine.unreachable = "not yet"
    with closing(sqlite3.connect(library.database)) as database, database:
        newest = database.execute("SELECT * FROM _sqlite_migrations ORDER BY rowid DESC").fetchone()
        database.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (newest[2],))
    window = make_window()
    open_paths(window, b"/photos/0.jpg")
    qtbot.waitUntil(window.status.retry.isVisible)
    with closing(sqlite3.connect(library.database)) as database, database:
        database.execute("INSERT INTO _sqlite_migrations VALUES (?, ?, ?, ?)", newest)
    engine.unreachable = None
    window.status.retry.click()
    qtbot.waitUntil(lambda: window.viewer.detail.photo_id == ids[0])


def test_of_another_photo_the_folder_is_offered_and_it_is_looked_at_once_it_was_read(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, engine: FakeEngine, tmp_path: Path
) -> None:
    shelf.add(1)
    window = make_window()
    new = os.fsencode(tmp_path / "trip" / "new.jpg")
    open_paths(window, new)
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert agree(window) == "“new.jpg” is not in the library yet. Add its folder?"
    assert engine.orders.get(timeout=5) == messages.AddFolder(os.fsencode(tmp_path / "trip"))
    ids = shelf.add(1, folder=os.fsencode(tmp_path / "trip"), name=b"new.jpg")
    engine.tell(messages.PhotosChanged(2))
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: detail.isVisible() and detail.photo_id == ids[0])


def test_what_was_offered_in_vain_is_not_looked_at_later(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, engine: FakeEngine
) -> None:
    ids = shelf.add(1)
    window = make_window()
    seen: list[object] = []
    window.viewer.detail.photo_changed.connect(lambda: seen.append(window.viewer.detail.photo_id))
    open_paths(window, b"/trip/new.jpg")
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    (question,) = window.findChildren(QMessageBox)
    question.reject()
    ids += shelf.add(1, folder=b"/trip", name=b"new.jpg")
    engine.tell(messages.PhotosChanged(2))
    qtbot.waitUntil(shows(window, ids[::-1]))
    open_paths(window, b"/photos/0.jpg")
    qtbot.waitUntil(lambda: window.viewer.detail.photo_id == ids[0])
    assert seen == ids[:1]


def test_a_folder_is_shown_or_offered(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, engine: FakeEngine, tmp_path: Path
) -> None:
    shelf.add(1)
    window = make_window()
    below = Place("folder", path=b"/photos/below")
    open_paths(window, b"/photos/below")
    qtbot.waitUntil(lambda: window.library.place == below)
    assert not window.header.field.text() and window.header.field.scope_name == "below"
    open_paths(window, b"/photos/unread.jpg")
    qtbot.waitUntil(lambda: "“unread.jpg” has not been read yet" in window.status.text.text())
    open_paths(window, os.fsencode(tmp_path))
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert agree(window) == f"Add the folder “{tmp_path.name}”?"
    assert engine.orders.get(timeout=5) == messages.AddFolder(os.fsencode(tmp_path))


def test_nothing_is_said_behind_the_photo_in_view(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(1)
    window = make_window()
    detail = window.viewer.detail
    below = Place("folder", path=b"/photos/below")
    qtbot.waitUntil(shows(window, ids))
    for path, said in (
        (b"/photos/below", lambda: window.library.place == below),
        (b"/photos/unread.jpg", lambda: "“unread.jpg” has not been read yet" in window.status.text.text()),
    ):
        window.viewer.open(ids[0])
        open_paths(window, path)
        qtbot.waitUntil(said)
        assert detail.isHidden()


def test_of_pictures_that_are_dropped_the_first_of_the_library_is_shown_else_photos_like_them(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, engine: FakeEngine
) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(lambda: window.has_photos)
    drop(window, "/elsewhere/x.jpg", "/photos/1.jpg")
    qtbot.waitUntil(lambda: window.viewer.detail.photo_id == ids[1])
    drop(window, "/elsewhere/x.jpg", "/photos/unread.jpg")
    like = search_messages.Search("like:/elsewhere/x.jpg like:/photos/unread.jpg", BEST)
    qtbot.waitUntil(lambda: like in engine.asked)
    assert window.viewer.detail.isHidden()
    assert not window.findChildren(QMessageBox)


def test_of_a_picture_that_is_dropped_on_an_empty_library_the_folder_is_offered(
    qtbot: QtBot, make_window: MakeWindow, engine: FakeEngine
) -> None:
    window = make_window()
    drop(window, "/trip/new.jpg")
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    agree(window)
    assert engine.orders.get(timeout=5) == messages.AddFolder(b"/trip")


def test_where_there_is_no_library_yet_the_folder_is_offered(
    qtbot: QtBot, make_window: MakeWindow, engine: FakeEngine
) -> None:
    window = make_window()
    open_paths(window, b"/trip/new.jpg")
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    agree(window)
    assert engine.orders.get(timeout=5) == messages.AddFolder(b"/trip")


def test_the_system_may_tell_the_application_what_to_open(qapp: Application, qtbot: QtBot) -> None:
    with qtbot.waitSignal(qapp.file_opened, check_params_cb=lambda path: path == b"/photos/1.jpg"):
        QApplication.sendEvent(qapp, QFileOpenEvent("/photos/1.jpg"))


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The photos for which the person is asked for a program."""
    asked: list[bytes] = []
    monkeypatch.setattr(files, "choose_program", lambda path, window, refused: asked.append(path))
    return asked


def test_a_photo_of_another_folder_can_be_handed_to_another_program(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, handed_on: list[bytes]
) -> None:
    shelf.add(1)
    window = make_window()
    open_paths(window, b"/trip/new.jpg")
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    (question,) = window.findChildren(QMessageBox)
    next(button for button in question.buttons() if button.text() == "Open with…").click()
    assert handed_on == [b"/trip/new.jpg"]


def test_a_folder_of_all_sorts_is_not_offered_for_one_photo_in_it(
    qtbot: QtBot,
    shelf: Shelf,
    make_window: MakeWindow,
    handed_on: list[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf.add(1)
    window = make_window()
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    photo = os.fsencode(tmp_path / "new.jpg")
    open_paths(window, photo)
    qtbot.waitUntil(lambda: "“new.jpg” is not in the library" in window.status.text.text())
    assert not window.findChildren(QMessageBox)
    window.status.offer.click()
    assert handed_on == [photo]


def test_what_is_dropped_stays_where_it_came_from(shelf: Shelf, make_window: MakeWindow) -> None:
    shelf.add(1)
    window = make_window()
    for taker in (window, window.header.field):
        for kind in (QDragEnterEvent, QDragMoveEvent, QDropEvent):
            event = held(kind, "/elsewhere/dog.jpg")
            QApplication.sendEvent(taker, event)
            assert event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction


def test_it_is_said_what_a_drop_will_do(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> None:
    empty = make_window()
    overlay = empty.findChild(DropOverlay)
    assert overlay is not None
    QApplication.sendEvent(empty, held(QDragEnterEvent, "/elsewhere/dog.jpg"))
    assert overlay.isVisible() and overlay.text == "Drop to add its folder"
    empty.close()
    shelf.add(1)
    window = make_window()
    qtbot.waitUntil(lambda: window.has_photos)
    overlay = window.findChild(DropOverlay)
    assert overlay is not None
    for paths, said in (
        (["/elsewhere/dog.jpg"], "Drop to find photos like it"),
        (["/elsewhere/dog.jpg", "/elsewhere"], "Drop to add this folder"),
    ):
        QApplication.sendEvent(window, held(QDragEnterEvent, *paths))
        assert overlay.text == said


def test_a_dropped_folder_is_added_and_photos_are_opened(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "été 图片"
    folder.mkdir()
    window = make_window()
    photo = folder / "猫.JPG"
    drop(window, str(photo), str(folder), QUrl("https://example.org/"))
    assert engine.orders.get(timeout=5) == messages.AddFolder(str(folder).encode())
    assert engine.orders.empty()
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert agree(window) == "“猫.JPG” is not in the library yet. Add its folder?"


def test_a_dropped_folder_need_not_be_named_in_unicode(engine: FakeEngine, make_window: MakeWindow) -> None:
    drop(make_window(), QUrl.fromEncoded(b"file:///photos/my%FF%0Atrip"))
    assert engine.orders.get(timeout=5) == messages.AddFolder(b"/photos/my\xff\ntrip")


def test_a_dropped_model_is_no_folder_of_photos(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow, tmp_path: Path
) -> None:
    model, photos = tmp_path / "clip", tmp_path / "drawn"
    for folder in (model, photos):
        folder.mkdir()
        for name in ("config.json", "model.safetensors"):
            (folder / name).touch()
    (photos / "1.png").touch()
    window = make_window()
    drop(window, str(model), str(photos))
    assert engine.orders.get(timeout=5) == messages.AddFolder(os.fsencode(photos))
    assert engine.orders.empty()
    assert "“clip” is a model" in window.status.text.text()
    window.status.offer.click()
    (opened,) = window.findChildren(SettingsDialog)
    assert opened.isVisible()
