"""The window on a real engine: from an empty library to results."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.engine.client import Client
from photosearch.gui import app
from photosearch.gui.window import Window
from photosearch.paths import Library
from tests.helpers.photos import make_photo
from tests.helpers.tiny_model import make_tiny_checkpoint

PATIENCE_MS = 120_000  # a slow machine imports torch in the engine


@pytest.fixture
def window(qapp: QApplication, library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    make_tiny_checkpoint(library.models / "tiny")
    made = app.build(library, "tiny")
    made.show()
    yield made
    made.close()
    made.deleteLater()
    try:
        client = Client.connect(library)
    except KnownError:
        client = None
    if client is not None:
        client.call(messages.Shutdown())
        client.close()


def test_from_an_empty_library_to_results(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for seed in range(5):
        make_photo(photos / f"{seed}.jpg", seed)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.welcome, timeout=PATIENCE_MS)
    window.add_folder(os.fspath(photos))
    qtbot.waitUntil(lambda: window.header.count.text() == "5 photos", timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: all(window._thumbnails.get(int(photo_id)) for photo_id in window.grid.ids),
        timeout=PATIENCE_MS,
    )
    shown = int(window.grid.ids[0])
    window.looking.open(shown)
    qtbot.waitUntil(lambda: window.looking.previews.get(shown) is not None, timeout=PATIENCE_MS)
    window.looking.close_detail()
    window.header.field.setFocus()
    QTest.keyClicks(window.header.field, "two dogs")
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.finding.shown is not None, timeout=PATIENCE_MS)
    assert len(window.grid.ids) > 0
    make_photo(photos / "late.jpg", 9)
    window.header.field.clear()
    qtbot.waitUntil(lambda: window.header.count.text() == "6 photos", timeout=PATIENCE_MS)
