import io
import threading
from collections.abc import Iterator

import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.preview_cache import PreviewCache, PreviewWish
from photosearch.gui.desktop.clipboard import PictureCopier
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine

WANTED = 7  # the photo that is copied; it is 70 pixels wide


@pytest.fixture
def may_decode(engine: FakeEngine) -> threading.Event:
    """Photos are decoded once it is set; each is ten times as wide as its id."""
    may_decode = threading.Event()

    def preview(request: messages.Preview) -> messages.Previewed:
        may_decode.wait(10)
        if request.photo_id > WANTED:
            raise KnownError("That photo cannot be shown.")
        jpeg = io.BytesIO()
        Image.new("RGB", (10 * request.photo_id, 10), "white").save(jpeg, "JPEG")
        return messages.Previewed(jpeg.getvalue(), 10 * request.photo_id, 10)

    engine.preview = preview
    return may_decode


@pytest.fixture
def previews(library: Library, engine: FakeEngine, may_decode: threading.Event) -> Iterator[PreviewCache]:
    link = EngineLink(library, connect=engine.connect)
    made = PreviewCache(link)
    yield made
    may_decode.set()
    link.close()
    made.close()


def copied_width() -> int:
    return QGuiApplication.clipboard().image().width()


@pytest.fixture
def copier(qtbot: QtBot, previews: PreviewCache) -> PictureCopier:
    QGuiApplication.clipboard().clear()
    return PictureCopier(previews)


def test_a_picture_is_copied_though_others_are_wanted_meanwhile(
    qtbot: QtBot, previews: PreviewCache, copier: PictureCopier, may_decode: threading.Event
) -> None:
    previews.want([PreviewWish(photo_id, 100) for photo_id in (1, 2)])  # both threads are at work
    qtbot.wait(50)
    copier.copy(WANTED)
    previews.want([PreviewWish(photo_id, 100) for photo_id in (3, 4)])  # one walks on
    may_decode.set()
    qtbot.waitUntil(lambda: copied_width() == 10 * WANTED)


def test_a_picture_that_cannot_be_had_is_told(
    qtbot: QtBot, copier: PictureCopier, may_decode: threading.Event
) -> None:
    may_decode.set()
    with qtbot.waitSignal(copier.failed) as failed:
        copier.copy(WANTED + 1)
    assert failed.args == ["That photo cannot be shown."]


def test_what_was_copied_meanwhile_stays(
    qtbot: QtBot, previews: PreviewCache, copier: PictureCopier, may_decode: threading.Event
) -> None:
    copier.copy(WANTED)
    QGuiApplication.clipboard().setText("a path")
    with qtbot.waitSignal(previews.arrived):
        may_decode.set()
    assert QGuiApplication.clipboard().text() == "a path"
