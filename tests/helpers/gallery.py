"""A library as somebody might have it, made of the demo's photographs: folders, days, albums, problems."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.core import messages, search_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.model_messages import Adding, Model, ModelList, Offer, OfferList
from photosearch.core.photo import Confidence, Facts, Hit
from photosearch.core.progress import Progress
from photosearch.core.search_messages import Suggestion
from photosearch.core.stack_messages import FindStacks, Kind, PhotoStack, StackedFile, Stacks
from photosearch.decode.thumbnail import average_colour, glimpse, preview, thumbnail
from photosearch.demo import photos
from photosearch.models.offers import known_models
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
    HOME + b"/2022 Space",
    DRIVE + b"/2019 Science",
)
_AWAY = 4  # the folder on the drive that is not connected
# The demo's photographs, each once, and the folder it lies in; of a folder the last is the newest.
_PRINTS = (
    ("coffee.png", 0),
    ("motorcycle_left.png", 0),
    ("flower.jpg", 0),
    ("china.jpg", 0),
    ("coins.png", 1),
    ("brick.png", 1),
    ("camera.png", 1),
    ("chelsea.png", 2),
    ("moon.png", 3),
    ("hubble_deep_field.jpg", 3),
    ("astronaut.png", 3),
    ("rocket.jpg", 3),
    ("gravel.png", 4),
    ("grass.png", 4),
    ("text.png", 4),
    ("page.png", 4),
)
_DAYS = ("2024-04-03", "2023-12-22", "2023-12-24", "2022-07-16", "2019-07-20")  # by folder
# Of each folder; the others are at one place.
_AT = (
    {},
    {"latitude": 45.4642, "longitude": 9.19},
    {"latitude": 45.4642, "longitude": 9.19},
    {"latitude": 28.5721, "longitude": -80.648},
    {"latitude": 52.205, "longitude": 0.119},
)
_FACTS = {
    "taken_from": "exif",
    "utc_offset": "+09:00",
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
    "people": ("Ana", "Béla"),
}
SURE, LIKELY = 1, 2  # hits of a search that finds something
FOUND = ("china.jpg", "brick.png", "rocket.jpg")  # which these are
QUERY = "a tower with old walls"
WITH_CHIPS = "cats date:2023 -people window^2 folder:Cats"
NOTHING_SURE = "qwrt zzyx plomf"
TOO_NARROW = "type:raw camera:Nikon date:1950"
WRONG = "cats dat:2023"
SEARCHED = 12_480
ALBUM = 7  # photos in the first album
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

    def named(self, name: str) -> int:
        """The photo of this file name."""
        return next(photo_id for photo_id, path in self.names_of.items() if path.endswith("/" + name))

    @property
    def names(self) -> str:
        """Words that no language translates, being the person's own."""
        return (
            "Kyoto At home Cats Space Science Archive ana Pictures media Best of Winter Cats at the window "
            "Japan GeoNames CC BY "
            "Ana Béla "
            "Canon EOS RF Macro IS STM spring travel Nikon raw people cats with a tower old walls "
            "our-holidays google/siglip-base-patch16-224 google/siglip-2 clip-vit-base-patch32 Apache mit "
            "https hub example org qwrt zzyx plomf date dat IMG notes jpg png window video "
            "small edited copy of "
            "china flower coffee motorcycle left chelsea astronaut rocket hubble deep field moon camera "
            "coins brick gravel grass text page "
            "The search engine stopped "  # said once, in the language of then
        ) + " ".join(
            f"{known.source} {known.name} {known.licence} {known.recall}" for known in known_models()
        )


def hang(library: Library) -> Gallery:
    """Fill a library."""
    gallery = Gallery(library)
    samples = photos.SAMPLES
    found = {path.name: path for path in _sample_files()}
    assert {name for name, _ in _PRINTS} == {name for _, names in samples.values() for name in names}
    with Writer.open(library) as writer:
        writer.register_model("model", "model", 4)
        home, drive = writer.add_folder(HOME, "disk"), writer.add_folder(DRIVE, "drive")
        files, prints = [], []
        for number, (name, folder) in enumerate(_PRINTS):
            with Image.open(found[name]) as opened:
                whole = opened.convert("RGB")
            where = drive if folder == _AWAY else home
            files.append(_file(where.folder_id, FOLDERS[folder], name, number, folder, whole))
            prints.append(whole)
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
        writer.add_to_album(gallery.album, gallery.ids[:ALBUM])
        writer.save_search("Cats at the window", "cats window")
        writer.fail(
            [
                Failure(home.folder_id, HOME + b"/2024 Kyoto/%s" % name, "decode", reason, 10_000, 1)
                for name, reason in (
                    (b"IMG_2203.jpg", Sentence("the file is truncated")),
                    (b"IMG_2207.jpg", Sentence("the file is empty")),
                    (b"notes.jpg", Sentence("not an image of a kind that can be read")),
                )
            ]
        )
    return gallery


