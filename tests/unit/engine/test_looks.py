from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from photosearch.decode.look import look_of
from photosearch.decode.thumbnail import glimpse, thumbnail
from photosearch.engine.looks import MissingLooks
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file
from tests.helpers.photos import picture

SEEDS = range(250)


def older_library(writer: Writer, thumbnails: dict[int, bytes]) -> None:
    """One whose photos came without their looks; those that are not named share a thumbnail."""
    writer.register_model(MODEL, "made up", DIM)
    folder = writer.add_folder(b"/photos", "volume")
    plain = thumbnail(picture(0))
    files = [
        indexed_file(seed, folder_id=folder.folder_id, thumbnail=thumbnails.get(seed, plain))
        for seed in SEEDS
    ]
    writer.commit(files, MODEL)


def test_an_older_library_gets_them_from_its_thumbnails(tmp_path: Path) -> None:
    library = Library(tmp_path)
    other = thumbnail(picture(1))
    with Writer.open(library) as writer, Reader.open(library) as reader:
        older_library(writer, {240: other})
        missing = MissingLooks(library, writer)
        rounds = 1
        while missing.make_some():
            rounds += 1
        assert 1 < rounds < len(SEEDS)  # not all at once, and not each alone
        assert reader.looks().ids.tolist() == reader.living().tolist()
        assert reader.look(241) == look_of(glimpse(other))  # ids begin with 1
        assert not missing.make_some()


def test_a_damaged_thumbnail_costs_its_own_photo(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer, Reader.open(library) as reader:
        older_library(writer, {0: b"damaged", 99: b""})
        missing = MissingLooks(library, writer)
        while missing.make_some():
            pass
        assert reader.looks().ids.size == len(SEEDS) - 2


def test_a_library_that_cannot_be_written_is_not_asked_again_and_again(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer, Reader.open(library) as reader:
        older_library(writer, {})
        missing = MissingLooks(library, Writer.refusing(library, KnownError("it is read alone")))
        with pytest.raises(KnownError, match="read alone"):
            missing.make_some()
        assert not missing.make_some()
        assert reader.looks().ids.size == 0
