"""A library as somebody might have it, made of the demo's photographs: folders, days, albums, problems."""

import hashlib
import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.core import messages
from photosearch.core.errors import KnownError, QueryError
from photosearch.core.messages import Suggestion
from photosearch.core.photo import Confidence, Facts, Hit
from photosearch.core.progress import Progress
from photosearch.decode.thumbnail import average_colour, preview, thumbnail
from photosearch.demo import photos
from photosearch.paths import Library
from photosearch.search.query import parse
from photosearch.store.rows import Failure, IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine

HOME = b"/home/ana/Pictures"
DRIVE = b"/media/ana/Archive"
FOLDERS = (
    HOME + b"/2024 Kyoto",
    HOME + b"/2023 At home",
    HOME + b"/2023 At home/Cats",
    DRIVE + b"/2019 Science",
)
# Of the demo's photographs: which, in which folder, how often, each time cut otherwise.
_PRINTS = (
    ("china.jpg", 0, 7),
    ("flower.jpg", 0, 6),
    ("coffee.png", 1, 5),
    ("motorcycle_left.png", 1, 5),
    ("chelsea.png", 2, 8),
    ("astronaut.png", 3, 5),
    ("rocket.jpg", 3, 6),
    ("hubble_deep_field.jpg", 3, 5),
    ("moon.png", 3, 3),
    ("camera.png", 3, 3),
    ("coins.png", 1, 2),
)
_DAYS = ("2024-04-0{}", "2023-11-1{}", "2023-12-2{}", "2019-07-2{}")  # by folder
_FACTS = {
    "camera": "Canon EOS R6",
    "lens": "RF 35mm F1.8 Macro IS STM",
    "iso": 200,
    "exposure_seconds": 1 / 250,
    "f_number": 2.8,
    "focal_length_mm": 35.0,
    "latitude": 35.005,
    "longitude": 135.7647,
    "altitude_metres": 51.0,
    "keywords": ("spring", "travel"),
}
SURE, LIKELY = 5, 3  # hits of a search that finds something
QUERY = "a cat with green eyes"
WITH_CHIPS = "cats date:2023 -people window^2 folder:Cats"
NOTHING_SURE = "qwrt zzyx plomf"
TOO_NARROW = "type:raw camera:Nikon date:1950"
WRONG = "cats dat:2023"
SEARCHED = 12_480
IDLE = Progress("idle")


@dataclass
class Gallery:
    library: Library
    ids: list[int] = field(default_factory=list)  # newest first
    originals: dict[int, Image.Image] = field(default_factory=dict)
    names_of: dict[int, str] = field(default_factory=dict)
    album: int = 0
    empty_album: int = 0
    away: int = 0  # a photo on the drive that is not connected

    @property
    def names(self) -> str:
        """Words that no language translates, being the person's own."""
        return (
            "Kyoto At home Cats Science Archive ana Pictures media Best of Winter Cats at the window "
            "Canon EOS RF Macro IS STM spring travel Nikon raw people with cat qwrt zzyx plomf date dat "
            "green eyes IMG notes jpg png china flower coffee motorcycle left chelsea astronaut rocket "
            "hubble deep field moon "
            "camera coins window cats "
            "The search engine stopped"  # said once, in the language of then
        )


def hang(library: Library) -> Gallery:
    """Fill a library."""
    gallery = Gallery(library)
    samples = photos.SAMPLES
    found = {path.name: path for path in _sample_files()}
    assert {name for name, _, _ in _PRINTS} <= {name for _, names in samples.values() for name in names}
    with Writer.open(library) as writer:
        writer.register_model("model", "model", 4)
        home, drive = writer.add_folder(HOME, "disk"), writer.add_folder(DRIVE, "drive")
        files, prints = [], []
        for name, folder, count in _PRINTS:
            with Image.open(found[name]) as opened:
                whole = opened.convert("RGB")
            for number in range(count):
                cut = _cut(whole, number)
                where = home if folder < 3 else drive
                files.append(_file(where.folder_id, FOLDERS[folder], name, number, folder, cut))
                prints.append(cut)
        ids = writer.commit(files, "model")
        gallery.originals = dict(zip(ids, prints, strict=True))
        gallery.names_of = {
            photo_id: os.fsdecode(file.path) for photo_id, file in zip(ids, files, strict=True)
        }
        taken = dict(zip(ids, (file.facts.taken_at or "" for file in files), strict=True))
        gallery.ids = sorted(ids, key=lambda photo_id: (taken[photo_id], photo_id), reverse=True)
        gallery.away = next(photo_id for photo_id in gallery.ids if taken[photo_id] < "2020")
        writer.set_away(drive.folder_id, True)
        writer.set_favourite(gallery.ids[1:9:3], True)
        writer.set_rating(gallery.ids[:2], 4)
        gallery.album = writer.create_album("Best of 2024")
        gallery.empty_album = writer.create_album("Winter")
        writer.add_to_album(gallery.album, gallery.ids[:13])
        writer.save_search("Cats at the window", "cats window")
        writer.fail(
            [
                Failure(home.folder_id, HOME + b"/2024 Kyoto/%s" % name, "decode", reason, 10_000, 1)
                for name, reason in (
                    (b"IMG_2203.jpg", "the file is truncated"),
                    (b"IMG_2207.jpg", "the file is empty"),
                    (b"notes.jpg", "it is not an image"),
                )
            ]
        )
    return gallery


