"""Folders that were moved or renamed while nobody looked."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from photosearch.core import messages, note_messages, search_messages
from photosearch.core.errors import KnownError
from photosearch.core.history_messages import RecordTrash, TrashedFile, Turned, Undo
from photosearch.core.query import InFolder
from photosearch.engine.folders import Folders
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.search.query import of_path
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.engine import engine_of
from tests.helpers.heard import Heard
from tests.helpers.photos import make_photo
from tests.helpers.rights import as_somebody_else

COLOURS = ("red", "blue", "green", "white")


@pytest.fixture
def photos(engine: Engine, tmp_path: Path) -> Path:
    """A folder that is in the library, with one photo in a folder of its own and one broken file."""
    made = tmp_path.resolve() / "photos"
    (made / "inner").mkdir(parents=True)
    for colour in COLOURS:
        make_photo(made / ("inner" if colour == "red" else "") / f"{colour}.png", color=colour)
    (made / "broken.jpg").write_bytes(b"no picture")
    index(engine, made)
    return made


def index(engine: Engine, *folders: Path) -> messages.Reply:
    return engine.handle(messages.Index([os.fsencode(folder) for folder in folders]))


def relocate(engine: Engine, old: Path, new: Path) -> messages.Reply:
    return engine.handle(messages.RelocateFolder(os.fsencode(old), os.fsencode(new)))


def refusal(engine: Engine, old: Path, new: Path) -> str:
    reply = relocate(engine, old, new)
    assert isinstance(reply, messages.Failed)
    return str(reply.sentence)


def found(engine: Engine, text: str) -> list[str]:
    reply = engine.handle(search_messages.Search(text))
    assert isinstance(reply, search_messages.SearchResult)
    return [hit.path for hit in reply.hits]


def test_a_moved_folder_keeps_what_is_known_of_its_photos(
    engine: Engine, library: Library, photos: Path
) -> None:
    new = photos.with_name("caf\u00e9 'elsewhere'")
    with Reader.open(library) as reader:
        before = reader.living().tolist()
        (red,) = (id_ for id_, path in reader.paths().items() if path.endswith(b"/red.png"))
    engine.handle(note_messages.SetCaption((red,), "Rusty at Pelican Cove"))
    engine.handle(note_messages.CreateAlbum("Best", (red,)))
    photos.rename(new)
    assert relocate(engine, photos, new) == messages.Done()
    assert found(engine, '"pelican cove"') == found(engine, "album:best") == [str(new / "inner" / "red.png")]
    reply = index(engine, new)
    assert isinstance(reply, messages.Indexed)
    report = reply.report  # the broken one may have been tried again by the look that the move asked for
    assert (report.indexed, report.unchanged + report.failed) == (0, 5)
    with Reader.open(library) as reader:
        assert reader.living().tolist() == before
        assert [folder.path for folder in reader.folders()] == [os.fsencode(new)]
        assert reader.matching([InFolder((os.fsencode(new),))]).tolist() == before
        assert [(folder.path, folder.photos) for folder in reader.subfolders()] == [
            (os.fsencode(new), 4),
            (os.fsencode(new / "inner"), 1),
        ]
        assert [failure.path for failure in reader.failures()] == [os.fsencode(new / "broken.jpg")]
        assert reader.check() == []


def test_a_folder_that_is_renamed_while_the_engine_watches_is_followed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.05)
    monkeypatch.setattr("photosearch.index.watcher.RENAMED_AFTER", 0.0)
    old, new = tmp_path.resolve() / "photos", tmp_path.resolve() / "summer"
    old.mkdir()
    make_photo(old / "red.png", color="red")
    heard = Heard()
    with engine_of(library, background=True) as engine:
        engine.subscribe(heard)
        index(engine, old)
        old.rename(new)
        heard.until_any(
            lambda event: (
                isinstance(event, messages.FoldersChanged)
                and [folder.path_bytes for folder in event.folders] == [os.fsencode(new)]
            )
        )
        assert found(engine, "red") == [os.fspath(new / "red.png")]


def test_a_place_without_the_photos_is_refused(engine: Engine, photos: Path) -> None:
    other = photos.with_name("other")
    photos.rename(photos.with_name("gone"))
    other.mkdir()
    for colour in COLOURS:  # names alone are not enough
        make_photo(other / f"{colour}.png", color="yellow")
    assert "of 4 that were looked for, 0 are there" in refusal(engine, photos, other)
    assert "There is no folder" in refusal(engine, photos, photos.with_name("never"))
    assert "not one of the library's folders" in refusal(engine, photos.with_name("never"), other)
    assert relocate(engine, photos, photos.with_name("gone")) == messages.Done()


def test_half_of_the_photos_are_enough(engine: Engine, photos: Path) -> None:
    new = photos.with_name("new")
    photos.rename(new)
    (new / "blue.png").unlink()
    (new / "white.png").write_bytes(b"changed")
    assert relocate(engine, photos, new) == messages.Done()


def test_a_copy_is_no_move_and_a_known_folder_no_new_place(engine: Engine, photos: Path) -> None:
    copy = photos.with_name("copy")
    shutil.copytree(photos, copy)
    assert "still there" in refusal(engine, photos, copy)
    index(engine, copy)
    photos.rename(photos.with_name("gone"))
    assert "in the library already" in refusal(engine, photos, copy)
    assert "in the library already" in refusal(engine, photos, copy / "inner")


def test_a_folder_without_photos_that_is_there_is_not_moved(engine: Engine, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty", tmp_path / "another"
    empty.mkdir()
    other.mkdir()
    index(engine, empty)
    assert "still there" in refusal(engine, empty, other)


def test_a_photo_in_the_trash_comes_back_to_where_its_folder_is_now(engine: Engine, photos: Path) -> None:
    trashed, new = photos / "red.png", photos.with_name("new")
    engine.handle(RecordTrash((TrashedFile(os.fsencode(trashed), b"/trash/red.png"),), 1))
    photos.rename(new)
    assert relocate(engine, photos, new) == messages.Done()
    turned = engine.handle(Undo())
    assert isinstance(turned, Turned)
    assert turned.files == (TrashedFile(os.fsencode(new / "red.png"), b"/trash/red.png"),)


@pytest.mark.parametrize("words", ["", "red "])
def test_of_a_photo_with_copies_the_file_in_the_folder_is_named(
    engine: Engine, photos: Path, words: str
) -> None:
    copy = photos / "other" / "copy.png"
    copy.parent.mkdir()
    shutil.copyfile(photos / "inner" / "red.png", copy)
    index(engine, photos)
    assert found(engine, f"{words}folder:other") == [str(copy)]
    assert found(engine, f"{words}folder:inner") == [str(photos / "inner" / "red.png")]


def test_searches_in_a_folder_look_where_it_is_now(engine: Engine, library: Library, photos: Path) -> None:
    new, typed = photos.with_name("of 2024"), f"white {of_path('folder', str(photos / 'inner'))}"
    created = engine.handle(note_messages.SaveSearch("Reds", typed))
    engine.handle(note_messages.SaveSearch("Forgotten", typed))
    assert isinstance(created, note_messages.Created)
    engine.handle(note_messages.DeleteSearch(created.id))
    engine.handle(note_messages.RememberSearch(typed))
    photos.rename(new)
    assert relocate(engine, photos, new) == messages.Done()
    engine.handle(Undo())
    with Reader.open(library) as reader:
        texts = [*(search.text for search in reader.saved_searches()), *reader.recent_searches()]
    assert texts == [f'white folder:"{new / "inner"}"'] * 3
    assert found(engine, texts[0]) == [str(new / "inner" / "red.png")]


def test_a_folder_behind_a_closed_one_is_not_said_to_be_missing() -> None:
    with as_somebody_else(), tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder).resolve() / "library")
        closed = library.root.with_name("ana")
        (closed / "Pictures").mkdir(parents=True)
        with Writer.open(library) as writer:
            closed.chmod(0)
            try:
                with pytest.raises(KnownError, match="a folder that holds it is closed to you"):
                    Folders(library, writer).checked(os.fsencode(closed / "Pictures"))
            finally:
                closed.chmod(0o700)
