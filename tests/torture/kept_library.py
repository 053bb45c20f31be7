"""A library that is killed again and again, and a plain model beside it of what it must have kept."""

import contextlib
import copy
import csv
import hashlib
import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from photosearch.core import messages, note_messages, search_messages, teaching_messages
from photosearch.core.errors import KnownError
from photosearch.core.message import Request
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for
from tests.torture.library_on_disk import LibraryOnDisk, Notes
from tests.torture.life import Life
from tests.torture.tally import Tally

PHOTOS = 40  # at first; indexing adds some in each life
MORE = 8
SUBJECTS = ("Rusty on a beach", "a cat at Pelican Cove", "Rusty in the water", "the old mill", "grandmother")

Act = tuple[Request[Any], Callable[[Notes], object]]  # what is asked, and what it changes


class KeptLibrary:
    """One library with its photos. Each method but settle() is one life of an engine, and its end."""

    def __init__(self, tally: Tally, rng: random.Random, place: Path) -> None:
        self._tally = tally
        self._rng = rng
        self._place = place
        self._library = Library(place / "library")
        self._photos = place / "photos"
        self._photos.mkdir(parents=True)
        for name in ("tiny", "other"):
            copy_to_run("onnx", self._library.models / name, name)
        self._model = "tiny"
        self._seeds = itertools.count(rng.randrange(10**6))
        self._words = _words()
        self._files: dict[Path, tuple[int, bytes]] = {}  # mtime_ns and hash of each photo, as it was made
        self._notes = Notes()  # all that was answered as done
        self._maybe = Notes()  # the same with what was under way
        self._said: set[tuple[int, str]] = set()  # every caption that there ever was
        self._ids: dict[bytes, int] = {}
        self._album_ids: dict[str, int] = {}
        self._usable: list[tuple[Path, int]] = []  # photos that are there and indexed
        self._make_photos(PHOTOS)
        self.settle()

    def index(self) -> None:
        """Killed while it reads new photos, and some that were renamed."""
        self._make_photos(MORE)
        for path in self._rng.sample(sorted(self._files), 3):
            renamed = path.with_name(f"{next(self._words)}.jpg")
            path.rename(renamed)
            self._files[renamed] = self._files.pop(path)
        index: Request[Any] = messages.Index([os.fsencode(self._photos)])
        self._live(0.4, iter([(index, lambda notes: None)]))

    def write_notes(self) -> None:
        """Killed while it writes captions, stars, favourites and searches."""
        self._live(0.5, map(self._note, itertools.count()))

    def change_albums(self) -> None:
        """Killed while albums are made, filled, put in order, renamed and deleted."""
        self._live(0.5, self._album_acts())

    def import_captions(self) -> None:
        """Killed while it takes in a caption for every photo, again and again."""
        self._live(0.3, self._imports())

    def teach(self) -> None:
        """Killed while it learns, or while the person changes words."""
        acts: list[Act] = []
        if self._rng.random() < 0.5:
            acts = [next(self._imports()), (teaching_messages.StartTeaching(), lambda notes: None)]
        self._live(2.5 if acts else 0.3, itertools.chain(acts, map(self._word, itertools.count())), pause=0.1)

    def change_model(self) -> None:
        """Killed while another model reads all photos, to take the place of the one that answers."""
        self._model = "other" if self._model == "tiny" else "tiny"
        self._live(0.8, iter(()))

    def start(self) -> None:
        """Killed while it comes up."""
        with Life.of_engine(self._library, "--model", self._model) as life:
            life.kill_after(self._rng.uniform(0.0, 1.4))
            life.end(self._tally)
        self._examine()

    def settle(self) -> None:
        """Leave an engine alone until all is done, and see that all is right."""
        check = self._tally.check
        with Life.of_engine(self._library, "--model", self._model) as life:
            with life.client(self._library) as client:
                client.call(messages.Index([os.fsencode(self._photos)]))
                wait_for(lambda: client.call(teaching_messages.GetTeaching()).state.phase != "running")
                wait_for(lambda: self._is_at_rest(client))
                status = client.call(messages.GetStatus())
                check("after all kills every photo is indexed", status.photos == len(self._files), status)
                check(
                    "after all kills every photo is searchable", status.searchable == len(self._files), status
                )
                check("after all kills no file failed", status.failures == 0, status)
                self._search(client)
            check("an engine that is told to end does", life.stop() == 0)
        self._maybe = self._notes
        found = self._examine()
        held = {Path(os.fsdecode(path)): content for path, content in found.files.items()}
        wanted = {path: content for path, (_, content) in self._files.items()}
        check(
            "after all kills each file is known by its content", held == wanted, held.keys() ^ wanted.keys()
        )
        left = LibraryOnDisk(self._library.root).left_behind()
        check("nothing that was begun and killed is left behind", not left, left)

    def _is_at_rest(self, client: Client) -> bool:
        status = client.call(messages.GetStatus())
        working = status.progress.state != "idle" or status.next_model or not status.model_ready
        return not working and not client.call(messages.GetJobs()).jobs

    def _search(self, client: Client) -> None:
        """Some of the captions, as a person would look for them."""
        shown = [(id_, text) for id_, text in self._notes.captions.items() if text]
        for photo_id, text in self._rng.sample(shown, min(5, len(shown))):
            result = client.call(search_messages.Search(f'"{text}"'))
            ids = [hit.photo_id for hit in result.hits]
            self._tally.check("after all kills captions find their photos", ids == [photo_id], (text, ids))

    def _live(self, seconds: float, acts: Iterator[Act], pause: float = 0.0) -> None:
        """One engine that does these things, one by one, until it is killed within so many seconds."""
        with Life.of_engine(self._library, "--model", self._model) as life:
            with life.client(self._library) as client:
                life.kill_after(self._rng.uniform(0.0, seconds))
                self._maybe = self._notes
                for request, change in acts:
                    after = copy.deepcopy(self._notes)
                    change(after)
                    self._maybe = after
                    try:
                        reply = client.call(request)
                    except KnownError as error:
                        self._tally.check("an engine that lives answers", life.killed.is_set(), error)
                        break
                    self._answered(request, reply)
                    if pause:
                        life.killed.wait(pause)
            life.end(self._tally)
        self._examine()

    def _answered(self, request: Request[Any], reply: Any) -> None:
        """What was under way is done."""
        self._tally.count("changes answered before a kill")
        self._notes = self._maybe
        self._said |= self._notes.captions.items()
        if isinstance(request, note_messages.CreateAlbum):
            self._album_ids[request.name] = reply.id
        if isinstance(request, note_messages.RenameAlbum):
            former = next(name for name, id_ in self._album_ids.items() if id_ == request.album_id)
            self._album_ids[request.name] = self._album_ids.pop(former)

    def _examine(self) -> LibraryOnDisk:
        """Hold what lies on the disk against what must be there; go on from what is found."""
        check = self._tally.check
        found = LibraryOnDisk(self._library.root)
        found.check_files()
        check("a killed library is sound, and found by what it shows", not found.faults, found.faults)
        kept = found.notes in (self._notes, self._maybe)
        check("no note that was answered is lost, none is half there", kept, self._difference(found.notes))
        check(
            "what was written over stays as history", self._said <= found.history, self._said - found.history
        )
        same = all(found.photos.get(content) == id_ for content, id_ in self._ids.items())
        check("a photo keeps its id", same)
        untouched = all(
            path.stat().st_mtime_ns == mtime and _hash(path) == content
            for path, (mtime, content) in self._files.items()
        )
        check("no photo's file is touched", untouched)
        self._notes = found.notes
        self._ids = found.photos
        self._album_ids = found.album_ids
        self._usable = [
            (path, found.photos[content])
            for path, (_, content) in sorted(self._files.items())
            if found.files.get(os.fsencode(path)) == content
        ]
        return found

    def _difference(self, found: Notes) -> str:
        wrong = {
            name: (value, getattr(self._notes, name), getattr(self._maybe, name))
            for name, value in vars(found).items()
            if value not in (getattr(self._notes, name), getattr(self._maybe, name))
        }
        return f"found, answered, under way: {wrong}"[:2000]

    def _make_photos(self, count: int) -> None:
        for _ in range(count):
            path = make_photo(self._photos / f"{next(self._words)}.jpg", next(self._seeds))
            self._files[path] = (path.stat().st_mtime_ns, _hash(path))

    def _some(self) -> list[int]:
        photos = [photo_id for _, photo_id in self._usable]
        return self._rng.sample(photos, self._rng.randint(1, 6))

    def _note(self, _: int) -> Act:
        (photo_id, *_), word = self._some(), next(self._words)
        match self._rng.randrange(5):
            case 0 | 1:
                text = f"{self._rng.choice(SUBJECTS)} {word}"
                return note_messages.SetCaption((photo_id,), text), lambda notes: notes.captions.update(
                    {photo_id: text}
                )
            case 2:
                ids, on = self._some(), self._rng.random() < 0.6
                change = set.update if on else set.difference_update
                return note_messages.SetFavourite(tuple(ids), on), lambda notes: change(notes.favourites, ids)
            case 3:
                ids, stars = self._some(), self._rng.randint(0, 5)
                return note_messages.SetRating(tuple(ids), stars), lambda notes: notes.stars.update(
                    dict.fromkeys(ids, stars)
                )
            case _:
                return note_messages.SaveSearch(word, f"{word} beach"), lambda notes: notes.searches.update(
                    {word: f"{word} beach"}
                )

    def _album_acts(self) -> Iterator[Act]:
        while True:
            albums = sorted(self._album_ids)
            if len(albums) < 2 or self._rng.random() < 0.1:
                name, ids = next(self._words), tuple(self._some())
                yield note_messages.CreateAlbum(name, ids), _set_album(name, ids)
                continue
            name, ids = self._rng.choice(albums), tuple(self._some())
            album_id, held = self._album_ids[name], self._notes.albums[name]
            match self._rng.randrange(10):
                case 0 if len(albums) > 3:
                    del self._album_ids[name]
                    yield note_messages.DeleteAlbum(album_id), _drop_album(name)
                case 1:
                    yield note_messages.RenameAlbum(album_id, f"{name}s"), _rename_album(name, f"{name}s")
                case 2 | 3:
                    left = [id_ for id_ in held if id_ not in ids]
                    yield note_messages.ChangeAlbum(album_id, ids, "remove"), _set_album(name, left)
                case 4 | 5 if held:
                    order = self._rng.sample(held, len(held))
                    yield note_messages.ChangeAlbum(album_id, tuple(order), "order"), _set_album(name, order)
                case _:
                    more = list(dict.fromkeys([*held, *ids]))
                    yield note_messages.ChangeAlbum(album_id, ids), _set_album(name, more)

    def _imports(self) -> Iterator[Act]:
        table = self._place / "tables" / "captions.csv"
        table.parent.mkdir(exist_ok=True)
        while True:
            word = next(self._words)
            text = f"{self._rng.choice(SUBJECTS)} {word}"
            with table.open("w", newline="", encoding="utf-8") as file:
                rows = [(path.name, text) for path, _ in self._usable]
                csv.writer(file).writerows([("filename", "caption"), *rows])
            yield note_messages.ImportCaptions(os.fsencode(table)), self._imported(text)

    def _imported(self, text: str) -> Callable[[Notes], object]:
        def change(notes: Notes) -> None:
            for _, photo_id in self._usable:
                notes.imported[photo_id] = notes.imported.get(photo_id, frozenset()) | {text}

        return change

    def _word(self, _: int) -> Act:
        name = self._rng.choice(("Rusty", "Pelican", "Mill", next(self._words).title()))
        phrase = f"{self._rng.choice(('brown', 'old', 'small'))} {next(self._words)}"
        return teaching_messages.SetWord(name, phrase), lambda notes: notes.words.update({name: phrase})


def _words() -> Iterator[str]:
    """Words that no other word begins with, of letters alone."""
    for number in itertools.count():
        yield "z" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")


def _set_album(name: str, ids: Any) -> Callable[[Notes], object]:
    return lambda notes: notes.albums.update({name: list(ids)})


def _drop_album(name: str) -> Callable[[Notes], object]:
    return lambda notes: notes.albums.pop(name)


def _rename_album(name: str, other: str) -> Callable[[Notes], object]:
    return lambda notes: notes.albums.update({other: notes.albums.pop(name)})


def _hash(path: Path) -> bytes:
    with contextlib.closing(path.open("rb")) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).digest()