def engine(gallery: Gallery) -> FakeEngine:
    """Knows the photos of a gallery, and has no doubts."""
    made = FakeEngine()
    folders = [messages.FolderStatus(HOME, 33, "here"), messages.FolderStatus(DRIVE, 22, "away")]
    made.status = messages.Status(
        "model", True, "cpu", "float32", len(gallery.ids), len(gallery.ids), 3, folders, IDLE, True
    )
    made.search = lambda question: _answer(gallery, question)
    made.preview = lambda request: _preview(gallery, request)
    made.replies[messages.Suggest] = messages.Suggestions(
        (
            Suggestion("saved", "cats window", "Cats at the window"),
            Suggestion("recent", QUERY, QUERY),
            Suggestion("recent", "cats -people date:2023-12", "cats -people date:2023-12"),
            Suggestion("date", "date:2024", "date:2024", 1_240),
            Suggestion("date", "date:2023", "date:2023", 3_310),
            Suggestion("folder", "folder:Cats", "folder:Cats", 830),
            Suggestion("album", 'album:"Best of 2024"', 'album:"Best of 2024"', 13),
            Suggestion("camera", 'camera:"Canon EOS R6"', 'camera:"Canon EOS R6"', 4_100),
        )
    )
    scores = np.random.default_rng(0).normal(0.05, 0.05, SEARCHED)
    histogram, edges = np.histogram(np.append(scores, [0.26, 0.28, 0.3]), 40)
    made.replies[messages.Explain] = messages.Explanation(
        0.27,
        0.01,
        Confidence.STRONG,
        3,
        SEARCHED,
        (messages.Pull(QUERY, 0.29), messages.Pull("people", -0.03)),
        tuple(
            messages.Pull(word, pull)
            for word, pull in zip(QUERY.split(), (0.002, 0.12, -0.004, 0.03, 0.06), strict=True)
        ),
        tuple(histogram.tolist()),
        float(edges[0]),
        float(edges[-1]),
    )
    return made


def _sample_files() -> list[Path]:
    """Where the demo takes them from."""
    found = []
    for package, (folder, names) in photos.SAMPLES.items():
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        found += [Path(spec.origin).parent / folder / name for name in names]
    return found


def _cut(whole: Image.Image, number: int) -> Image.Image:
    """The photograph itself, then parts of it in other shapes."""
    if number == 0:
        return whole
    width, height = whole.size
    shape = ((0.75, 1), (1, 0.7), (0.8, 0.8), (1, 0.6), (0.6, 0.9))[number % 5]
    across, down = round(width * shape[0]), round(height * shape[1])
    left, top = (width - across) * (number % 3) // 2, (height - down) * (number % 2)
    return whole.crop((left, top, left + across, top + down))


def _file(
    folder_id: int, folder: bytes, name: str, number: int, place: int, picture: Image.Image
) -> IndexedFile:
    small = thumbnail(picture)
    stem, suffix = name.rsplit(".", 1)
    day = _DAYS[place].format(1 + number // 2)
    facts = Facts("JPEG", picture.width * 4, picture.height * 4, f"{day}T{9 + number:02}:24:10", **_FACTS)  # type: ignore[arg-type]
    path = folder + f"/{stem}-{number + 1}.{suffix}".encode()
    return IndexedFile(
        folder_id=folder_id,
        path=path,
        size=2_480_000 + 10_000 * number,
        mtime_ns=1_700_000_000 * 10**9,
        content_hash=hashlib.blake2b(path, digest_size=20).digest(),
        facts=facts,
        colour=average_colour(small),
        vector=np.ones(4, dtype=np.float16),
        bias=0.0,
        thumbnail=small,
    )


def _preview(gallery: Gallery, request: messages.Preview) -> messages.Previewed:
    if request.photo_id == gallery.away:
        raise KnownError("The drive is not connected.")
    picture = gallery.originals[request.photo_id]
    return messages.Previewed(preview(picture, request.longest_edge), picture.width * 4, picture.height * 4)


def _answer(gallery: Gallery, question: messages.Search | messages.Similar) -> messages.SearchResult:
    if isinstance(question, messages.Similar):
        return _result(gallery, "", sure=0, k=question.k)
    text = question.text
    if (place := text.find("dat:")) >= 0:
        raise QueryError("There is no filter dat:, did you mean date:?", (place, place + 4))
    pieces = tuple(parse(text).pieces)
    if "type:raw" in text:
        return messages.SearchResult(text, "model", 1.0, 1.0, 0, [], pieces)
    result = _result(gallery, text, sure=0 if text == NOTHING_SURE else SURE + LIKELY, k=question.k)
    groups = (messages.HitGroup(b"2023-12-24", 0), messages.HitGroup(b"2023-12-20", 6))
    grouped = groups if question.group == "day" else ()
    return messages.SearchResult(
        text, "model", 1.0, 1.0, SEARCHED, result.hits, pieces, result.labels, grouped
    )


def _result(gallery: Gallery, text: str, *, sure: int, k: int) -> messages.SearchResult:
    """The cats first, then the others."""
    best = sorted(gallery.ids, key=lambda photo_id: "chelsea" not in gallery.names_of[photo_id])[:k]
    strong = min(SURE, sure)
    confidences = [Confidence.STRONG] * strong + [Confidence.LIKELY] * (sure - strong)
    confidences += [Confidence.WEAK] * (len(best) - len(confidences))
    hits = [Hit(photo_id, b"", 0.3, sureness) for photo_id, sureness in zip(best, confidences, strict=True)]
    labels = messages.Labels(strong, sure - strong, SEARCHED - sure)
    return messages.SearchResult(text, "model", 1.0, 1.0, SEARCHED, hits, (), labels)
