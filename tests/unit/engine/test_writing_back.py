"""Captions and stars in XMP files beside photos, read back by the same index."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from photosearch.core.photo import Told
from photosearch.decode.pool import DecoderPool
from photosearch.decode.sidecar import read
from photosearch.engine.writing_back import PATIENCE, NotesBesidePhotos
from photosearch.store.reader import Reader
from tests.helpers.photos import make_photo
from tests.helpers.tiny_encoder import TinyEncoder
from tests.unit.index.index_under_test import Index

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmp:Rating="2">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Theirs</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(TinyEncoder().preprocessing, workers=1) as pool:
        yield pool


class Beside:
    """An index whose notes are written beside its photos."""

    def __init__(self, tmp_path: Path, pool: DecoderPool) -> None:
        self.index = Index(tmp_path, pool)
        self.root, self.writer = self.index.root, self.index.writer
        self.problems: list[KnownError] = []
        self.notes = NotesBesidePhotos(
            self.index.library, self.writer, self.problems.append, lambda: nullcontext(pool)
        )
        self.writer.set_setting("write_sidecars", "yes")

    def photo(self, name: str = "a.jpg") -> int:
        with Reader.open(self.index.library) as reader:
            photo_id = reader.photo_at(os.fsencode(self.root / name))
        assert photo_id is not None
        return photo_id

    def shown(self, name: str = "a.jpg") -> tuple[str | None, int | None]:
        with Reader.open(self.index.library) as reader:
            details = reader.details(self.photo(name))
        assert details is not None
        return details.caption, details.rating

    def waiting(self) -> int:
        with Reader.open(self.index.library) as reader:
            return len(reader.unwritten_notes())


@pytest.fixture
def beside(tmp_path: Path, pool: DecoderPool) -> Iterator[Beside]:
    beside = Beside(tmp_path, pool)
    make_photo(beside.root / "a.jpg", 1)
    beside.index.run()
    yield beside
    beside.writer.close()


def said(path: Path) -> Told:
    return read(path.read_bytes())


def test_nothing_is_written_unless_the_person_wants_it(beside):
    beside.writer.set_setting("write_sidecars", "no")
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.notes.look()
    assert [path.name for path in beside.root.iterdir()] == ["a.jpg"]
    beside.writer.set_setting("write_sidecars", "yes")
    beside.notes.look()  # what was written before comes too
    assert said(beside.root / "a.jpg.xmp") == Told(caption="Mine")


def test_captions_and_stars_are_written_and_photos_are_not(beside):
    photo = (beside.root / "a.jpg").read_bytes()
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.writer.set_rating([beside.photo()], 4)
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp") == Told(caption="Mine", rating=4)
    assert (beside.root / "a.jpg").read_bytes() == photo
    assert (beside.waiting(), beside.problems) == (0, [])


def test_what_was_written_here_sets_off_no_reading_and_says_nothing_new(beside):
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.notes.look()
    beside.index.pool.read.clear()
    beside.index.run()
    assert beside.index.pool.read == []
    with Reader.open(beside.index.library) as reader:
        details = reader.details(beside.photo())
    assert details is not None and details.facts.caption is None


def test_what_is_undone_is_taken_back_there_too(beside):
    (beside.root / "a.jpg.xmp").write_text(XMP)
    beside.index.run()
    assert beside.shown() == ("Theirs", 2)
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.writer.set_rating([beside.photo()], 5)
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp") == Told(caption="Mine", rating=5)
    beside.writer.undo()
    beside.writer.undo()
    assert beside.shown() == ("Theirs", 2)
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp") == Told(caption="Theirs", rating=2)
    beside.index.run()
    assert beside.shown() == ("Theirs", 2)


def test_that_there_is_no_caption_is_written_and_can_be_undone(beside):
    (beside.root / "a.jpg.xmp").write_text(XMP)
    beside.index.run()
    beside.writer.set_caption(beside.photo(), "")
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp") == Told(rating=2)
    beside.index.run()
    beside.writer.undo()
    beside.notes.look()
    beside.index.run()
    assert said(beside.root / "a.jpg.xmp").caption == "Theirs"
    assert beside.shown() == ("Theirs", 2)


def test_what_another_program_wrote_since_stays_when_ours_is_undone(beside):
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.writer.set_rating([beside.photo()], 5)
    beside.notes.look()
    (beside.root / "a.jpg.xmp").write_text(XMP)
    beside.writer.undo()
    beside.writer.undo()
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp") == Told(caption="Theirs", rating=2)


@pytest.mark.parametrize("name", ["a.xmp", "A.XMP", "a.JPG.xmp"])
def test_a_file_that_is_there_is_taken_whatever_its_name(beside, name):
    (beside.root / name).write_text(XMP)
    (beside.root / name).chmod(0o640)
    beside.index.run()
    beside.writer.set_rating([beside.photo()], 5)
    beside.notes.look()
    assert said(beside.root / name) == Told(caption="Theirs", rating=5)
    assert sorted(path.name for path in beside.root.iterdir()) == sorted(["a.jpg", name])
    if os.name == "posix":
        assert (beside.root / name).stat().st_mode & 0o777 == 0o640


def test_every_file_of_a_photo_gets_one_and_copies_that_come_later(beside):
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.notes.look()
    (beside.root / "trip").mkdir()
    shutil.copy(beside.root / "a.jpg", beside.root / "trip" / "b.jpg")
    beside.index.run()
    beside.notes.look()
    assert said(beside.root / "trip" / "b.jpg.xmp").caption == "Mine"


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights there")
def test_no_link_is_followed_out(beside, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    make_photo(outside / "b.jpg", 2)
    (outside / "target.xmp").write_text("mine alone")
    (beside.root / "away").symlink_to(outside)
    (beside.root / "a.jpg.xmp").symlink_to(outside / "target.xmp")
    beside.index.run()
    for name in ("a.jpg", "away/b.jpg"):
        beside.writer.set_caption(beside.photo(name), "Mine")
    beside.notes.look()
    assert (outside / "target.xmp").read_text() == "mine alone"
    assert not (outside / "b.jpg.xmp").exists()
    assert "is a link" in str(beside.problems[0])


def test_what_cannot_be_written_is_said_once_and_tried_again(beside, monkeypatch):
    make_photo(beside.root / "b.jpg", 2)
    beside.index.run()
    (beside.root / "a.jpg.xmp").write_text("<damaged")
    (beside.root / "b.jpg.xmp").write_text("<damaged")
    for name in ("a.jpg", "b.jpg"):
        beside.writer.set_caption(beside.photo(name), "Mine")
    beside.notes.look()
    assert len(beside.problems) == 1
    assert (beside.root / "a.jpg.xmp").read_text() == "<damaged"
    assert beside.waiting() == 2
    (beside.root / "a.jpg.xmp").unlink()
    beside.notes.look()  # not yet
    assert beside.waiting() == 2
    later = time.monotonic() + PATIENCE + 1
    monkeypatch.setattr("photosearch.engine.writing_back.time.monotonic", lambda: later)
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp").caption == "Mine"
    assert beside.waiting() == 1
    much_later = later + PATIENCE + 1
    monkeypatch.setattr("photosearch.engine.writing_back.time.monotonic", lambda: much_later)
    beside.notes.look()
    assert len(beside.problems) == 1  # although another file in the folder could be written meanwhile


def test_an_older_change_is_not_taken_for_the_latest(beside):
    photo = beside.photo()
    beside.writer.set_caption(photo, "First")
    with Reader.open(beside.index.library) as reader:
        [(_, changes)] = reader.unwritten_notes()
    beside.writer.set_caption(photo, "Second")
    beside.writer.notes_written(photo, changes)
    assert beside.waiting() == 1


def test_photos_of_one_name_get_files_of_their_own(beside):
    make_photo(beside.root / "a.png", 2)
    (beside.root / "a.xmp").write_text(XMP)
    beside.index.run()
    for name in ("a.jpg", "a.png"):
        beside.writer.set_caption(beside.photo(name), f"Mine of {name}")
    beside.notes.look()
    assert (beside.root / "a.xmp").read_text() == XMP
    for name in ("a.jpg", "a.png"):
        assert said(beside.root / f"{name}.xmp").caption == f"Mine of {name}"
    beside.index.run()
    beside.writer.undo()
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp").caption == "Mine of a.jpg"
    assert said(beside.root / "a.png.xmp") == Told()
    assert beside.shown("a.png") == ("Theirs", 2)


def test_nothing_is_written_where_the_photo_is_not(beside):
    beside.writer.set_caption(beside.photo(), "Mine")
    (beside.root / "a.jpg").unlink()  # as behind the mount point of a drive that was pulled out just now
    beside.notes.look()
    assert list(beside.root.iterdir()) == []
    assert (beside.waiting(), beside.problems) == (1, [])


def test_a_protected_file_stays(beside):
    (beside.root / "a.jpg.xmp").write_text(XMP)
    (beside.root / "a.jpg.xmp").chmod(0o444)
    beside.index.run()
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.notes.look()
    assert (beside.root / "a.jpg.xmp").read_text() == XMP
    assert "write-protected" in str(beside.problems[0]) and beside.waiting() == 1


def test_what_another_program_writes_meanwhile_stays(beside, monkeypatch):
    sync = os.fsync

    def sync_slowly(file: int) -> None:
        sync(file)
        (beside.root / "a.jpg.xmp").write_text(XMP)

    beside.writer.set_caption(beside.photo(), "Mine")
    monkeypatch.setattr(os, "fsync", sync_slowly)
    beside.notes.look()
    monkeypatch.undo()
    assert (beside.root / "a.jpg.xmp").read_text() == XMP
    assert sorted(path.name for path in beside.root.iterdir()) == ["a.jpg", "a.jpg.xmp"]
    assert "just been changed" in str(beside.problems[0]) and beside.waiting() == 1
    with Reader.open(beside.index.library) as reader:
        assert reader.written_notes(os.fsencode(beside.root / "a.jpg.xmp")).caption is None


def test_what_a_kill_left_half_written_is_removed(beside, monkeypatch):
    beside.writer.set_caption(beside.photo(), "Mine")
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(KeyboardInterrupt))
        killed.setattr(Path, "unlink", lambda *_, **__: None)
        beside.notes.look()
    assert len(list(beside.root.iterdir())) == 2
    beside.notes.look()
    assert sorted(path.name for path in beside.root.iterdir()) == ["a.jpg", "a.jpg.xmp"]


def test_what_was_written_before_a_kill_is_known_as_ours(beside, monkeypatch):
    beside.writer.set_caption(beside.photo(), "Mine")

    replace = Path.replace

    def replace_and_die(fresh: Path, path: Path) -> None:
        replace(fresh, path)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Path, "replace", replace_and_die)
        beside.notes.look()
    assert said(beside.root / "a.jpg.xmp").caption == "Mine"
    beside.index.run()
    beside.notes.look()
    beside.writer.undo()
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp") == Told()
    assert beside.shown() == (None, None)


def test_many_photos_hold_nothing_up(beside, monkeypatch):
    for at in range(3):
        make_photo(beside.root / f"{at}.jpg", at + 2)
    beside.index.run()
    for at in range(3):
        beside.writer.set_caption(beside.photo(f"{at}.jpg"), "Mine")
    clock = iter(range(0, 100, 3))
    monkeypatch.setattr("photosearch.engine.writing_back.time.monotonic", lambda: float(next(clock)))
    beside.notes.look()
    assert beside.waiting() == 2
    monkeypatch.undo()
    beside.notes.look()
    assert beside.waiting() == 0


def test_a_photo_that_is_edited_and_renamed_gets_one_under_its_new_name(beside):
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.notes.look()
    photo = (beside.root / "a.jpg").read_bytes()
    (beside.root / "a.jpg").unlink()
    (beside.root / "b.jpg").write_bytes(photo[:2] + b"\xff\xfe\0\x08edited" + photo[2:])
    beside.index.run()
    assert beside.shown("b.jpg") == ("Mine", None)
    assert beside.waiting() == 1  # the photo that was is no more
    beside.notes.look()
    assert said(beside.root / "b.jpg.xmp").caption == "Mine"


def test_photos_that_no_file_holds_wait_for_nothing(beside):
    photo = (beside.root / "a.jpg").read_bytes()
    beside.writer.set_caption(beside.photo(), "Mine")
    (beside.root / "a.jpg").unlink()
    beside.index.run()
    beside.notes.look()
    assert beside.waiting() == 0
    (beside.root / "b.jpg").write_bytes(photo)
    beside.index.run()
    beside.notes.look()
    assert said(beside.root / "b.jpg.xmp").caption == "Mine"


@pytest.mark.skipif(os.name != "posix", reason="there are no such rights")
def test_a_drive_that_knows_no_rights_is_written_to(beside, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    (beside.root / "a.jpg.xmp").write_text(XMP)
    beside.writer.set_caption(beside.photo(), "Mine")
    monkeypatch.setattr(os, "fchmod", refuse)
    beside.notes.look()
    assert said(beside.root / "a.jpg.xmp").caption == "Mine"


@pytest.mark.parametrize("theirs", ["", XMP], ids=["made here", "of another program"])
def test_a_file_that_moved_with_its_photo_is_known_as_ours(beside, theirs):
    if theirs:
        (beside.root / "a.jpg.xmp").write_text(theirs)
        beside.index.run()
    beside.writer.set_caption(beside.photo(), "Mine")
    beside.writer.set_rating([beside.photo()], 5)
    beside.notes.look()
    (beside.root / "2020").mkdir()
    for name in ("a.jpg", "a.jpg.xmp"):
        (beside.root / name).rename(beside.root / "2020" / name)
    beside.index.run()
    beside.notes.look()
    beside.writer.undo()
    beside.writer.undo()
    beside.notes.look()
    beside.index.run()
    before = ("Theirs", 2) if theirs else (None, None)
    told = said(beside.root / "2020" / "a.jpg.xmp")
    assert (told.caption, told.rating) == before
    assert beside.shown("2020/a.jpg") == before
