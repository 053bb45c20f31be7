from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from photosearch.gui.data.thumbnail_cache import ThumbnailCache, ThumbnailWish, scaled
from photosearch.paths import Library
from tests.helpers.shelf import Shelf


@pytest.fixture
def thumbnails(qtbot: QtBot, library: Library) -> Iterator[ThumbnailCache]:
    made = ThumbnailCache(library)
    yield made
    made.close()


def wait_for(qtbot: QtBot, thumbnails: ThumbnailCache, photo_ids: list[int]) -> None:
    qtbot.waitUntil(
        lambda: all(thumbnails.get(id_) or thumbnails.is_missing(id_) for id_ in photo_ids), timeout=10_000
    )


def test_a_pixmap_has_exactly_the_pixels_wished_for(
    qtbot: QtBot, shelf: Shelf, thumbnails: ThumbnailCache
) -> None:
    ids = shelf.add(4)
    thumbnails.want([ThumbnailWish(photo_id, 91 + photo_id, 57, 4) for photo_id in ids])
    wait_for(qtbot, thumbnails, ids)
    for photo_id in ids:
        pixmap = thumbnails.get(photo_id)
        assert pixmap is not None
        assert (pixmap.width(), pixmap.height()) == (91 + photo_id, 57)


def test_another_size_replaces_the_one_before(qtbot: QtBot, shelf: Shelf, thumbnails: ThumbnailCache) -> None:
    (photo_id,) = shelf.add(1)
    for width in (40, 60):
        thumbnails.want([ThumbnailWish(photo_id, width, 30)])
        qtbot.waitUntil(
            lambda: (pixmap := thumbnails.get(photo_id)) is not None and pixmap.width() == width  # noqa: B023
        )
    assert thumbnails.bytes == 60 * 30 * 4


@pytest.mark.parametrize("jpeg", [b"", b"no picture at all", b"\xff\xd8\xff\xe0 cut off"])
def test_a_thumbnail_that_cannot_be_shown_is_missing_until_the_library_changes(
    qtbot: QtBot, shelf: Shelf, thumbnails: ThumbnailCache, jpeg: bytes
) -> None:
    (photo_id,) = shelf.add(1, lambda _: jpeg)
    thumbnails.want([ThumbnailWish(photo_id, 40, 30), ThumbnailWish(photo_id + 1, 40, 30)])
    wait_for(qtbot, thumbnails, [photo_id, photo_id + 1])
    assert thumbnails.get(photo_id) is None
    assert thumbnails.is_missing(photo_id)
    thumbnails.forget_missing()
    assert not thumbnails.is_missing(photo_id)


def test_there_may_be_no_library_yet(qtbot: QtBot, thumbnails: ThumbnailCache) -> None:
    thumbnails.want([ThumbnailWish(1, 40, 30)])
    wait_for(qtbot, thumbnails, [1])
    assert thumbnails.is_missing(1)


def test_the_cache_keeps_what_was_used_last(qtbot: QtBot, shelf: Shelf, library: Library) -> None:
    ids = shelf.add(6)
    thumbnails = ThumbnailCache(library, cache_bytes=3 * 40 * 30 * 4)
    for photo_id in ids:
        thumbnails.want([ThumbnailWish(photo_id, 40, 30)])
        wait_for(qtbot, thumbnails, [photo_id])
        thumbnails.get(ids[0])
    assert thumbnails.bytes == 3 * 40 * 30 * 4
    assert [id_ for id_ in ids if thumbnails.get(id_)] == [ids[0], *ids[-2:]]
    thumbnails.close()


def test_what_is_no_longer_wanted_is_not_read(qtbot: QtBot, shelf: Shelf, thumbnails: ThumbnailCache) -> None:
    ids = shelf.add(60)
    arrived: list[int] = []
    thumbnails.arrived.connect(arrived.extend)
    for photo_id in ids:  # as in a fast scroll: each wish is replaced at once
        thumbnails.want([ThumbnailWish(photo_id, 40, 30)])
    wait_for(qtbot, thumbnails, [ids[-1]])
    assert len(arrived) < len(ids)


def test_closing_while_much_is_wanted_ends_at_once(shelf: Shelf, library: Library, qtbot: QtBot) -> None:
    ids = shelf.add(50)
    thumbnails = ThumbnailCache(library)
    thumbnails.want([ThumbnailWish(photo_id, 400, 300) for photo_id in ids])
    thumbnails.close()


def test_a_damaged_jpeg_gives_no_image() -> None:
    assert scaled(b"\xff\xd8 nonsense", ThumbnailWish(1, 10, 10)) is None
