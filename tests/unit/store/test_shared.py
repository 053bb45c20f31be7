"""What several photos share, and how many of them have what."""

import pytest

from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.shared import Shared
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file


@pytest.fixture
def photos(writer: Writer, folder: Folder) -> list[int]:
    return writer.commit(
        [
            indexed_file(
                seed,
                folder_id=folder.folder_id,
                path=path,
                taken_at=f"202{seed}-05-04T10:00:00",
                camera=camera,
                rating=rating,
            )
            for seed, (path, camera, rating) in enumerate(
                (
                    (b"/photos/a/1.jpg", "Canon", 3),
                    (b"/photos/a/2.jpg", "Canon", None),
                    (b"/photos/\xff/3.jpg", None, None),
                )
            )
        ],
        MODEL,
    )


def test_values_are_counted_the_commonest_first(writer: Writer, reader: Reader, photos: list[int]) -> None:
    writer.set_rating(photos[1:], 5)
    writer.set_favourite(photos[:2], True)
    writer.create_album("All", photos)
    writer.create_album("Best", photos[1:])
    writer.link(1, b"/photos/copy.jpg", 5000, 1, photos[0])
    assert reader.shared(photos) == Shared(
        photos=3,
        first="2020-05-04T10:00:00",
        last="2022-05-04T10:00:00",
        size=1000 + 1001 + 1002,
        folders=[(b"/photos/a", 2), (b"/photos/\xff", 1)],
        cameras=[("Canon", 2)],
        caption="",
        stars=[(5, 2), (3, 1)],
        favourites=2,
        albums=[(1, "All", 3), (2, "Best", 2)],
    )


def test_photos_that_nobody_knows_share_nothing(reader: Reader) -> None:
    assert reader.shared([7, 8]) == Shared(0, "", "", 0, [], [], "", [], 0, [])
    assert reader.shared([]).caption == ""


def test_the_caption_that_all_show_is_told(writer: Writer, reader: Reader, photos: list[int]) -> None:
    writer.set_captions(photos[:2], "Rusty")
    assert reader.shared(photos[:2]).caption == "Rusty"
    assert reader.shared(photos).caption is None
    writer.import_captions([(photos[2], "Rusty"), (photos[2], "a dog")])
    assert reader.shared(photos).caption == "Rusty"  # the first that is shown of each
