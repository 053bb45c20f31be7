from pathlib import Path

import pytest

from photosearch.engine.readiness import NEXT_SHOWN, guessed_names, readiness
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_library import caption, make_colour_library
from tests.helpers.colour_model import MODEL

CAPTIONS = [
    "Rusty at Pelican Cove.",
    "A photo of Rusty with a ball. He runs",
    "Rusty's ball at Pelican Cove",
    "The beach at Pelican Cove, and Rusty",
    "Several people. Several dogs. Several cats",
    "A dog in a Cove",
]


def test_names_are_guessed_from_their_capitals() -> None:
    assert guessed_names(CAPTIONS) == ("Rusty", "Pelican Cove")
    assert guessed_names([]) == ()
    assert guessed_names(["NO NAME HERE"] * 2) == ()
    assert guessed_names(["小白在海边"] * 5) == ()


@pytest.mark.parametrize(
    ("captioned", "enough", "wanted"), [(0, "no", 20), (19, "no", 1), (20, "few", 80), (100, "yes", 0)]
)
def test_how_many_more_are_wanted(tmp_path: Path, captioned: int, enough: str, wanted: int) -> None:
    library = Library(tmp_path)
    make_colour_library(library, 110, captioned=captioned)
    found = readiness(library, catalog.find(MODEL, library).model_id)
    assert (found.captions, found.photos) == (captioned, captioned)
    assert (found.enough, found.wanted) == (enough, wanted)


def test_photos_worth_a_caption_are_unlike_those_that_have_one(tmp_path: Path) -> None:
    """Photos are of ten colours in turn; those of nine have captions."""
    library = Library(tmp_path)
    ids = make_colour_library(library, 100)
    with Writer.open(library) as writer:
        caption(writer, [photo_id for place, photo_id in enumerate(ids[:30]) if place % 10 != 3])
    found = readiness(library, catalog.find(MODEL, library).model_id)
    with Reader.open(library) as reader:
        colours = [photo.path.rpartition("-")[2] for photo in reader.photos(found.next)]
    assert colours[0] == "red"
    assert "red" not in colours[1:2]  # one of them is enough
    assert len(set(found.next)) == NEXT_SHOWN


def test_where_every_photo_has_a_caption_none_is_next(tmp_path: Path) -> None:
    library = Library(tmp_path)
    make_colour_library(library, 24, captioned=24)
    found = readiness(library, catalog.find(MODEL, library).model_id)
    assert (found.enough, found.next) == ("few", ())


def test_an_empty_library_has_none(tmp_path: Path) -> None:
    library = Library(tmp_path)
    make_colour_library(library, 0)
    assert readiness(library, catalog.find(MODEL, library).model_id).next == ()
