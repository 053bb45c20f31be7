"""Text, tags, live albums and videos over one library: by the command line, off and on, killed amid work.

Photos are real ones, signs have words that are known, videos show scenes of their own. Each command that goes
through photos is ended by SIGKILL once it has done something; run again it must come to the same end as if
nothing had been, with nothing done twice.
"""

import contextlib
import itertools
import json
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import picture, sample_photos
from tests.helpers.processes import photosearch, start
from tests.helpers.videos import make_video, scene
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.life import Life
from tests.torture.tally import Tally

A_SECOND = 1.0  # photos for each second of the time
FEWEST, MOST = 8, 200
PHOTOS_A_SIGN = 35  # so many photos for each, as in a person's library
VIDEOS = 5
SIGNS = "signs"  # the folder in which they lie
SIZES = (6, 8, 12, 28)  # pixels that their letters are high
LARGE = (12, 28)
CAPITALS = 0.7  # of a font's size, that its capital letters are high
SECONDS_BETWEEN_LOOKS = 0.05
LONGEST = 3 * 3600.0  # seconds that a command may take
WORDS = [
    *("HARBOUR", "BAKERY", "LIBRARY", "STATION", "GARDEN", "MUSEUM", "KITCHEN", "PHARMACY", "CINEMA"),
    *("MARKET", "SCHOOL", "TICKETS", "WINDOW", "PARKING", "HOSPITAL", "AIRPORT", "THEATRE", "COFFEE"),
    *("FLOWERS", "BRIDGE", "CASTLE", "CHURCH", "VILLAGE", "ISLAND"),
]


def torture(
    tally: Tally,
    seconds: float,
    seed: int,
    place: Path,
    images: Path | None = None,
    count: int = 0,
    library: Path | None = None,
) -> None:
    """Go through all four once.

    Args:
        images: a folder of photos, of which `count` are taken and the bundled model is asked; None: a few
            that come with the tests' packages, and a tiny model that knows nothing
        library: that knows these photos; one begins as a copy of it, so that they are not encoded again
        count: of photos; 0: as many as the time is for. To say it says that time is no matter.
    """
    count = count or max(FEWEST, min(MOST, int(seconds * A_SECOND)))
    with contextlib.ExitStack() as lives:
        course = Course(tally, random.Random(seed), place, lives)
        if library:
            shutil.copytree(library, place / "library")
        course.make(images, count)
        course.index()
        course.watch_videos()
        course.tag()
        course.fill_albums()
        course.read_text()


