"""Libraries of every released schema open, keep what they held, and end up as a new one does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photosearch.core.errors import Sentence
from photosearch.core.query import Says
from photosearch.paths import Library
from photosearch.store import migrations
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL

FIXTURES = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


def schema(library: Library) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(library.database)) as database:
        return database.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
        ).fetchall()


def test_every_step_has_a_library_that_ends_with_it() -> None:
    assert [path.stem for path in FIXTURES] == sorted(migrations.known())


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_an_old_library_is_brought_up_to_date(tmp_path: Path, fixture: Path) -> None:
    old, new = Library(tmp_path / "old"), Library(tmp_path / "new")
    old.root.mkdir()
    with closing(sqlite3.connect(old.database)) as database:
        database.executescript(fixture.read_text())
    Writer.open(old).close()
    Writer.open(new).close()
    assert schema(old) == schema(new)
    with Reader.open(old) as reader:
        assert [folder.path for folder in reader.folders()] == [b"/photos"]
        assert reader.counts(MODEL).photos == 2
        assert reader.counts(MODEL).searchable == 2
        assert [failure.reason for failure in reader.failures()] == [Sentence("the file is truncated")]
        assert reader.setting("theme") == "dark"
        assert reader.timeline()[0].tolist() == [2, 1]


def test_words_that_were_indexed_in_traditional_chinese_are_found(tmp_path: Path) -> None:
    library = Library(tmp_path)
    fixture = next(path for path in FIXTURES if path.stem == "reasons_with_values")
    with closing(sqlite3.connect(library.database)) as database:
        database.executescript(fixture.read_text())
        database.execute("UPDATE photo_words SET caption = ' 海  灘 ' WHERE rowid = 1")
        database.execute("UPDATE file_words SET name = ' 貓 .jpg' WHERE rowid = 2")
        database.commit()
    Writer.open(library).close()
    with Reader.open(library) as reader:
        assert reader.matching([Says(phrase="海滩")]).tolist() == [1, 2]  # the other one had it before
        assert reader.matching([Says(phrase="貓")]).tolist() == [1, 2]


def test_a_step_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path)
    Writer.open(library).close()
    before = schema(library)

    def breaks(db: object) -> None:
        db.execute("CREATE TABLE half (a)")  # type: ignore[attr-defined]
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, breaks))
    with pytest.raises(ZeroDivisionError):
        Writer.open(library)
    assert schema(library) == before
