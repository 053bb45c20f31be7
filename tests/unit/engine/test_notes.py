"""Captions, favourites, ratings, albums and searches that are kept, through the engine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageOps

from photosearch import settings
from photosearch.core import history_messages, messages, note_messages, search_messages
from photosearch.core.errors import Sentence
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.heard import Heard
from tests.helpers.photos import make_photo, picture


@pytest.fixture
def engine(library: Library, tmp_path: Path) -> Iterator[Engine]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for colour in ("red", "blue"):
        make_photo(folder / f"{colour}.png", color=colour)
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(folder)]))
        yield engine


@pytest.fixture
def heard(engine: Engine) -> Heard:
    heard = Heard()
    engine.subscribe(heard)
    return heard


def names(engine: Engine, text: str) -> list[str]:
    return [Path(hit.path).name for hit in search(engine, text).hits]


def photo(engine: Engine, colour: str) -> int:
    return search(engine, colour).hits[0].photo_id


def test_notes_are_searched_at_once_and_told(engine: Engine, heard: Heard) -> None:
    red = photo(engine, "red")
    for request, query in (
        (note_messages.SetCaption((red,), "Rusty at Pelican Cove"), '"pelican cove"'),
        (note_messages.SetFavourite((red,), True), "has:favourite"),
        (note_messages.SetRating((red,), 4), "rating:4"),
    ):
        assert names(engine, query) == []
        assert engine.handle(request) == messages.Done()
        heard.until(note_messages.NotesChanged((red,)))
        assert names(engine, query) == ["red.png"]
    refused = engine.handle(note_messages.SetRating((red,), 9))
    assert isinstance(refused, messages.Failed)


def test_captions_of_a_file_are_searched_at_once_and_told(
    engine: Engine, heard: Heard, tmp_path: Path
) -> None:
    table = tmp_path / "captions.csv"
    table.write_text("filename,caption\nred.png,Rusty at Pelican Cove\nblue.png,A lake\n")
    red, blue = photo(engine, "red"), photo(engine, "blue")
    found = engine.handle(note_messages.ImportCaptions(os.fsencode(table), dry_run=True))
    assert isinstance(found, note_messages.CaptionsImported) and (found.new, found.problems) == (2, ())
    assert names(engine, '"pelican cove"') == []
    assert engine.handle(note_messages.ImportCaptions(os.fsencode(table))) == found
    heard.until(note_messages.NotesChanged((red, blue)))
    assert names(engine, '"pelican cove"') == ["red.png"]
    exported = engine.handle(note_messages.ExportCaptions(os.fsencode(table)))
    assert exported == note_messages.CaptionsExported(captions=2, photos=2)
    refused = engine.handle(note_messages.ImportCaptions(os.fsencode(tmp_path / "none.csv")))
    assert isinstance(refused, messages.Failed)


def test_albums(engine: Engine, heard: Heard) -> None:
    red, blue = photo(engine, "red"), photo(engine, "blue")
    created = engine.handle(note_messages.CreateAlbum("Best", (red,)))
    assert isinstance(created, note_messages.Created)
    heard.until(note_messages.AlbumsChanged())
    assert names(engine, "album:best") == ["red.png"]
    engine.handle(note_messages.ChangeAlbum(created.id, (blue,)))
    engine.handle(note_messages.ChangeAlbum(created.id, (red,), "remove"))
    engine.handle(note_messages.RenameAlbum(created.id, "Blues"))
    assert names(engine, "album:blues") == ["blue.png"]
    engine.handle(note_messages.DeleteAlbum(created.id))
    refused = engine.handle(search_messages.Search("album:blues"))
    assert isinstance(refused, messages.Failed)


def test_a_change_is_undone_and_told(engine: Engine, heard: Heard) -> None:
    heard.until(history_messages.HistoryChanged())
    red, blue = photo(engine, "red"), photo(engine, "blue")
    ask(engine, note_messages.SetRating((red, blue), 4))
    heard.until_any(lambda event: isinstance(event, history_messages.HistoryChanged) and event.undo)
    turned = ask(engine, history_messages.Undo())
    assert (str(turned.change.says), turned.kept) == ("4 stars for 2 photos", 0)
    change = turned.change
    assert history_messages.HistoryChanged(undo=change) in heard.events
    heard.until(note_messages.NotesChanged((red, blue)))
    heard.until(history_messages.HistoryChanged(redo=change))
    assert names(engine, "rating:4") == []
    ask(engine, history_messages.Redo())
    assert len(names(engine, "rating:4")) == 2
    ask(engine, note_messages.CreateAlbum("Best", (red,)))
    ask(engine, history_messages.Undo())
    assert "album" in refusal(engine, search_messages.Search("album:best"))
    ask(engine, history_messages.Undo())
    assert refusal(engine, history_messages.Undo()) == "There is nothing to undo."


def test_a_change_that_is_not_the_next_one_any_more_is_neither_undone_nor_redone(engine: Engine) -> None:
    red = photo(engine, "red")
    ask(engine, note_messages.SetRating((red,), 4))
    ask(engine, note_messages.SetFavourite((red,), True))
    hearts = ask(engine, history_messages.Undo()).change.change_id
    meanwhile = "Something else was changed, undone or redone meanwhile; everything stays as it is."
    assert refusal(engine, history_messages.Undo(hearts)) == meanwhile
    assert names(engine, "rating:4") == ["red.png"]
    stars = ask(engine, history_messages.Undo()).change.change_id
    assert refusal(engine, history_messages.Redo(hearts)) == meanwhile
    assert ask(engine, history_messages.Redo(stars)).change.change_id == stars
    assert ask(engine, history_messages.Undo(stars)).change.change_id == stars


def test_a_folder_that_was_left_out_comes_back_by_undo(
    engine: Engine, library: Library, tmp_path: Path
) -> None:
    inner = tmp_path / "photos" / "scans"
    inner.mkdir()
    make_photo(inner / "green.png", color="green")
    index = messages.Index([os.fsencode(inner.parent)])
    ask(engine, index)
    ask(engine, messages.ChangeSetting(settings.EXCLUDE, "*.gif"))
    ask(engine, messages.LeaveOut(os.fsencode(inner)))
    ask(engine, index)
    assert "green.png" not in names(engine, "green")
    turned = ask(engine, history_messages.Undo())
    assert str(turned.change.says) == "“scans” left out"
    ask(engine, index)
    assert "green.png" in names(engine, "green")
    with Reader.open(library) as reader:
        assert reader.setting(settings.EXCLUDE) == "*.gif"  # what was left out before stays so


def test_files_in_the_trash_are_the_faces_to_put_back(engine: Engine) -> None:
    gone = history_messages.TrashedFile(b"/photos/red.png", b"/trash/red.png")
    ask(engine, history_messages.RecordTrash((gone,), 1))
    assert ask(engine, history_messages.Undo()).files == (gone,)


def test_saved_and_recent_searches(engine: Engine, library: Library) -> None:
    saved = engine.handle(note_messages.SaveSearch("Reds", "red -blue"))
    assert isinstance(saved, note_messages.Created)
    engine.handle(note_messages.RememberSearch("red"))
    with Reader.open(library) as reader:
        assert [search.text for search in reader.saved_searches()] == ["red -blue"]
        assert reader.recent_searches() == ["red"]
        engine.handle(note_messages.ClearSearches())
        assert reader.recent_searches() == []
        engine.handle(note_messages.RenameSearch(saved.id, "Only reds"))
        assert [search.name for search in reader.saved_searches()] == ["Only reds"]
        engine.handle(note_messages.DeleteSearch(saved.id))
        assert reader.saved_searches() == []


def test_recent_searches_can_be_switched_off(engine: Engine, library: Library) -> None:
    engine.handle(note_messages.RememberSearch("red"))
    engine.handle(messages.ChangeSetting("remember_searches", "no"))
    engine.handle(note_messages.RememberSearch("blue"))
    with Reader.open(library) as reader:
        assert reader.recent_searches() == []
        engine.handle(messages.ChangeSetting("remember_searches", "yes"))
        engine.handle(note_messages.RememberSearch("green"))
        assert reader.recent_searches() == ["green"]


def test_suggestions_know_at_once_what_is_new(engine: Engine) -> None:
    def suggested(text: str) -> list[str]:
        reply = engine.handle(search_messages.Suggest(text))
        assert isinstance(reply, search_messages.Suggestions)
        return [suggestion.text for suggestion in reply.suggestions]

    assert "two dogs" not in suggested("")
    engine.handle(note_messages.RememberSearch("two dogs"))
    assert suggested("")[0] == "two dogs"
    engine.handle(note_messages.SaveSearch("Reds", "red -blue"))
    assert suggested("re") == ["red -blue"]


@pytest.mark.parametrize(
    ("key", "value"), [("device", "abacus"), ("colour", "red"), ("theme", "dark"), ("model", "colours")]
)
def test_what_makes_no_sense_is_refused_in_a_sentence(library: Library, key: str, value: str) -> None:
    with engine_of(library) as engine:
        assert refusal(engine, messages.ChangeSetting(key, value))


def test_notes_of_a_photo_that_another_program_edits_are_told_and_undone(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    path = folder / "a.jpg"
    picture(3, (200, 150)).save(path)
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(folder)]))
        (before,) = search(engine, "a.jpg").hits
        album = ask(engine, note_messages.CreateAlbum("Best", (before.photo_id,))).id
        heard = Heard()
        engine.subscribe(heard)
        ImageOps.grayscale(picture(3, (200, 150))).save(path)
        report = ask(engine, messages.Index([os.fsencode(folder)])).report
        assert report.notes_kept == 1
        heard.until(note_messages.AlbumsChanged())
        says = Sentence("{photos} edited by another program, notes kept", photos=Sentence("{n:,} photo", n=1))
        heard.until_any(
            lambda event: (
                isinstance(event, history_messages.HistoryChanged) and event.undo and event.undo.says == says
            )
        )
        with Reader.open(library) as reader:
            assert reader.album_photos(album)[0].tolist() != [before.photo_id]
        turned = ask(engine, history_messages.Undo())
        assert (turned.change.says, turned.kept) == (says, 0)
        heard.until(note_messages.AlbumsChanged())
        with Reader.open(library) as reader:
            assert reader.album_photos(album)[0].tolist() == []