class Course:
    """A library, what is in its folder, and what is promised of it.

    Args:
        lives: of its engines; the last one ends with it
    """

    def __init__(self, tally: Tally, rng: random.Random, place: Path, lives: contextlib.ExitStack) -> None:
        self._tally = tally
        self._rng = rng
        self._library = Library(place / "library")
        self._photos = place / "photos"
        self._model: tuple[str, ...] = ()  # the bundled one
        self._lives = lives
        self._engine: Life | None = None  # as of an open window, so that a command starts in no time
        self._signs: dict[Path, tuple[str, ...]] = {}  # and what is written there

    def make(self, images: Path | None, count: int) -> None:
        """Photos, signs and videos."""
        self._photos.mkdir()
        if images:
            for path in sorted(images.iterdir())[:count]:
                (self._photos / path.name).symlink_to(path)  # never copied, never written to
        else:
            for number, path in zip(range(count), itertools.cycle(sample_photos()), strict=False):
                photo = Image.open(path).convert("RGB")
                photo.rotate(number // 6).resize((160, 120)).save(self._photos / f"photo {number}.jpg")
            copy_to_run("onnx", self._library.models / "tiny")
            self._model = ("--model", "tiny")
        (self._photos / SIGNS).mkdir()
        for number in range(max(2, count // PHOTOS_A_SIGN)):
            words, size = tuple(self._rng.sample(WORDS, 3)), SIZES[-1 - number % len(SIZES)]
            path = self._photos / SIGNS / f"sign {number}, {size}.jpg"
            _sign(number, words, size).save(path)
            self._signs[path] = words
        for number in range(VIDEOS):
            make_video(self._photos / f"video {number}.mp4", [scene(2 * number), scene(2 * number + 1)])
        self._tally.count("photos", sum(1 for _ in self._photos.iterdir()) - 1 - VIDEOS)
        self._tally.count("photos of signs", len(self._signs))
        self._tally.count("videos", VIDEOS)

    def index(self) -> None:
        """All photos; videos are off as yet."""
        self._timed("index", self._photos, done=lambda: self._count("photos WHERE held"))
        self._check("videos are not read before they are switched on", self._videos()["count"], 0)

    def watch_videos(self) -> None:
        """On amid a kill, off, and on again."""
        self._kill_amid(lambda: self._count("videos") > 0, "videos", "on")
        self._did("videos", "on")
        first = self._videos()
        self._check("all videos are read after a kill", first["count"], VIDEOS)
        self._check("videos are found", len(self._found("type:video")), VIDEOS)
        self._did("videos", "off")
        self._check("videos that are switched off go", self._videos()["count"], 0)
        self._check("videos that are switched off are not found", len(self._found("type:video")), 0)
        self._did("videos", "on")
        again = self._videos()
        self._check("videos come back as they were", again, first)

    def tag(self) -> None:
        """Amid a kill to the end; a wrong one taken away; off, and on again."""
        self._kill_amid(lambda: self._count("tagged") > 0, "tags", "now")
        self._timed("tags", "now", done=lambda: self._count("tagged"))
        self._check("all are looked at for tags after a kill", *self._standing("tags"))
        counts = self._tags()
        tag = max(counts, key=lambda name: counts[name], default="")
        self._tally.count("tags on photos", sum(counts.values()))
        self._tally.check("the bundled model tags real photos", tag or self._model)
        if tag:
            found = self._found(f'tag:"{tag}"')
            self._check("what has a tag is found by it", len(found), counts[tag])
            self._did("tags", "wrong", tag, found[0])
            self._did("tags", "off")
            self._check("tags that are switched off find nothing", self._found(f'tag:"{tag}"'), [])
            self._did("tags", "now")
            after = self._found(f'tag:"{tag}"')
            self._check("a wrong tag stays away, and all others come back", sorted(after), sorted(found[1:]))

    def fill_albums(self) -> None:
        """Of words, of filters; killed as they are made; photos come; a saved search, and filled again."""
        searches = {"Videos": ("type:video",), "Flowers": ("a", "flower")}
        self._kill_amid(lambda: self._count("live_albums") > 0, "albums", "live", "Videos", "type:video")
        for name, words in searches.items():
            self._did("albums", "live", name, *words)
        filled = self._albums()
        self._check("an album of a filter has what that finds", filled["Videos"], VIDEOS)
        sure = [hit for hit in self._search("a flower")["hits"] if _belongs(hit)]
        self._check("an album of words has what a search is sure of", filled["Flowers"], len(sure))
        make_video(self._photos / "video that came.mp4", [scene(97), scene(98)])
        self._did("index", self._photos)
        self._check("an album has what came", self._albums(), filled | {"Videos": VIDEOS + 1})
        self._did("albums", "off", "Videos")
        self._check("an album that is none is gone", set(self._albums()), {"Flowers"})
        self._did("albums", "live", "Videos")
        self._check("a saved search becomes an album again", self._albums()["Videos"], VIDEOS + 1)

    def read_text(self) -> None:
        """The signs' folder alone, killed when half is read; the rest; found on and off."""
        signs, folder = len(self._signs), self._photos / SIGNS
        began = time.monotonic()
        self._kill_amid(lambda: self._count("text_read") >= signs // 2, "text", "now", folder)
        before = self._lines()
        told = self._ask("text", "now", "--json", folder)
        self._check("all signs are read after a kill", told, {"phase": "done", "done": signs, "total": signs})
        self._tally.figure("s a sign to read its text", f"{(time.monotonic() - began) / signs:.2f}")
        self._check("only what is asked for is read", self._standing("text")[0], signs)
        self._tally.check("what was read before a kill is kept", before <= self._lines(), before)
        before, began = self._lines(), time.monotonic()
        self._kill_amid(lambda: self._count("text_read") > signs, "text", "now")
        self._did("text", "now")
        self._check("all are read after a kill", *self._standing("text"))
        rest = self._count("text_read") - signs
        self._tally.figure(
            "s a photo to read the text of the rest", f"{(time.monotonic() - began) / rest:.2f}"
        )
        self._tally.check("what was read is kept when the rest is", before <= self._lines(), before)
        self._look_for_words()

    def _look_for_words(self) -> None:
        """On and off; how many, by the size of the letters."""
        words = self._rng.sample(WORDS, min(len(WORDS), max(3, len(self._signs) // 8)))
        self._did("text", "on")
        found = self._found_words(words)
        written = {(path, word) for path, on_it in self._signs.items() for word in on_it if word in words}
        self._check("words are found where they are written alone", found - written, set())
        for size in SIZES:
            there = {(path, word) for path, word in written if path.stem.endswith(f" {size}")}
            if there:
                share = f"{len(found & there)} of {len(there)}"
                self._tally.figure(f"words found of letters {size} px high", share)
            if size in LARGE:
                self._tally.check(
                    "nearly all words of large letters are found",
                    len(found & there) >= 0.9 * len(there),
                    there - found,
                )
        self._did("text", "off")
        self._check("text says that it is off", self._ask("text", "status", "--json")["phase"], "off")
        self._check("words are found as before when text is off", self._found_words(words), found)

    def _found_words(self, words: Sequence[str]) -> set[tuple[Path, str]]:
        """On signs; photos have words of their own."""
        found = {(Path(path), word) for word in words for path in self._found(f"text:{word.lower()}")}
        return {(path, word) for path, word in found if path in self._signs}

    def _kill_amid(self, amid: Callable[[], bool], *arguments: str | Path) -> None:
        """Begin a command, and kill the engine once it is amid the work; what lies on the disk is sound."""
        engine = self._running_engine()
        with start("photosearch", *arguments, "--library", self._library.root) as command:
            while command.poll() is None and not amid():
                time.sleep(SECONDS_BETWEEN_LOOKS)
            engine.kill()
            engine.end(self._tally)
            _, errors = command.communicate(timeout=LONGEST)  # it may go on with an engine of its own
        self._engine = None
        self._tally.check(
            "a command whose engine is killed says so in a sentence", "Traceback" not in errors, errors
        )
        self._check("a kill leaves a sound library", LibraryOnDisk(self._library.root).faults, [])
        self._tally.count(f"kills amid {' '.join(map(str, arguments[:2]))}")

    def _running_engine(self) -> Life:
        if self._engine is None:
            self._engine = self._lives.enter_context(Life.of_engine(self._library, *self._model))
            self._engine.client(self._library).close()
        return self._engine

    def _timed(self, *arguments: str | Path, done: Callable[[], int]) -> None:
        """Run a command, and note how many photos a second it took."""
        began, before = time.monotonic(), done()
        self._did(*arguments)
        if did := done() - before:
            rate = did / (time.monotonic() - began)
            self._tally.figure(f"photos a second by {arguments[0]}, its start included", f"{rate:.1f}")

    def _did(self, *arguments: str | Path) -> str:
        """What a command prints; it must end well."""
        self._running_engine()
        ended = photosearch(*arguments, "--library", self._library.root, patience=LONGEST)
        self._tally.check("a command ends well", ended.code == 0, (arguments, ended))
        return ended.output

    def _ask(self, *arguments: str | Path) -> Any:
        return json.loads(self._did(*arguments))

    def _search(self, *query: str) -> Any:
        """No photo found is an answer, too."""
        ended = photosearch(
            "search", "--json", "-n", "100000", *query, "--library", self._library.root, patience=LONGEST
        )
        self._tally.check("a search is answered", ended.code in (0, 1) and ended.output, ended)
        return json.loads(ended.output)

    def _found(self, *query: str) -> list[str]:
        """Paths; none, too, where a sentence says that this is switched off."""
        return [hit["path"] for hit in self._search(*query).get("hits", [])]

    def _videos(self) -> Any:
        return self._ask("videos", "--json")

    def _tags(self) -> dict[str, int]:
        return {tag["tag"]: tag["photos"] for tag in self._ask("tags", "--json")["tags"]}

    def _albums(self) -> dict[str, int]:
        return {album["name"]: album["photos"] for album in self._ask("albums", "--json")["albums"]}

    def _standing(self, command: str) -> tuple[int, int]:
        """How many photos it has been through, and how many there are."""
        told = self._ask(command, "status", "--json")
        return told["done"], told["total"]

    def _check(self, promise: str, found: object, wanted: object) -> None:
        self._tally.check(promise, found == wanted, f"{found!r}, not {wanted!r}")

    def _count(self, of: str) -> int:
        if not self._library.database.exists():
            return 0
        return int(self._rows(f"SELECT count(*) FROM {of}")[0][0])  # noqa: S608  (words of this file)

    def _lines(self) -> set[tuple[Any, ...]]:
        return set(self._rows("SELECT photo_id, place, text, box FROM text_lines"))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self._library.database, timeout=60)) as database:
            return database.execute(query).fetchall()


def _sign(number: int, words: Sequence[str], size: int) -> Image.Image:
    """Three words, of letters so high, on a white board before a wall of many colours."""
    sign = picture(number, (480, 360))
    draw = ImageDraw.Draw(sign)
    draw.rectangle((60, 50, 420, 310), fill="white", outline="black", width=3)
    font = ImageFont.load_default(size / CAPITALS)
    for line, word in enumerate(words):
        draw.text((240, 100 + 80 * line), word, "black", font, anchor="mm")
    return sign


def _belongs(hit: dict[str, Any]) -> bool:
    """Whether a live album of the same words has it."""
    return hit["confidence"] in ("strong", "likely") or bool(hit["found_in"])
