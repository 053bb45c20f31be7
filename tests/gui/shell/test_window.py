import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QInputMethodEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.core import messages, search_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.extra_messages import AddExtra, Extra, ExtraChanged, FetchProgress
from photosearch.core.model_messages import Adding, AddingChanged
from photosearch.core.note_messages import NotesChanged
from photosearch.core.photo import Confidence
from photosearch.core.progress import Progress
from photosearch.extras import GPU
from photosearch.gui import app
from photosearch.gui.desktop import pictures
from photosearch.gui.grid.timeline import Timeline
from photosearch.gui.library import places
from photosearch.gui.library.places import ALL
from photosearch.gui.library.sidebar_row import node_of
from photosearch.gui.query.runner import BEST
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets.pages import WelcomePage
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.shown_words import shown_words
from tests.helpers.windows import MakeWindow, shows


def test_tab_walks_through_the_header_as_it_stands(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.header.field.setFocus()
    for following in (window.zoom.focusProxy(), window.header.add_folder):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert window.focusWidget() is following


def test_no_button_moves_when_something_is_said(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.grid.select_all()
    buttons = (window.library.sidebar.settings, window.library.sidebar.help, window.selection)
    qtbot.waitUntil(window.selection.isVisible)
    before = [button.mapTo(window, QPoint()) for button in buttons]
    window.status.show_message("Copied.")
    qtbot.waitUntil(lambda: window.status.isVisible() and window.status.height() > 0)
    QApplication.sendPostedEvents()
    assert [button.mapTo(window, QPoint()) for button in buttons] == before


def test_header_and_sidebar_tell_the_same_number(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    shelf.add(3)
    engine.tell(NotesChanged(()))  # at which the sidebar is read, and the photos are not
    qtbot.waitUntil(lambda: window.library.sidebar.contents.photos == 5)
    assert window.header.count.text() == "5 photos"


def test_f11_fills_the_screen_with_the_window_and_gives_it_back(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_F11)
    assert window.isFullScreen()
    window.viewer.open(ids[0])
    detail = window.viewer.detail
    assert not detail.is_bare
    QTest.keyClick(detail.picture, Qt.Key.Key_F11)
    assert detail.is_bare
    QTest.keyClick(detail.picture, Qt.Key.Key_Escape)
    assert not detail.is_bare and window.isFullScreen()
    QTest.keyClick(detail.picture, Qt.Key.Key_Escape)
    assert detail.isHidden() and window.isFullScreen()
    QTest.keyClick(window.grid, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    QTest.keyClick(window.grid, Qt.Key.Key_F11)
    window.grid.select_all()
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)
    assert window.isFullScreen()
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)
    assert not window.isFullScreen()


def test_what_is_refused_is_said_over_the_photo_in_view_too(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.viewer.open(ids[0])
    note = window.viewer.detail.note
    engine.refusal = "The disk is full."
    window.library.rescan_all()
    qtbot.waitUntil(lambda: note.isVisible() and note.text.text() == "The disk is full.")
    assert window.status.text.text() == "The disk is full."
    engine.tell(messages.Problem(Sentence("A folder cannot be watched.")))
    qtbot.waitUntil(lambda: note.text.text() == "A folder cannot be watched.")


def enter_text(window: Window, text: str) -> None:
    window.header.field.setText(text)
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)


def test_an_empty_library_is_welcomed_and_the_one_thing_to_do_has_the_keyboard(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.welcome)
    assert window.focusWidget() is window.pages.welcome.add_folder


@pytest.mark.parametrize("height", [255, 600])
def test_the_picture_of_the_welcome_is_whole_where_room_is_little(qtbot: QtBot, height: int) -> None:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.resize(640, height)
    page.show()
    labels = page.findChildren(QLabel)
    picture = next(label for label in labels if not label.pixmap().isNull())
    qtbot.waitUntil(lambda: all(label.height() >= label.sizeHint().height() for label in labels))
    assert picture.sizeHint().height() == 88 if height == 600 else picture.sizeHint().height() >= 32


def test_the_persons_own_pictures_are_offered_first_and_enter_adds_them(
    qtbot: QtBot, make_window: MakeWindow, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "Pictures"
    for file in ("a.jpg", "trip/b.JPG", "trip/notes.txt", ".trash/c.jpg"):
        (own / file).parent.mkdir(parents=True, exist_ok=True)
        (own / file).touch()
    monkeypatch.setattr(pictures, "location", lambda: os.fspath(own))
    window = make_window()
    qtbot.waitUntil(window.pages.welcome.add_pictures.isVisible)
    assert window.pages.welcome.add_pictures.text() == "Add “Pictures”, 2 photos"
    assert window.pages.welcome.add_folder.text() == "Another folder…"
    assert window.focusWidget() is window.pages.welcome.add_pictures
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == messages.AddFolder(os.fsencode(own))
    window.pages.welcome.offer_pictures(os.fspath(own), 1_234, True)
    assert window.pages.welcome.add_pictures.text() == "Add “Pictures”, about 1,200 photos"
    window.pages.welcome.offer_pictures(os.fspath(own), 20_071, False)
    assert window.pages.welcome.add_pictures.text() == "Add “Pictures”, more than 20,000 photos"


def test_all_photos_are_shown_newest_first(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> None:
    ids = shelf.add(30)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.header.count.text() == "30 photos"


def test_what_cannot_be_read_says_so_and_the_rest_stays(
    qtbot: QtBot,
    shelf: Shelf,
    engine: FakeEngine,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = shelf.add(3)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    for part in ("failures", "timeline_and_days"):  # of the sidebar, of the grid

        def fails(reader: Reader, *_: object, part: str = part) -> None:
            raise KnownError(f"The disk with {part} cannot be read.")

        monkeypatch.setattr(Reader, part, fails)
        engine.tell(messages.FoldersChanged([]))
        told = f"The disk with {part} cannot be read."
        qtbot.waitUntil(lambda told=told: window.status.text.text() == told)  # type: ignore[misc]
        assert shows(window, ids[::-1])()
    monkeypatch.setattr(Reader, "details", fails)
    window.viewer.open(ids[0])
    qtbot.waitUntil(lambda: "cannot be read" in window.viewer.detail.note.text.text())


def test_a_place_that_cannot_be_read_says_so_in_its_place(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = shelf.add(3)
    with monkeypatch.context() as broken:

        def fails(reader: Reader, *_: object) -> None:
            raise KnownError("The disk cannot be read.")

        broken.setattr(Reader, "timeline_and_days", fails)
        window = make_window()
        qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.message)
        assert shown_words(window.pages.message) >= {
            "These photos cannot be listed",
            "The disk cannot be read.",
        }
    window.browsing.refresh()
    qtbot.waitUntil(shows(window, ids[::-1]))


def test_results_come_while_typing_and_leave_with_the_text(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(30)
    engine.search = lambda question: result(ids[3:8], query="two dogs")
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    QTest.keyClicks(window.header.field, "two dogs")
    qtbot.waitUntil(shows(window, ids[3:8]))
    assert engine.asked[-1] == search_messages.Search("two dogs", BEST)
    assert window.header.count.text() == "5 strong matches among 5 photos"
    window.header.field.clear()
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.header.count.text() == "30 photos"


def test_stale_answers_are_dropped_and_the_newest_question_wins(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(9)
    go_on = threading.Event()

    def search(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        assert isinstance(question, search_messages.Search)
        if question.text == "slow":
            go_on.wait(10)
        return result({"slow": ids[:1], "last": ids[2:3]}[question.text], query=question.text)

    engine.search = search
    window = make_window()
    shown: list[list[int]] = []
    window.search.runner.answered.connect(lambda _, found: shown.append([hit.photo_id for hit in found.hits]))
    enter_text(window, "slow")
    qtbot.waitUntil(lambda: len(engine.asked) == 1)
    qtbot.waitUntil(lambda: window.header.busy.busy)
    for text in ("never asked", "last"):
        enter_text(window, text)
    go_on.set()
    qtbot.waitUntil(shows(window, ids[2:3]))
    assert shown == [ids[2:3]]
    assert [question.text for question in engine.asked if isinstance(question, search_messages.Search)] == [
        "slow",
        "last",
    ]
    assert not window.header.busy.busy


def test_old_results_stay_until_new_ones_come(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(9)
    go_on = threading.Event()
    engine.search = lambda question: result(ids[:2])
    window = make_window()
    enter_text(window, "first")
    qtbot.waitUntil(shows(window, ids[:2]))

    def waits(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        go_on.wait(10)
        return result(ids[4:6])

    engine.search = waits
    enter_text(window, "second")
    qtbot.waitUntil(lambda: len(engine.asked) == 2)
    assert shows(window, ids[:2])()
    go_on.set()
    qtbot.waitUntil(shows(window, ids[4:6]))


def test_a_query_of_any_script_reaches_the_engine(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow
) -> None:
    window = make_window()
    composing = QInputMethodEvent("gou", [])
    QApplication.sendEvent(window.header.field, composing)
    committed = QInputMethodEvent("", [])
    committed.setCommitString("海滩上的狗")
    QApplication.sendEvent(window.header.field, committed)
    qtbot.waitUntil(lambda: engine.asked == [search_messages.Search("海滩上的狗", BEST)])
    window.header.field.setText("собака 🐕")
    qtbot.waitUntil(lambda: len(engine.asked) == 2)


def test_unsure_results_are_said_to_be_unsure(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(3)
    engine.search = lambda question: result(ids, query="zzyzx", confidence=Confidence.WEAK)
    window = make_window()
    enter_text(window, "zzyzx")
    qtbot.waitUntil(lambda: window.header.count.text().startswith("Nothing here matches well"))


def test_a_refused_search_says_why_and_the_next_one_works(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(3)

    def refuses(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        raise KnownError("That is too long.")

    engine.search = refuses
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    enter_text(window, "x")
    qtbot.waitUntil(lambda: window.header.count.text() == "That is too long.")
    assert shows(window, ids[::-1])()  # what was there stays
    engine.search = lambda question: result(ids)
    enter_text(window, "y")
    qtbot.waitUntil(shows(window, ids))


def test_similar_photos_replace_the_text(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(6)
    engine.search = lambda question: result(ids[1:3])
    window = make_window()
    enter_text(window, "x")
    qtbot.waitUntil(shows(window, ids[1:3]))
    window.grid.enter()
    QTest.keyClick(window.grid, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: engine.asked[-1] == search_messages.Similar(ids[1], BEST))
    assert window.header.field.text() == ""
    qtbot.waitUntil(lambda: "among" in window.header.count.text())
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)  # the old text is no question any more
    assert engine.asked[-1] == search_messages.Similar(ids[1], BEST)
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)  # the selection
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)  # back to the old text
    qtbot.waitUntil(lambda: window.search.shown == search_messages.Search("x", BEST))
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)  # the query
    qtbot.waitUntil(shows(window, ids[::-1]))


def test_growth_of_the_library_keeps_place_and_selection(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(300)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.grid.verticalScrollBar().setValue(2000)
    window.grid.enter()
    place, selected = window.grid.first_in_view, window.grid.selected_ids.tolist()
    ids += shelf.add(20)
    engine.tell(messages.PhotosChanged(320))
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.grid.first_in_view == place
    assert window.grid.selected_ids.tolist() == selected
    assert window.header.count.text() == "320 photos"


def test_growth_of_the_library_leaves_results_alone(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(5)
    engine.search = lambda question: result(ids[:2])
    window = make_window()
    enter_text(window, "x")
    qtbot.waitUntil(shows(window, ids[:2]))
    ids += shelf.add(2)
    engine.tell(messages.PhotosChanged(7))
    everything = window.library.sidebar.tree.item_of(ALL)
    assert everything is not None
    qtbot.waitUntil(lambda: node_of(everything).count == "7")
    assert shows(window, ids[:2])()
    window.header.field.clear()
    qtbot.waitUntil(shows(window, ids[::-1]))


def test_a_query_returns_to_the_place_in_the_timeline(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(300)
    engine.search = lambda question: result(ids[:2])
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.grid.verticalScrollBar().setValue(2000)
    place = window.grid.first_in_view
    enter_text(window, "x")
    qtbot.waitUntil(shows(window, ids[:2]))
    window.header.field.clear()
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.grid.first_in_view == place


def test_a_query_returns_to_the_top_of_a_timeline_that_grew_meanwhile(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(3)
    engine.search = lambda question: result(ids[:2])
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    enter_text(window, "x")
    qtbot.waitUntil(shows(window, ids[:2]))
    ids += shelf.add(300)
    engine.tell(messages.PhotosChanged(303))
    everything = window.library.sidebar.tree.item_of(ALL)
    assert everything is not None
    qtbot.waitUntil(lambda: node_of(everything).count == "303")
    window.header.field.clear()
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.grid.verticalScrollBar().value() == 0


def test_a_query_from_elsewhere_is_answered_in_front_of_all_else(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(300)
    engine.search = lambda question: result(ids)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    for _ in range(2):  # the second time it is shown already, scrolled
        window.viewer.open(ids[150])
        window.answer("two dogs")
        qtbot.waitUntil(shows(window, ids))
        assert window.viewer.detail.isHidden()
        assert window.grid.verticalScrollBar().value() == 0


def test_progress_shows_and_can_be_paused(qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow) -> None:
    window = make_window()
    engine.tell(messages.ProgressChanged(Progress("indexing", 1240, 7000, 2, 84.6, 68.0)))
    qtbot.waitUntil(window.status.isVisible)
    qtbot.waitUntil(lambda: "1,240 of 7,000" in window.status.text.text())
    assert "85 a second" in window.status.text.text()
    assert "1 minute left" in window.status.text.text()
    QTest.mouseClick(window.status.pause, Qt.MouseButton.LeftButton)
    assert engine.orders.get(timeout=5) == messages.SetPaused(True)
    engine.tell(messages.ProgressChanged(Progress("paused", 1240, 7000)))
    qtbot.waitUntil(lambda: window.status.pause.text() == "Resume")
    engine.tell(messages.ProgressChanged(Progress("idle")))
    qtbot.waitUntil(window.status.isHidden)


def test_a_warming_model_is_noted(qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow) -> None:
    engine.status = messages.Status("m", False, "cpu", "float32", 0, 0, 0, [], Progress("idle"), True)
    window = make_window()
    qtbot.waitUntil(window.status.isVisible)
    engine.tell(messages.ModelReady("m"))
    qtbot.waitUntil(window.status.isHidden)


def test_a_new_window_leaves_room_for_its_title_bar_on_the_screen(
    library: Library, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = app.build(library, connect=engine.connect)
    qtbot.addWidget(window)
    room = window.screen().availableSize() - window.size()
    assert room.width() >= 8
    assert room.height() >= 40


def test_a_refused_order_is_told_and_dismissed(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow
) -> None:
    engine.refusal = "There is no such folder."
    window = make_window()
    window.add_folder("/nowhere")
    qtbot.waitUntil(lambda: window.status.text.text() == "There is no such folder.")
    assert window.status.retry.text() == "Dismiss"
    QTest.mouseClick(window.status.retry, Qt.MouseButton.LeftButton)
    assert "no such folder" not in window.status.text.text()


def test_what_was_refused_is_still_told_when_an_engine_is_reached(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow
) -> None:
    engine.refusal = "There is no such folder."
    window = make_window()
    window.add_folder("/nowhere")
    qtbot.waitUntil(lambda: window.status.text.text() == "There is no such folder.")
    engine.status = msgspec.structs.replace(engine.status, progress=Progress("paused", 1, 2))
    engine.die()
    qtbot.waitUntil(lambda: window.status.pause.text() == "Resume")  # as the one that is reached says
    assert window.status.text.text().startswith("There is no such folder.\n")


def test_an_engine_that_dies_is_reached_again_until_none_can_be_had(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow
) -> None:
    window = make_window()
    qtbot.waitUntil(lambda: engine.connections == 2)  # one listens, one asks how the models stand
    engine.die()
    qtbot.waitUntil(lambda: engine.connections == 3)
    engine.unreachable = "The search engine could not start."
    engine.die()
    qtbot.waitUntil(window.status.isVisible)
    qtbot.waitUntil(lambda: window.status.retry.text() == "Try again")
    engine.unreachable = None
    connections = engine.connections
    QTest.mouseClick(window.status.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: engine.connections > connections)
    qtbot.waitUntil(window.status.isHidden)


def test_a_library_that_cannot_be_read_is_explained(
    qtbot: QtBot, library: Library, make_window: MakeWindow
) -> None:
    for file in (library.database, library.thumbnails):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"this is no database" * 100)
    window = make_window()
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.message)


def test_a_library_of_an_older_program_is_shown_once_the_engine_brought_it_up_to_date(
    qtbot: QtBot, shelf: Shelf, library: Library, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(3)
    with closing(sqlite3.connect(library.database)) as database, database:
        (last,) = database.execute("SELECT name FROM _sqlite_migrations ORDER BY rowid DESC").fetchone()
        database.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (last,))
    window = make_window()
    pages: list[object] = []
    window.pages.currentChanged.connect(lambda _: pages.append(window.pages.currentWidget()))
    window.browsing.refresh()
    with closing(sqlite3.connect(library.database)) as database, database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('library', ?, '')",
            (last,),
        )
    engine.tell(messages.PhotosChanged(3))
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.pages.message not in pages and window.pages.welcome not in pages


def test_photos_open_with_the_system_and_copy_their_paths(
    qtbot: QtBot,
    shelf: Shelf,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = shelf.add(3)
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    monkeypatch.setenv("PATH", "")  # there is no xdg-open either
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.grid.enter()
    QTest.keyClick(window.grid, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: opened == ["/photos/2.jpg"])
    qtbot.waitUntil(lambda: window.status.text.text() == "No program opened /photos/2.jpg.")
    QTest.keyClick(window.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    paths = ["/photos/2.jpg", "/photos/1.jpg", "/photos/0.jpg"]
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "\n".join(paths))


def test_the_keyboard_goes_from_the_field_to_the_grid_and_back(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(5)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    QTest.keyClicks(window.header.field, "a/b")
    assert window.header.field.text() == "a/b"
    window.header.field.clear()
    QTest.keyClick(window.header.field, Qt.Key.Key_Down)  # there is nothing to suggest
    qtbot.waitUntil(lambda: window.focusWidget() is window.grid)
    QTest.keyClick(window.grid, Qt.Key.Key_Slash)
    assert window.focusWidget() is window.header.field
    QTest.keyClick(window.header.field, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.focusWidget() is window.grid)
    QTest.keyClick(window.grid, Qt.Key.Key_Up)
    assert window.focusWidget() is window.header.field


def test_the_menu_offers_what_can_be_done(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.grid.enter()
    menu = window.viewer.actions.menu()
    offered = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert {"Find similar photos", "More like this", "Why this photo", "Copy path"} <= set(offered)
    menu.close()


def test_closing_while_everything_loads_ends_all_threads(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(200)
    window = make_window()
    engine.search = lambda question: result(ids)
    enter_text(window, "x")
    engine.tell(messages.PhotosChanged(200))
    window.close()  # make_window looks for threads that live on


def test_a_big_library_comes_at_once(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(1)
    ids = np.arange(1, 100_001, dtype=np.int64)
    timeline = Timeline(ids, np.resize(np.array([1.5, 0.67], dtype=np.float32), len(ids)), ())
    monkeypatch.setattr(places, "read", lambda reader, place, order, seen: timeline)
    window = make_window()
    qtbot.waitUntil(lambda: len(window.grid.ids) == 100_000)
    QTest.keyClick(window.header.field, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.focusWidget() is window.grid)
    QTest.keyClick(window.grid, Qt.Key.Key_End)
    assert window.grid.selected_ids.tolist() == [100_000]


def test_an_error_for_want_of_torch_offers_it_and_then_a_restart(
    qtbot: QtBot, engine: FakeEngine, make_window: MakeWindow
) -> None:
    window = make_window()
    missing = KnownError(
        "The model {model} was not exported and takes torch, which is not here: fetch it in the "
        "settings or by {command}.",
        model="siglip",
        command=GPU.add,
    )

    def agree() -> None:
        (question,) = (box for box in window.findChildren(QMessageBox) if box.isVisible())
        question.buttons()[0].click()

    def search(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        raise missing

    offer = window.status.offer
    engine.search = search
    window.search.submit("a dog")
    qtbot.waitUntil(offer.isVisible)
    window.status.retry.click()  # dismissed
    assert offer.isHidden()
    engine.tell(messages.Problem(missing.sentence))
    qtbot.waitUntil(offer.isVisible)
    assert (offer.text(), window.status.text.text()) == ("Fetch it", str(missing))
    offer.click()
    assert engine.orders.empty()  # nothing is fetched before the person has agreed
    agree()
    assert engine.orders.get(timeout=5) == AddExtra()
    engine.tell(ExtraChanged(Extra("changing", progress=FetchProgress("installing"))))
    engine.tell(ExtraChanged(Extra("fetched", "2.15.0")))
    qtbot.waitUntil(lambda: offer.text() == "Restart now" and offer.isVisible())
    offer.click()
    assert engine.orders.get(timeout=5) == messages.Shutdown()
    assert offer.isHidden()
    engine.tell(AddingChanged(Adding(source="makers/strong", sentence=missing.sentence)))
    engine.tell(messages.Problem(missing.sentence))
    qtbot.waitUntil(offer.isVisible)
    offer.click()
    agree()
    assert engine.orders.get(timeout=5) == AddExtra(model_bytes=b"makers/strong")
    waiting = Extra("changing", progress=FetchProgress("installing"), model="makers/strong")
    engine.tell(ExtraChanged(waiting))
    engine.tell(ExtraChanged(Extra("fetched", "2.15.0")))
    engine.tell(AddingChanged(Adding("adding", "makers/strong", "fetching", 5, 10)))
    qtbot.waitUntil(lambda: "strong" in window.status.text.text())
    assert offer.isHidden()  # nothing is to be started anew for it
