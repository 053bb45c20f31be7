import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.engine.photo_names import PhotoNames

PHOTOS = PhotoNames(
    [
        (b"/p/beach/1.jpg", 1),
        (b"/p/lake/1.jpg", 2),
        (b"/p/lake/2.JPG", 3),
        (b"/q/copy/2.JPG", 3),
        (b"/q/Lake/1.jpg", 4),
        ("/q/caf\u0065\u0301.jpg".encode(), 5),
        (b"/q/bad\xff.jpg", 6),
    ]
)


@pytest.mark.parametrize(
    ("name", "photo_id"),
    [
        ("beach/1.jpg", 1),
        ("beach\\1.jpg", 1),
        ("/p/beach/1.jpg", 1),
        ("C:\\Users\\ana\\beach\\1.jpg", 1),  # of another computer
        ("mountain/beach/1.jpg", 1),
        ("lake/1.jpg", 2),  # case decides where nothing else does
        ("Lake/1.jpg", 4),
        ("2.jpg", 3),  # two files of one photo
        ("elsewhere/2.jpg", 3),
        ("caf\u00e9.jpg", 5),
        (os.fsdecode(b"bad\xff.jpg"), 6),
        ("1.jpg", None),
        ("mountain/1.jpg", None),
        ("3.jpg", None),
        ("", None),
    ],
)
def test_the_longest_end_of_a_path_wins(name: str, photo_id: int | None) -> None:
    assert PHOTOS.find(name).photo_id == photo_id


def test_several_photos_are_told_each_by_a_file() -> None:
    assert PHOTOS.find("1.jpg").photos == {1: b"/p/beach/1.jpg", 2: b"/p/lake/1.jpg", 4: b"/q/Lake/1.jpg"}
    assert PHOTOS.find("3.jpg").photos == {}


paths = st.lists(st.sampled_from(["a", "b", "A"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(paths, min_size=1, max_size=12, unique=True), st.sampled_from([b"/", b"/a", b"/a/b"]))
def test_a_name_that_is_given_means_its_photo(names: list[str], folder: bytes) -> None:
    files = [(b"/" + name.encode(), number) for number, name in enumerate(names, 1)]
    photos = PhotoNames(files)
    for path, photo_id in files:
        assert photos.find(photos.name_of(path, photo_id, folder)).photo_id == photo_id


def test_a_name_is_as_short_as_it_may_be() -> None:
    assert PHOTOS.name_of(b"/p/beach/1.jpg", 1, b"/p") == "beach/1.jpg"
    assert PHOTOS.name_of(b"/p/beach/1.jpg", 1, b"/p/beach") == "beach/1.jpg"
    assert PHOTOS.name_of(b"/p/lake/2.JPG", 3, b"/p/lake") == "2.JPG"