MODELS = ModelList(
    (
        Model("b1", "bundled", "Apache-2.0", 112_300_000, False, "answers", SEARCHED),
        Model("c1", "clip-vit-base-patch32", "mit", 608_900_000, True, "reading", SEARCHED // 3),
        Model("o1", "our-holidays", "", 1_240_000_000, True, "here", SEARCHED, before=True),
    ),
    SEARCHED,
    Adding(
        sentence=Sentence(
            "{host} has no model {source}; check the id.", host="hub.example.org", source="google/siglip-2"
        )
    ),
)


def offers() -> OfferList:
    """All of the catalogue: one is recommended, one is on its way in part, two were measured here."""
    measured = {0: (47.0, SEARCHED * 0.047), 1: (1_310.0, SEARCHED * 1.31)}
    return OfferList(
        tuple(
            Offer(
                known.source,
                known.name,
                known.sentence,
                known.languages,
                known.licence,
                place == 2,
                known.download_bytes,
                known.disk_bytes,
                known.recall,
                recommended=place == 1,
                state="paused" if place == 3 else "offered",
                done=known.download_bytes // 3,
                ms=measured.get(place, (None, None))[0],
                seconds=measured.get(place, (None, None))[1],
            )
            for place, known in enumerate(known_models())
        ),
        SEARCHED,
    )


def engine(gallery: Gallery) -> FakeEngine:
    """Knows the photos of a gallery, and has no doubts."""
    made = FakeEngine()
    away = sum(folder == _AWAY for _, folder in _PRINTS)
    folders = [
        messages.FolderStatus(HOME, len(_PRINTS) - away, "here"),
        messages.FolderStatus(DRIVE, away, "away"),
    ]
    made.status = messages.Status(
        "model", True, "cpu", "float32", len(gallery.ids), len(gallery.ids), 3, folders, IDLE, True
    )
    made.search = lambda question: _answer(gallery, question)
    made.preview = lambda request: _preview(gallery, request)
    stacks = tuple(_stacks(gallery)) if gallery.ids else ()
    made.replies[FindStacks] = Stacks(stacks, len(gallery.ids), 0)
    made.replies[search_messages.Suggest] = search_messages.Suggestions(
        (
            Suggestion("saved", "cats window", "Cats at the window"),
            Suggestion("recent", QUERY, QUERY),
            Suggestion("recent", "cats -people date:2023-12", "cats -people date:2023-12"),
            Suggestion("date", "date:2024", "2024", 1_240),
            Suggestion("date", "date:2023", "2023", 3_310),
            Suggestion("folder", "folder:Cats", "Cats", 830),
            Suggestion("place", 'place:"Kyoto, Japan"', "Kyoto, Japan", 212),
            Suggestion("album", 'album:"Best of 2024"', "Best of 2024", ALBUM),
            Suggestion("camera", 'camera:"Canon EOS R6"', "Canon EOS R6", 4_100),
        )
    )
    scores = np.random.default_rng(0).normal(0.05, 0.05, SEARCHED)
    histogram, edges = np.histogram(np.append(scores, [0.26, 0.28, 0.3]), 40)
    made.replies[search_messages.Explain] = search_messages.Explanation(
        0.27,
        0.01,
        Confidence.STRONG,
        3,
        SEARCHED,
        (search_messages.Pull(QUERY, 0.29), search_messages.Pull("people", -0.03, away=True)),
        tuple(
            search_messages.Pull(word, pull)
            for word, pull in (("tower", 0.12), ("old", -0.01), ("walls", 0.06))
        ),
        tuple(histogram.tolist()),
        float(edges[0]),
        float(edges[-1]),
    )
    return made


def _stacks(gallery: Gallery) -> Iterator[PhotoStack]:
    """As if some of the photos had copies, and three of them were a burst."""
    kinds: list[tuple[Kind, int, list[str]]] = [
        ("copies", 0, ["{}.jpg", "{} (1).jpg", "{}-small.jpg"]),
        ("identical", 1, ["{}.jpg", "copy of {}.jpg"]),
        ("copies", 4, ["{}.jpg", "{}-edited.jpg"]),
        ("burst", 6, ["{}.jpg", "{}+1.jpg", "{}+2.jpg"]),
    ]
    for kind, place, names in kinds:
        photo_id = gallery.ids[place]
        folder, name = os.path.split(gallery.names_of[photo_id])
        yield PhotoStack(
            kind,
            tuple(
                StackedFile(
                    photo_id=photo_id,
                    path_bytes=os.fsencode(f"{folder}/{pattern.format(name.partition('.')[0])}"),
                    size=4_120_000 // (1 if kind == "identical" else 1 + at),
                    mtime_ns=0,
                    width=4000 // (2 if at and kind == "copies" else 1),
                    height=3000 // (2 if at and kind == "copies" else 1),
                    format="JPEG",
                    noted=at < 2 and place == 4,
                    away=False,
                    spare=at > 0 and kind != "burst" and place != 4,
                )
                for at, pattern in enumerate(names)
            ),
        )


def _sample_files() -> list[Path]:
    """Where the demo takes them from."""
    found = []
    for package, (folder, names) in photos.SAMPLES.items():
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        found += [Path(spec.origin).parent / folder / name for name in names]
    return found


_DAMAGED = 3  # a number


def _file(
    folder_id: int, folder: bytes, name: str, number: int, place: int, picture: Image.Image
) -> IndexedFile:
    small = thumbnail(picture)
    facts = Facts(
        "JPEG",
        picture.width * 4,
        picture.height * 4,
        f"{_DAYS[place]}T{6 + number:02}:24:10",
        **_FACTS | _AT[place],
    )  # type: ignore[arg-type]
    path = folder + f"/{name}".encode()
    return IndexedFile(
        folder_id=folder_id,
        path=path,
        size=2_480_000 + 10_000 * number,
        mtime_ns=1_700_000_000 * 10**9,
        content_hash=hashlib.blake2b(path, digest_size=20).digest(),
        facts=facts,
        colour=average_colour(glimpse(small)),
        vector=np.ones(4, dtype=np.float16),
        bias=0.0,
        thumbnail=small,
        damage=Sentence("the file is truncated") if number == _DAMAGED else None,
    )


def _preview(gallery: Gallery, request: messages.Preview) -> messages.Previewed:
    if request.photo_id == gallery.away:
        raise KnownError("The drive is not connected.")
    picture = gallery.originals[request.photo_id]
    return messages.Previewed(preview(picture, request.longest_edge), picture.width * 4, picture.height * 4)


def _answer(
    gallery: Gallery, question: search_messages.Search | search_messages.Similar
) -> search_messages.SearchResult:
    if isinstance(question, search_messages.Similar):
        return _result(gallery, "", sure=0, k=question.k)
    text = question.text
    pieces = tuple(parse(text).pieces)
    if "type:raw" in text:
        return search_messages.SearchResult(text, "model", 1.0, 1.0, 0, [], pieces)
    result = _result(gallery, text, sure=0 if text == NOTHING_SURE else SURE + LIKELY, k=question.k)
    groups = (search_messages.HitGroup(b"2023-12-24", 0), search_messages.HitGroup(b"2023-12-20", 6))
    grouped = groups if question.group == "day" else ()
    return search_messages.SearchResult(
        text, "model", 1.0, 1.0, SEARCHED, result.hits, pieces, result.labels, grouped
    )


def _result(gallery: Gallery, text: str, *, sure: int, k: int) -> search_messages.SearchResult:
    """What it finds first, then the others."""
    found = {gallery.named(name): place for place, name in enumerate(FOUND)}
    best = sorted(gallery.ids, key=lambda photo_id: found.get(photo_id, len(found)))[:k]
    strong = min(SURE, sure)
    confidences = [Confidence.STRONG] * strong + [Confidence.LIKELY] * (sure - strong)
    confidences += [Confidence.WEAK] * (len(best) - len(confidences))
    pictures = [gallery.originals[photo_id] for photo_id in best]
    hits = [
        Hit(photo_id, b"", 0.3, sureness, picture.width / picture.height)
        for photo_id, sureness, picture in zip(best, confidences, pictures, strict=True)
    ]
    labels = search_messages.Labels(strong, sure - strong, SEARCHED - sure)
    return search_messages.SearchResult(text, "model", 1.0, 1.0, SEARCHED, hits, (), labels)
