"""The window on a real engine: from an empty library to results."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.engine.client import Client
from photosearch.gui import app
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.window import Window
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.exported_models import EXPORTED, copy_exported
from tests.helpers.photos import make_photo

PATIENCE_MS = 120_000  # of a busy machine


@pytest.fixture
def open_window(
    qapp: QApplication, qtbot: QtBot, library: Library, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Window]]:
    """Windows on one library, whose engine is shut down in the end."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    copy_exported(library.models / "tiny")
    windows = []

    def open_one() -> Window:
        window = app.build(library, "tiny")
        window.show()
        windows.append(window)
        for _ in range(20):  # keys need it; the offscreen platform makes not every later window active
            if window.isActiveWindow():
                break
            window.activateWindow()
            qtbot.wait(50)
        return window

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()
    try:
        client = Client.connect(library)
    except KnownError:
        client = None
    if client is not None:
        client.call(messages.Shutdown())
        client.close()


@pytest.fixture
def window(open_window: Callable[[], Window]) -> Window:
    return open_window()


def test_from_an_empty_library_to_results(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for seed in range(5):
        make_photo(photos / f"{seed}.jpg", seed)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.welcome, timeout=PATIENCE_MS)
    window.add_folder(os.fspath(photos))
    qtbot.waitUntil(lambda: window.header.count.text() == "5 photos", timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: all(window.grid.thumbnails.get(int(photo_id)) for photo_id in window.grid.ids),
        timeout=PATIENCE_MS,
    )
    shown = int(window.grid.ids[0])
    window.viewer.open(shown)
    qtbot.waitUntil(lambda: window.viewer.previews.get(shown) is not None, timeout=PATIENCE_MS)
    window.viewer.close_detail()
    window.header.field.setFocus()
    QTest.keyClicks(window.header.field, "two dogs")
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.search.shown is not None, timeout=PATIENCE_MS)
    assert len(window.grid.ids) > 0
    make_photo(photos / "late.jpg", 9)
    window.header.field.clear()
    qtbot.waitUntil(lambda: window.header.count.text() == "6 photos", timeout=PATIENCE_MS)


def test_a_model_is_added_and_deleted_in_the_settings(qtbot: QtBot, window: Window, library: Library) -> None:
    commands = window.findChild(Commands)
    assert commands is not None
    dialog = commands.open_settings()
    own = "PhotoSearch's own model"

    def names() -> set[str]:
        return {row.name.text() for row in dialog.models.rows.values()}

    qtbot.waitUntil(lambda: names() == {own, "tiny"}, timeout=PATIENCE_MS)
    dialog.models.adding.add(os.fspath(EXPORTED / "other"))
    qtbot.waitUntil(lambda: names() == {own, "tiny", "other"}, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "“other” was added" in dialog.models.adding.said.text(), timeout=PATIENCE_MS)
    added = catalog.find("other", library)
    dialog.models.rows[added.model_id].second.click()
    (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
    question.buttons()[0].click()
    qtbot.waitUntil(lambda: names() == {own, "tiny"}, timeout=PATIENCE_MS)
    assert not added.path.exists()


def test_one_key_gives_each_photo_its_own_stars_back_in_another_window_too(
    qtbot: QtBot, open_window: Callable[[], Window], library: Library, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for seed in range(3):
        make_photo(photos / f"{seed}.jpg", seed)
    window = open_window()

    def wait(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def stars() -> list[int | None]:
        with Reader.open(library) as opened:
            return [opened.details(photo_id).rating for photo_id in ids]  # type: ignore[union-attr]

    window.add_folder(os.fspath(photos))
    wait(lambda: len(window.grid.ids) == 3)
    ids = window.grid.ids.tolist()
    window.grid.setFocus()
    window.grid.set_current(ids[0])
    QTest.keyClick(window.grid, Qt.Key.Key_2)
    wait(lambda: stars() == [2, None, None])
    QTest.keyClick(window.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.grid, Qt.Key.Key_5)
    wait(lambda: window.status.text.text() == "5 stars for 3 photos")
    assert window.status.offer.text() == "Undo"
    window.close()
    window = open_window()
    wait(lambda: window.changes.undo.text() == "Undo: 5 stars for 3 photos")
    window.changes.undo.trigger()
    wait(lambda: stars() == [2, None, None])
    wait(lambda: window.status.text.text() == "Undone: 5 stars for 3 photos")
    QTest.mouseClick(window.status.offer, Qt.MouseButton.LeftButton)
    wait(lambda: stars() == [5, 5, 5])


def test_what_is_done_to_photos_outlasts_their_drive_and_the_window(
    qtbot: QtBot, open_window: Callable[[], Window], library: Library, tmp_path: Path
) -> None:
    photos, elsewhere = tmp_path / "photos", tmp_path / "unplugged"
    photos.mkdir()
    for seed, kind in enumerate(("jpg", "jpg", "jpg", "png", "png")):
        make_photo(photos / f"{seed}.{kind}", seed)
    window = open_window()

    def wait(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def search(text: str, found: int) -> None:
        window.header.field.setFocus()
        window.header.field.setText(text)
        QTest.keyClick(window.header.field, Qt.Key.Key_Return)
        wait(lambda: window.search.shown is not None and len(window.grid.ids) == found)

    def captioned_in_library() -> bool:
        with Reader.open(library) as opened:
            return "Our garden" in [caption.text for caption in opened.captions()]

    wait(window.isActiveWindow)
    window.add_folder(os.fspath(photos))
    wait(lambda: window.header.count.text() == "5 photos")

    search("type:png", 2)
    QTest.keyClick(window.header.field, Qt.Key.Key_Down)
    QTest.keyClick(window.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.grid, Qt.Key.Key_F)
    wait(lambda: window.grid.facts.is_favourite(0) and window.grid.facts.is_favourite(1))
    captioned = int(window.grid.ids[0])
    window.grid.set_current(captioned)  # alone
    QTest.keyClick(window.grid, Qt.Key.Key_C)
    caption = window.viewer.panel.caption
    wait(caption.hasFocus)
    QTest.keyClicks(caption, "Our garden")
    QTest.keyClick(caption, Qt.Key.Key_Return)
    wait(captioned_in_library)  # a search that is asked before finds what was there then
    search('"our garden"', 1)
    assert window.grid.ids.tolist() == [captioned]

    photos.rename(elsewhere)
    window.library.rescan_all()
    wait(lambda: window.grid.facts.is_away(0))
    search("has:favourite", 2)
    elsewhere.rename(photos)
    window.library.rescan_all()
    wait(lambda: not window.grid.facts.is_away(0))

    window.close()
    window = open_window()
    wait(lambda: window.header.count.text() == "5 photos")
    search('"our garden"', 1)
    assert window.grid.ids.tolist() == [captioned]
    assert window.grid.facts.is_favourite(0)
