import io
from collections.abc import Iterator

import pytest
from PIL import Image
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.preview_cache import PreviewCache, PreviewWish
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine


def preview(request: messages.Preview) -> messages.Previewed:
    """Every photo is 300 x 200 pixels."""
    jpeg = io.BytesIO()
    Image.new("RGB", (300, 200), "white").resize((request.longest_edge, 2 * request.longest_edge // 3)).save(
        jpeg, "JPEG"
    )
    return messages.Previewed(jpeg.getvalue(), 300, 200)


@pytest.fixture
def previews(qtbot: QtBot, library: Library, engine: FakeEngine) -> Iterator[PreviewCache]:
    engine.preview = preview
    link = EngineLink(library, connect=engine.connect)
    made = PreviewCache(link, cache_bytes=2 * 300 * 200 * 4)
    yield made
    link.close()
    made.close()


def test_a_larger_image_takes_the_place_of_a_smaller(qtbot: QtBot, previews: PreviewCache) -> None:
    for edge in (90, 300):
        with qtbot.waitSignal(previews.arrived) as arrived:
            previews.want([PreviewWish(1, edge)])
        assert arrived.args == [1]
        found = previews.get(1)
        assert found is not None
        assert (found.image.width(), found.width, found.height) == (edge, 300, 200)


def test_the_cache_keeps_what_was_looked_at_last(qtbot: QtBot, previews: PreviewCache) -> None:
    for photo_id in (1, 2, 3):
        with qtbot.waitSignal(previews.arrived):
            previews.want([PreviewWish(photo_id, 300)])
        previews.get(1)
    assert [photo_id for photo_id in (1, 2, 3) if previews.get(photo_id)] == [1, 3]


@pytest.mark.parametrize("fault", [ZeroDivisionError("a fault"), None])
def test_what_goes_wrong_with_one_photo_leaves_the_others(
    qtbot: QtBot, engine: FakeEngine, previews: PreviewCache, fault: Exception | None
) -> None:
    def goes_wrong(request: messages.Preview) -> messages.Previewed:
        if request.photo_id > 2:
            return preview(request)
        if fault is not None:
            raise fault
        return messages.Previewed(b"no picture", 300, 200)

    engine.preview = goes_wrong
    with capture_exceptions() as escaped:
        previews.want([PreviewWish(photo_id, 300) for photo_id in (1, 2, 3)])  # there are two threads
        qtbot.waitUntil(lambda: previews.get(3) is not None)
        qtbot.waitUntil(lambda: all(previews.failure(photo_id) for photo_id in (1, 2)))
    assert len(escaped) == (0 if fault is None else 2)
    previews.forget_failures()
    assert previews.failure(1) == ""
