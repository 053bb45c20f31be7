"""The page of duplicates: what is ticked, what stays, what goes to the trash."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from photosearch.core.history_messages import RecordTrash, TrashedFile
from photosearch.core.messages import PhotosChanged, Rescan
from photosearch.core.stack_messages import FindStacks, Kind, PhotoStack, StackedFile, StackProgress, Stacks
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import language
from photosearch.gui.library.duplicates import DuplicatesPage
from photosearch.gui.library.sidebar_nodes import DUPLICATES
from photosearch.gui.shell import library_controller
from photosearch.gui.shell.window import Window
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf


def file(photo_id: int, path: bytes, *, spare: bool, **more: object) -> StackedFile:
    values = {"size": 1000 * photo_id, "mtime_ns": 0, "width": 40, "height": 30, "format": "JPEG"}
    values |= {"noted": False, "away": False}
    return StackedFile(photo_id=photo_id, path_bytes=path, spare=spare, **(values | more))  # type: ignore[arg-type]


def stack(*files: StackedFile, kind: Kind = "copies") -> PhotoStack:
    return PhotoStack(kind, files)


COPIES = stack(
    file(1, b"/p/best.jpg", spare=False),
    file(2, b"/p/small.jpg", spare=True),
    file(3, b"/q/x.jpg", spare=True),
)
KEPT = stack(
    file(4, b"/p/a.jpg", spare=False),
    file(5, b"/p/b.jpg", spare=False, noted=True),
    file(6, b"/p/c.jpg", spare=False, away=True),
)
BURST = stack(file(7, b"/p/1.jpg", spare=False), file(8, b"/p/2.jpg", spare=False), kind="burst")
FOUND = Stacks((COPIES, KEPT, BURST), 8, 2)


@pytest.fixture
def page(qtbot: QtBot, reader: LibraryReader) -> DuplicatesPage:
    page = DuplicatesPage(reader)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    return page


def row(page: DuplicatesPage, heading: int, place: int) -> QTreeWidgetItem:
    found = page.list.topLevelItem(heading).child(place)
    assert found is not None
    return found


def names(page: DuplicatesPage) -> list[str]:
    return [Path(file.path).name for file, _ in page.list.ticked()]


def said(page: DuplicatesPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel))


def test_what_may_go_is_ticked_and_nothing_else(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    assert names(page) == ["small.jpg", "x.jpg"]
    assert "2 pictures are here more than once" in said(page) and "5.0 kB to win" in said(page)
    assert "2 photos were not read yet" in said(page)
    assert page.move_ticked.text() == "Move 2 files to the trash…  ·  5.0 kB"
    assert row(page, 1, 1).text(0) == "b.jpg\nhas notes of yours"
    assert row(page, 1, 2).text(0) == "c.jpg\nits drive is not connected"
    assert not row(page, 1, 2).flags() & Qt.ItemFlag.ItemIsUserCheckable
    page.show_gone(frozenset([b"/p"]))
    assert row(page, 1, 2).text(0) == "c.jpg\nrenamed, moved or deleted"
    with_what_stays = [(file.path, [kept.path for kept in staying]) for file, staying in page.list.ticked()]
    assert with_what_stays == [("/p/small.jpg", ["/p/best.jpg"]), ("/q/x.jpg", ["/p/best.jpg"])]


def test_a_file_that_takes_no_tick_stands_as_the_others_do(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    away, other = (page.list.indexFromItem(row(page, 1, place)) for place in (2, 1))
    assert away.data(Qt.ItemDataRole.CheckStateRole) == other.data(Qt.ItemDataRole.CheckStateRole)
    page.list.setCurrentItem(row(page, 1, 2))
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Space)
    assert "c.jpg" not in names(page)


def test_ticks_are_set_and_taken_by_the_keyboard_and_for_all(qtbot: QtBot, page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    page.list.setCurrentItem(row(page, 0, 1))
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Space)
    assert names(page) == ["x.jpg"]
    page.ticks.click()
    assert names(page) == [] and not page.move_ticked.isEnabled()
    assert page.ticks.text() == "Tick what may go"
    page.ticks.click()
    assert names(page) == ["small.jpg", "x.jpg"]
    with qtbot.waitSignal(page.trash_wanted) as wanted:
        page.move_ticked.click()
    assert wanted.args == [page.list.ticked()]


def test_the_row_with_the_keyboard_is_lit(qtbot: QtBot, page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    assert page.list.selected() == []
    page.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: page.list.selected() == [COPIES.files[0]])


def test_keys_lead_from_file_to_file_past_the_headings(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    rows = [row(page, 0, place) for place in range(3)] + [row(page, 1, 0)]
    page.list.setCurrentItem(rows[0])
    for key, expected in (
        (Qt.Key.Key_Up, rows[0]),
        *((Qt.Key.Key_Down, one) for one in rows[1:]),
        *((Qt.Key.Key_Up, one) for one in rows[-2::-1]),
    ):
        QTest.keyClick(page.list, key)
        assert page.list.currentItem() is expected


def test_a_file_is_looked_at_in_the_viewer_and_one_returns_to_where_one_ended(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, make_window: Callable[[], Window]
) -> None:
    shelf.add(3)
    engine.replies[FindStacks] = Stacks((COPIES,), 3, 0)
    window = make_window()
    page, detail = window.library.duplicates, window.viewer.detail
    window.library.sidebar.tree.chosen.emit(DUPLICATES)
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 1)
    page.list.setFocus()
    page.list.setCurrentItem(row(page, 0, 1))
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert detail.isVisible() and (detail.photo_id, detail.count) == (2, 3)
    detail.walk(1)
    window.step_back()
    assert detail.isHidden() and window.pages.currentWidget() is page
    assert page.list.hasFocus() and [file.photo_id for file in page.list.selected()] == [3]


def test_a_page_beside_the_sidebar_of_a_narrow_window_cuts_nothing_off(
    qtbot: QtBot, page: DuplicatesPage
) -> None:
    page.show_stacks(FOUND)
    page.resize(248, 600)
    buttons = [button for button in page.findChildren(QPushButton) if button.isVisible()]
    assert len(buttons) == 5
    qtbot.waitUntil(lambda: all(page.rect().contains(button.geometry()) for button in buttons))
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    name, width = page.list.visualItemRect(row(page, 0, 0)), page.list.viewport().width()
    assert name.right() <= width and page.list.columnWidth(0) > 180


def test_in_a_narrow_page_names_leave_room_for_folders(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    for width in (1200, 600, 480, 340):
        page.resize(width, 600)
        assert page.list.columnWidth(0) > 150 and page.list.columnWidth(1) > 90, width


def test_one_file_of_a_stack_always_stays(qtbot: QtBot, page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    with qtbot.waitSignal(page.told):
        row(page, 0, 0).setCheckState(0, Qt.CheckState.Checked)
    assert names(page) == ["small.jpg", "x.jpg"]
    row(page, 0, 1).setCheckState(0, Qt.CheckState.Unchecked)
    row(page, 0, 0).setCheckState(0, Qt.CheckState.Checked)  # another one stays in its place
    assert names(page) == ["best.jpg", "x.jpg"]


def test_ticks_are_kept_when_it_is_looked_for_again(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    row(page, 0, 2).setCheckState(0, Qt.CheckState.Unchecked)
    page.show_stacks(FOUND)
    assert names(page) == ["small.jpg"]
    page.show_stacks(Stacks((KEPT, COPIES), 8, 0))
    assert names(page) == ["small.jpg"]
    row(page, 1, 2).setCheckState(0, Qt.CheckState.Checked)
    page.show_stacks(Stacks((stack(*COPIES.files[1:]),), 8, 0))  # what was to stay is gone
    assert names(page) == ["x.jpg"]


def test_of_a_burst_nothing_is_ticked(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    page.kind.choose("bursts")
    assert page.list.topLevelItemCount() == 1 and names(page) == []
    assert "1 burst" in said(page) and "Nothing is ticked here" in said(page)
    page.kind.choose("raw")
    assert page.list.topLevelItemCount() == 0 and "No RAW files" in said(page)


def test_what_went_to_the_trash_leaves_the_list(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    page.forget(RecordTrash((TrashedFile(b"/p/small.jpg", b""),), 1))
    assert names(page) == ["x.jpg"] and page.list.topLevelItemCount() == 2
    page.forget(RecordTrash((TrashedFile(b"/q/x.jpg", b""),), 1))
    assert page.list.topLevelItemCount() == 1  # one alone is no stack


def test_the_search_is_shown_and_what_stops_it(page: DuplicatesPage) -> None:
    assert page.bar.isHidden()
    page.begin()
    page.show_progress(0.25)
    assert page.bar.isVisible() and page.bar.value() == 250
    assert "Comparing photos…" in said(page) and not page.again.isEnabled()
    page.show_refusal("The disk is full.")
    assert "The disk is full." in said(page) and page.bar.isHidden() and page.again.isEnabled()
    page.show_stacks(Stacks((), 3, 0))
    assert "No duplicates" in said(page) and not page.ticks.isEnabled()


def test_only_so_many_are_listed_at_once(page: DuplicatesPage, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("duplicates", "stack_list"):
        monkeypatch.setattr(f"photosearch.gui.library.{module}.MOST", 2)
    page.show_stacks(Stacks((COPIES,) * 3, 9, 0))
    assert page.list.topLevelItemCount() == 2 and "Here are the first 2." in said(page)
    assert "3 pictures are here more than once" in said(page)


def test_it_speaks_chinese_at_once(page: DuplicatesPage) -> None:
    page.show_stacks(FOUND)
    language.change("zh_CN")
    assert "2 张照片有重复" in said(page) and page.list.accessibleName() == "归在一起的文件"


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("best.jpg", "copy.jpg", "changed.jpg")]
    for path in paths:
        path.write_bytes(b"a picture")
    return paths


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    files: list[bytes] = []

    def send(path: bytes) -> bytes:
        files.append(path)
        return path + b".trashed"

    monkeypatch.setattr("photosearch.gui.desktop.trash.send_to_trash", send)
    yield files


def of_path(photo_id: int, path: Path, *, spare: bool) -> StackedFile:
    status = path.stat()
    changes = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
    return file(photo_id, os.fsencode(path), spare=spare, **changes)


def test_from_the_sidebar_to_the_trash_after_a_yes(
    qtbot: QtBot,
    engine: FakeEngine,
    shelf: Shelf,
    make_window: Callable[[], Window],
    photos: list[Path],
    sent: list[bytes],
) -> None:
    shelf.add(3)
    best, copy, changed = (of_path(at, path, spare=at > 1) for at, path in enumerate(photos, 1))
    photos[2].write_bytes(b"another picture")
    engine.replies[FindStacks] = Stacks((stack(best, copy, changed),), 3, 0)
    window = make_window()
    page = window.library.duplicates
    window.library.sidebar.tree.chosen.emit(DUPLICATES)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is page and page.move_ticked.isEnabled())
    assert window.library.sidebar.lit.key == DUPLICATES
    page.move_ticked.click()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = window.findChild(QMessageBox)
    assert box.text() == "Move 1 file to the trash?"
    assert "1 file stays: it has changed" in box.informativeText()
    next(b for b in box.findChildren(QPushButton) if b.text() == "Move to trash").click()
    qtbot.waitUntil(lambda: sent == [os.fsencode(photos[1])])
    qtbot.waitUntil(lambda: engine.orders.qsize() >= 2)
    orders = [engine.orders.get() for _ in range(2)]
    assert orders == [
        RecordTrash((TrashedFile(sent[0], sent[0] + b".trashed"),), 1),
        Rescan(),
    ]
    qtbot.waitUntil(lambda: names(page) == ["changed.jpg"])
    window.step_back()
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.grid)


def test_nothing_goes_without_something_that_stays(
    qtbot: QtBot,
    engine: FakeEngine,
    shelf: Shelf,
    make_window: Callable[[], Window],
    photos: list[Path],
    sent: list[bytes],
) -> None:
    shelf.add(3)
    best, copy = (of_path(at, path, spare=at > 1) for at, path in enumerate(photos[:2], 1))
    photos[0].unlink()
    window = make_window()
    window.viewer.trash.ask_spare([(copy, (best,))])
    with qtbot.waitSignal(window.viewer.trash.failed) as failed:
        pass
    assert "Look again" in failed.args[0]
    assert window.findChild(QMessageBox) is None and sent == []


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights there")
def test_what_only_links_stand_for_does_not_go(
    qtbot: QtBot,
    engine: FakeEngine,
    shelf: Shelf,
    make_window: Callable[[], Window],
    photos: list[Path],
    sent: list[bytes],
    tmp_path: Path,
) -> None:
    shelf.add(3)
    links = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for link, path in zip(links, photos, strict=False):
        link.symlink_to(path)
    one, other = (of_path(1, path, spare=True) for path in photos[:2])
    staying = tuple(of_path(1, link, spare=False) for link in links)
    window = make_window()
    window.viewer.trash.ask_spare([(one, staying), (other, staying)])
    with qtbot.waitSignal(window.viewer.trash.failed):
        pass
    assert window.findChild(QMessageBox) is None and sent == []


def test_a_file_that_was_replaced_while_it_was_asked_about_stays(
    qtbot: QtBot,
    engine: FakeEngine,
    shelf: Shelf,
    make_window: Callable[[], Window],
    photos: list[Path],
    sent: list[bytes],
) -> None:
    shelf.add(3)
    best, copy, other = (of_path(at, path, spare=at > 1) for at, path in enumerate(photos, 1))
    window = make_window()
    window.viewer.trash.ask_spare([(copy, (best,)), (other, (best,))])
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    photos[1].write_bytes(b"another picture")
    with qtbot.waitSignal(window.viewer.trash.failed) as failed:
        box = window.findChild(QMessageBox)
        next(b for b in box.findChildren(QPushButton) if b.text() == "Move to trash").click()
    assert "Look again" in failed.args[0]
    assert sent == [os.fsencode(photos[2])]


def test_progress_comes_from_the_engine(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    engine.may_answer.clear()
    window = make_window()
    page = window.library.duplicates
    window.library.sidebar.page_chosen.emit(DUPLICATES)
    engine.tell(StackProgress(0.5))
    qtbot.waitUntil(lambda: page.bar.value() == 500)
    engine.may_answer.set()
    qtbot.waitUntil(lambda: "No duplicates" in said(page))


def test_it_looks_again_where_photos_have_changed_or_it_is_told_to(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_controller, "_SETTLED_MS", 20)
    window = make_window()
    page, chosen = window.library.duplicates, window.library.sidebar.page_chosen
    chosen.emit(DUPLICATES)
    qtbot.waitUntil(lambda: "No duplicates" in said(page))
    engine.replies[FindStacks] = FOUND
    chosen.emit(DUPLICATES)
    assert page.bar.isHidden()  # nothing has changed
    engine.tell(PhotosChanged(8))
    qtbot.waitUntil(lambda: "2 pictures" in said(page))
    engine.replies[FindStacks] = Stacks((BURST,), 8, 0)
    page.again.click()
    qtbot.waitUntil(lambda: "No duplicates" in said(page))


def test_photos_that_come_back_while_it_looks_are_looked_at_too(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_controller, "_SETTLED_MS", 20)
    answers = iter((FOUND, Stacks((BURST,), 8, 0)))

    class Replies(dict[type, object]):
        def __getitem__(self, request: type) -> object:
            return next(answers) if request is FindStacks else super().__getitem__(request)

    engine.replies = Replies(engine.replies)
    engine.may_answer.clear()
    window = make_window()
    page = window.library.duplicates
    window.library.sidebar.page_chosen.emit(DUPLICATES)
    engine.tell(PhotosChanged(8))
    qtbot.wait(100)  # longer than it lets photos rest
    engine.may_answer.set()
    qtbot.waitUntil(lambda: "No duplicates" in said(page))
