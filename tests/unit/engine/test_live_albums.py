"""Albums that fill themselves: when they are filled, with what, and who is told."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core import history_messages, messages, note_messages, search_messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.engine.live_albums import LiveAlbums
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import LiveAlbum
from photosearch.store.writer import Writer
from tests.helpers.colour_library import add_photos, make_colour_library
from tests.helpers.colour_model import MODEL, describe_model
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.heard import Heard
from tests.helpers.photos import make_photo


def albums(library: Library) -> dict[str, LiveAlbum]:
    with Reader.open(library) as reader:
        return {album.name: album for album in reader.live_albums()}


class Keeping:
    """Live albums of a library in which each search finds what it is told to."""

    def __init__(self, library: Library, writer: Writer) -> None:
        self.library, self.writer = library, writer
        self.found: dict[str, list[int] | Exception] = {}
        self.asked: list[str] = []
        self.state, self.ready = 0, True
        self.told: list[note_messages.AnyEvent] = []
        self.faults: list[BaseException] = []
        self.seconds, self.takes = 0.0, 0.0  # by its clock; and to find the photos of an album
        self.day = date(2026, 5, 1)
        self.albums = LiveAlbums(
            library,
            writer,
            self,
            lambda: None,
            self.told.append,
            self.faults.append,
            lambda: self.seconds,
            lambda: self.day,
        )

    def load(self) -> None:
        """Nothing is to be loaded."""

    def members(self, text: str) -> NDArray[np.int64]:
        self.asked.append(text)
        self.seconds += self.takes
        found = self.found.get(text, [])
        if isinstance(found, Exception):
            raise found
        return np.array(found, dtype=np.int64)

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.albums.look()

    def come(self, number: int) -> int:
        (photo_id,) = add_photos(self.writer, catalog.find(MODEL, self.library), range(number, number + 1))
        return photo_id


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    library = Library(tmp_path / "library")
    make_colour_library(library, 4)
    with Writer.open(library) as writer:
        yield Keeping(library, writer)


def test_they_are_filled_once_the_library_rests_and_only_where_it_changed(keeping: Keeping) -> None:
    keeping.look(3)
    keeping.found = {"dogs": [1, 2]}
    keeping.writer.save_search("Dogs", "dogs", live=True)
    keeping.writer.save_search("Cats", "cats")
    keeping.look(1)
    assert keeping.asked == []  # more may be about to come
    keeping.look(3)
    assert (keeping.asked, keeping.told) == (["dogs"], [note_messages.AlbumsChanged()])
    assert albums(keeping.library)["Dogs"].photos == 2
    keeping.writer.remember_search("dogs")
    keeping.look(3)
    assert keeping.asked == ["dogs"]
    keeping.writer.set_caption(3, "a dog")
    keeping.found = {"dogs": [1, 3]}
    keeping.look()
    assert (keeping.asked, len(keeping.told)) == (["dogs"] * 2, 2)
    keeping.state += 1  # another model
    keeping.look()
    assert (len(keeping.asked), len(keeping.told)) == (3, 2)  # the same photos are no news
    keeping.day = date(2026, 5, 2)  # date:today is another
    keeping.look()
    assert len(keeping.asked) == 4


def test_nothing_is_looked_for_before_there_is_a_model_that_answers(keeping: Keeping) -> None:
    keeping.writer.save_search("Dogs", "dogs", live=True)
    keeping.ready = False
    keeping.look(3)
    assert keeping.asked == []
    keeping.ready = True
    keeping.look()
    assert keeping.asked == ["dogs"]


def test_photos_that_keep_coming_are_not_waited_for_for_ever(keeping: Keeping) -> None:
    keeping.writer.save_search("Dogs", "dogs", live=True)
    for number in range(10, 13):
        keeping.come(number)
        keeping.look(1)
        keeping.seconds += 20
    assert len(keeping.asked) == 1


def test_where_it_takes_long_it_is_done_seldom(keeping: Keeping) -> None:
    keeping.writer.save_search("Dogs", "dogs", live=True)
    keeping.takes = 10
    keeping.look()
    keeping.come(10)
    keeping.seconds += 60
    keeping.look()
    assert len(keeping.asked) == 1
    keeping.seconds += 3600
    keeping.look()
    assert len(keeping.asked) == 2


def test_who_wants_word_of_new_photos_gets_it_when_no_more_come(keeping: Keeping) -> None:
    search_id = keeping.writer.save_search("Dogs", "dogs", live=True)
    keeping.writer.set_live(search_id, live=True, notifies=True)
    keeping.look()
    news = note_messages.NewInAlbums({"Dogs": 2})
    keeping.found = {"dogs": [1, keeping.come(10), keeping.come(11)]}
    keeping.albums.fill()  # as a command may have it meanwhile
    assert news not in keeping.told
    keeping.look(4)
    assert keeping.told.count(news) == 1
    later = Keeping(keeping.library, keeping.writer)  # as the next engine has it
    later.found = keeping.found
    later.look(4)
    assert (later.asked, later.told) == (["dogs"], [])


def test_one_that_cannot_be_looked_for_says_why_and_holds_up_no_other(keeping: Keeping) -> None:
    keeping.found = {"lake": KnownError("There is no album “{name}”.", name="Lake"), "dogs": [2]}
    keeping.writer.save_search("At the lake", "lake", live=True)
    keeping.writer.save_search("Dogs", "dogs", live=True)
    keeping.look()
    there = albums(keeping.library)
    assert (str(there["At the lake"].problem), there["Dogs"].photos) == ("There is no album “Lake”.", 1)
    keeping.found["lake"] = [1]
    keeping.writer.create_album("Lake")
    keeping.look()
    assert (albums(keeping.library)["At the lake"].problem, len(keeping.told)) == (None, 2)


def test_an_engine_that_closes_leaves_it_to_the_next(keeping: Keeping) -> None:
    keeping.found = {"dogs": Cancelled()}
    keeping.writer.save_search("Dogs", "dogs", live=True)
    keeping.look()
    assert (keeping.told, keeping.faults) == ([], [])
    keeping.found = {"dogs": [1]}
    keeping.look()
    assert albums(keeping.library)["Dogs"].photos == 1


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for colour in ("red", "blue", "green"):
        make_photo(folder / f"{colour}.png", color=colour)
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    describe_model(library)
    return library


def names(engine: Engine, text: str) -> set[str]:
    return {Path(hit.path).name for hit in search(engine, text).hits}


def test_an_album_has_what_a_search_is_sure_of_and_takes_up_what_comes(
    library: Library, photos: Path
) -> None:
    with engine_of(library) as engine:
        index = messages.Index([os.fsencode(photos)])
        ask(engine, index)
        ask(engine, note_messages.SaveSearch("Reds", "red", live=True))
        ask(engine, note_messages.SaveSearch("Stars", "rating:5", live=True))
        assert names(engine, 'album:"reds"') == {"red.png"}
        assert names(engine, "-album:reds blue") == {"blue.png", "green.png"}
        make_photo(photos / "again red.png", color="red", size=(72, 40))
        ask(engine, index)
        assert names(engine, "album:reds") == {"red.png", "again red.png"}
        assert albums(library)["Reds"].new == 1
        red = search(engine, "album:reds").hits[0].photo_id
        ask(engine, note_messages.LookAtLiveAlbum(albums(library)["Reds"].search_id))
        assert albums(library)["Reds"].new == 0
        ask(engine, note_messages.SetRating((red,), 5))
        ask(engine, note_messages.FillLiveAlbums())
        assert albums(library)["Stars"].photos == 1


def test_it_is_switched_off_kept_and_undone(library: Library, photos: Path) -> None:
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(photos)]))
        made = ask(engine, note_messages.SaveSearch("Reds", "red")).id
        assert "no album “reds”" in refusal(engine, search_messages.Search("album:reds"))
        ask(engine, note_messages.SetLive(made, live=True))
        assert albums(library)["Reds"].photos == 1
        ask(engine, note_messages.FreezeAlbum(made, "Reds of today"))
        assert names(engine, 'album:"reds of today"') == {"red.png"}
        ask(engine, note_messages.SetLive(made, live=False))
        assert albums(library) == {}
        ask(engine, history_messages.Undo())
        assert albums(library)["Reds"].photos == 1


def test_no_album_that_fills_itself_looks_in_another(library: Library, photos: Path) -> None:
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(photos)]))
        ask(engine, note_messages.SaveSearch("Reds", "red", live=True))
        saved = ask(engine, note_messages.SaveSearch("Saved", "-album:reds")).id
        for request in (
            note_messages.SaveSearch("Not reds", "-album:reds", live=True),
            note_messages.SaveSearch("Itself", "album:itself", live=True),
            note_messages.SaveSearch(" Reds ", "album:reds"),  # it is an album, and stays one
            note_messages.SetLive(saved, live=True),
        ):
            assert "no other such album can look in it" in refusal(engine, request)
        assert albums(library).keys() == {"Reds"} and albums(library)["Reds"].text == "red"
        with Writer.open(library) as writer:  # as one was made before this was refused
            old = writer.save_search("Not reds", "-album:reds", live=True)
        ask(engine, note_messages.SetLive(old, live=True, notifies=True))
        ask(engine, note_messages.SaveSearch("Broken", "rating:9", live=True))
    problems = {name: str(album.problem) for name, album in albums(library).items()}
    assert problems["Reds"] == "None"
    assert problems["Not reds"].startswith("“reds” fills itself, and no other such album can look in it")
    assert problems["Broken"].startswith("A rating is a number of stars from 0 to 5")


def test_an_engine_in_the_background_fills_them_after_a_kill_too(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.engine.service.SECONDS_BETWEEN_LOOKS_AT_ALBUMS", 0.01)
    with engine_of(library) as engine:
        ask(engine, messages.Index([os.fsencode(photos)]))
    with Writer.open(library) as writer:  # as if it was killed before it filled it
        writer.save_search("Reds", "red", live=True)
    with engine_of(library, background=True) as engine:
        heard = Heard()
        engine.subscribe(heard)
        heard.until(note_messages.AlbumsChanged())
    assert albums(library)["Reds"].photos == 1
