"""The window on a real engine and a hub on loopback: a model is got, paused, used and left again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch import settings
from photosearch.core import messages
from photosearch.engine.client import Client
from photosearch.gui import app
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.model_row import ModelRow
from photosearch.gui.shell.models_section import ModelsSection
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported
from tests.helpers.hub import Hub, serving
from tests.helpers.photos import make_photo
from tests.helpers.tiny_hub import make_hub_whole

PATIENCE_MS = 240_000  # of a busy machine, on which torch is imported twice
SOURCE, NAME = "google/siglip2-base-patch32-256", "SigLIP 2 B/32"
SLOWLY = 2_000  # bytes a second


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    model = make_hub_whole(tmp_path_factory.mktemp("hub") / "model", "siglip", 1)
    with serving({SOURCE: model}) as made:
        yield made


@pytest.fixture
def window(
    qapp: QApplication, library: Library, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Window]:
    """On three photos that a tiny model knows, with the hub as its mirror."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    copy_exported(library.models / "tiny")
    (tmp_path / "photos").mkdir()
    for color in ("red", "green", "blue"):
        make_photo(tmp_path / "photos" / f"{color}.jpg", color=color)
    with Writer.open(library) as writer:
        writer.set_setting(settings.HUB_MIRROR, hub.endpoint)
    made = app.build(library, "tiny")
    made.show()
    made.add_folder(os.fspath(tmp_path / "photos"))
    yield made
    made.close()
    made.deleteLater()
    client = Client.connect(library)
    client.call(messages.Shutdown())
    client.close()


def test_one_is_got_paused_gone_on_with_used_while_one_searches_and_left_again(
    qtbot: QtBot, window: Window, hub: Hub
) -> None:
    def wait(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def search(text: str) -> None:
        window.header.field.setText(text)
        QTest.keyClick(window.header.field, Qt.Key.Key_Return)
        wait(lambda: window.search.shown == window.search.runner.question)
        assert len(window.grid.ids) == 3

    wait(lambda: window.header.count.text() == "3 photos")
    wait(lambda: not window.status.pause.isVisible())
    commands = window.findChild(Commands)
    assert commands is not None
    models = commands.open_settings().models
    wait(lambda: SOURCE in models.offers.rows)
    row = models.offers.rows[SOURCE]

    hub.rate = SLOWLY
    row.main.click()
    wait(lambda: " a second" in row.here.text())
    row.main.click()
    wait(lambda: row.here.text().startswith("Paused: "))
    hub.rate = 0
    row.main.click()
    wait(lambda: NAME in _names(models))
    assert f"“{NAME}” was added." in _row(models, NAME).here.text()

    search("red")
    _row(models, NAME).main.click()
    search("green")  # whichever model answers
    wait(lambda: _answering(models) == NAME)
    wait(lambda: window.status.text.text() == f"{NAME} answers your searches now.")
    search("blue")
    _row(models, "tiny").main.click()
    wait(lambda: _answering(models) == "tiny")
    search("red")


def _names(models: ModelsSection) -> set[str]:
    return {row.name.text() for row in models.rows.values()}


def _row(models: ModelsSection, name: str) -> ModelRow:
    return next(row for row in models.rows.values() if row.name.text() == name)


def _answering(models: ModelsSection) -> str:
    return next((row.name.text() for row in models.rows.values() if row.remark.text()), "")
