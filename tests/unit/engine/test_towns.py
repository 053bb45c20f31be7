"""Libraries of older programs learn where their photos were taken."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from photosearch.core.query import TakenAt
from photosearch.engine.towns import MissingTowns
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file

SCHEMA = Path(__file__).parents[1] / "store/schemas/versions_of_photos.sql"


def test_an_older_library_s_photos_are_looked_up(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with closing(sqlite3.connect(library.database)) as database:
        database.executescript(SCHEMA.read_text())
        database.execute("UPDATE photos SET latitude = 38.71, longitude = -9.14 WHERE photo_id = 2")
        database.commit()
    with Writer.open(library) as writer, Reader.open(library) as reader:
        told: list[bool] = []
        missing = MissingTowns(library, writer, lambda: told.append(True))
        missing.look_some_up()
        assert told == [True]
        assert reader.matching([TakenAt(place="lisbon")]).tolist() == [2]
        assert {each.town.said("zh_CN"): each.photos for each in reader.towns()}["葡萄牙里斯本"] == 1
        assert reader.unplaced(9) == []
        missing.look_some_up()
        assert told == [True]


def test_a_library_that_cannot_be_written_is_not_asked_again_and_again(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with closing(sqlite3.connect(library.database)) as database:
        database.executescript(SCHEMA.read_text())
        database.execute("UPDATE photos SET latitude = 38.71, longitude = -9.14 WHERE photo_id = 2")
        database.commit()
    Writer.open(library).close()
    refusing = Writer.refusing(library, KnownError("it is read alone"))
    missing = MissingTowns(library, refusing, lambda: None)
    with pytest.raises(KnownError, match="read alone"):
        missing.look_some_up()
    missing.look_some_up()


def test_what_is_indexed_comes_with_its_town_and_what_loses_its_place_loses_it(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer, Reader.open(library) as reader:
        writer.register_model(MODEL, "tiny", DIM)
        folder = writer.add_folder(b"/photos", "disk")
        file = indexed_file(1, folder_id=folder.folder_id, latitude=48.8584, longitude=2.2945)
        (photo_id,) = writer.commit([file], MODEL)
        details = reader.details(photo_id)
        assert details and details.town and details.town.said("en") == "Paris, France"
        writer.describe(photo_id, indexed_file(1, folder_id=folder.folder_id).facts, None)
        details = reader.details(photo_id)
        assert details and details.town is None and reader.towns() == []
