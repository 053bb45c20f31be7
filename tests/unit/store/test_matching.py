"""Every filter finds exactly what looking at each photo in turn would."""

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photosearch.core.query import (
    AnyFilter,
    Away,
    Dated,
    Favourite,
    Has,
    InAlbum,
    InFolder,
    Lasts,
    Near,
    OfType,
    Rated,
    Says,
    TakenAt,
    TakenWith,
    Turned,
)
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file, indexed_video

PLACES = [  # the date line from both sides, both poles, the equator, a town and its neighbour
    (0.0, 179.9999), (0.0, -179.9999), (-17.8, 178.0), (-17.8, -178.0), (89.99, 0.0), (89.99, 180.0),
    (90.0, 12.0), (-89.999, -77.0), (0.0, 0.5), (47.4979, 19.0402), (47.5079, 19.0402), (47.4979, 19.0502),
    (71.2, -156.8),
]  # fmt: skip
DATES = ["1999-12-31T23:59:59", "2000-01-01T00:00:00", "2023-06-01T00:00:00", "2023-06-30T23:59:59",
         "2023-07-01T00:00:00", "2024-02-29T12:00:00", "9999-12-31T23:59:59"]  # fmt: skip


class Shelf(NamedTuple):
    reader: Reader
    dates: dict[int, str]
    places: dict[int, tuple[float, float]]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    library = Library(Path(tmp_path_factory.mktemp("library")))
    writer = Writer.open(library)
    writer.register_model(MODEL, "tiny", DIM)
    folder = writer.add_folder(b"/photos", "disk")
    count = max(len(PLACES), len(DATES))
    ids = writer.commit(
        [
            indexed_file(
                seed,
                folder_id=folder.folder_id,
                taken_at=DATES[seed % len(DATES)],
                **(
                    dict(zip(("latitude", "longitude"), PLACES[seed], strict=True))
                    if seed < len(PLACES)
                    else {}
                ),
            )
            for seed in range(count + 2)
        ],
        MODEL,
    )
    writer.close()
    dates = {id_: DATES[seed % len(DATES)] for seed, id_ in enumerate(ids)}
    return Shelf(Reader.open(library), dates, dict(zip(ids, PLACES, strict=False)))


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """By the angle between two vectors: another formula than the one under test."""

    def vector(latitude: float, longitude: float) -> np.ndarray:
        lat, lon = math.radians(latitude), math.radians(longitude)
        return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])

    v, w = vector(*a), vector(*b)
    return 6371.0088 * math.atan2(float(np.linalg.norm(np.cross(v, w))), float(v @ w))


@given(
    latitude=st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 89.995, 0.0])),
    longitude=st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 0.0])),
    distance=st.one_of(
        st.floats(0, 20_100), st.floats(0, 50), st.sampled_from([0.0, 1.2, 5_000.0, 20_015.2])
    ),
)
@settings(max_examples=300)
def test_near(shelf: Shelf, latitude: float, longitude: float, distance: float) -> None:
    away = {id_: kilometres((latitude, longitude), place) for id_, place in shelf.places.items()}
    found = set(
        shelf.reader.matching([Near(latitude=latitude, longitude=longitude, kilometres=distance)]).tolist()
    )
    surely = {id_ for id_, far in away.items() if far < distance - 1e-5}
    perhaps = {id_ for id_, far in away.items() if far <= distance + 1e-5}
    assert surely <= found <= perhaps
    others = shelf.reader.matching(
        [Near(latitude=latitude, longitude=longitude, kilometres=distance, negated=True)]
    )
    assert set(others.tolist()) == shelf.dates.keys() - found


def test_near_at_the_date_line_and_the_poles(shelf: Shelf) -> None:
    def near(latitude: float, longitude: float, distance: float) -> list[tuple[float, float]]:
        found = shelf.reader.matching([Near(latitude=latitude, longitude=longitude, kilometres=distance)])
        return [shelf.places[id_] for id_ in found.tolist()]

    assert near(0.0, 180.0, 1.0) == [(0.0, 179.9999), (0.0, -179.9999)]
    assert near(0.0, -180.0, 1.0) == [(0.0, 179.9999), (0.0, -179.9999)]
    assert near(90.0, 0.0, 5.0) == [(89.99, 0.0), (89.99, 180.0), (90.0, 12.0)]
    assert near(89.99, 90.0, 5.0) == [(89.99, 0.0), (89.99, 180.0), (90.0, 12.0)]
    assert near(47.4979, 19.0402, 0.0) == [(47.4979, 19.0402)]
    assert near(47.4979, 19.0402, 1.0) == [(47.4979, 19.0402), (47.4979, 19.0502)]
    assert len(near(12.0, 34.0, 20_020.0)) == len(PLACES)


bounds = st.one_of(
    st.none(),
    st.sampled_from([date[:cut] for date in DATES for cut in (4, 7, 10, 13, 16, 19)]),
    st.dates().map(str),
)


@given(start=bounds, end=bounds, negated=st.booleans())
@settings(max_examples=200)
def test_dates(shelf: Shelf, start: str | None, end: str | None, negated: bool) -> None:
    within = {
        id_
        for id_, date in shelf.dates.items()
        if (start is None or date >= start) and (end is None or date < end)
    }
    found = shelf.reader.matching([Dated(start=start, end=end, negated=negated)])
    assert found.tolist() == sorted(shelf.dates.keys() - within if negated else within)


Find = Callable[[AnyFilter], list[int]]


@pytest.fixture
def find(reader: Reader) -> Find:
    """Seeds, which are ids less one, of what a filter lets through."""
    return lambda *filters: (reader.matching(filters) - 1).tolist()


def commit(writer: Writer, folder: Folder, count: int, **facts: list) -> list[int]:
    files = [
        indexed_file(
            seed, folder_id=folder.folder_id, **{name: values[seed] for name, values in facts.items()}
        )
        for seed in range(count)
    ]
    return writer.commit(files, MODEL)


def test_no_filter_finds_what_lives(writer: Writer, folder: Folder, find: Find, reader: Reader) -> None:
    commit(writer, folder, 3)
    writer.forget([b"/photos/1.jpg"])
    assert find() == [0, 2]
    assert find(Favourite(negated=True)) == [0, 2]
    assert reader.matching([], within=np.array([3])).tolist() == [3]
    assert reader.matching([Favourite()]).dtype == np.int64


def test_filters_together_are_all_true(writer: Writer, folder: Folder, find: Find) -> None:
    commit(writer, folder, 4, rating=[5, 5, 1, None], camera=["Canon R5", "NIKON", "Canon R5", "Canon R5"])
    assert find(Rated(stars=4), TakenWith(camera="canon")) == [0]
    assert find(Rated(stars=4, negated=True), TakenWith(camera="canon")) == [2, 3]


def test_folders(writer: Writer, folder: Folder, find: Find) -> None:
    paths = [
        b"/photos/a/1.jpg",
        b"/photos/a/b/2.jpg",
        b"/photos/ab/3.jpg",
        b"/photos/\xff/4.jpg",
        b"/photos/a0",
    ]
    writer.commit(
        [indexed_file(seed, folder_id=folder.folder_id, path=path) for seed, path in enumerate(paths)], MODEL
    )
    writer.link(folder.folder_id, b"/photos/ab/copy.jpg", 1, 1, 1)
    assert find(InFolder(paths_bytes=(b"/photos/a",))) == [0, 1]
    assert find(InFolder(paths_bytes=(b"/photos/a/",))) == [0, 1]
    assert find(InFolder(paths_bytes=(b"/photos/ab", b"/photos/\xff"))) == [0, 2, 3]
    assert find(InFolder(paths_bytes=(b"/photos/a",), negated=True)) == [2, 3, 4]
    assert find(InFolder(paths_bytes=(b"/",))) == [0, 1, 2, 3, 4]
    assert find(InFolder(paths_bytes=())) == []


def test_cameras(writer: Writer, folder: Folder, find: Find) -> None:
    commit(writer, folder, 4, camera=["Canon EOS R5", "Zeiß Ikon", None, "Apple iPhone 15"])
    assert find(TakenWith(camera="eos")) == [0]
    assert find(TakenWith(camera="ZEISS")) == [1]
    assert find(TakenWith(camera="i")) == [1, 3]
    assert find(TakenWith(camera="%")) == []
    assert find(TakenWith(camera="", negated=True)) == [2]


def test_types(writer: Writer, folder: Folder, find: Find) -> None:
    commit(writer, folder, 3, format=["JPEG", "HEIF", "PNG"])
    assert find(OfType(formats=("HEIF", "PNG"))) == [1, 2]
    assert find(OfType(formats=("RAW",))) == []


def test_lengths_of_videos(writer: Writer, folder: Folder, find: Find) -> None:
    files = [
        indexed_video(seed, folder_id=folder.folder_id, seconds=seconds, taken_at=f"2020-01-0{seed + 1}")
        for seed, seconds in enumerate((0.0, 30.0, 90.0))
    ]
    photo = indexed_file(3, folder_id=folder.folder_id, taken_at="2020-01-04")
    writer.commit([*files, photo], MODEL)
    assert find(Lasts(at_least=30)) == [1, 2]
    assert find(Lasts(at_least=0, below=30)) == [0]
    assert find(Lasts(at_least=30, below=90, negated=True)) == [0, 2, 3]


def test_ratings_are_the_persons_before_the_files(writer: Writer, folder: Folder, find: Find) -> None:
    ids = commit(writer, folder, 5, rating=[5, 5, 2, None, 4])
    writer.set_rating([ids[1]], 0)
    writer.set_rating(ids[2:4], 4)
    assert find(Rated(stars=4)) == [0, 2, 3, 4]
    assert find(Rated(stars=5)) == [0]
    assert find(Has(fact="rating")) == [0, 2, 3, 4]  # 0 takes the stars away
    writer.set_rating([ids[1]], None)
    assert find(Rated(stars=5)) == [0, 1]
    assert find(Has(fact="rating")) == [0, 1, 2, 3, 4]


def test_what_a_photo_has(writer: Writer, folder: Folder, find: Find) -> None:
    ids = commit(
        writer,
        folder,
        4,
        latitude=[1.0, None, None, None],
        longitude=[2.0, None, None, None],
        caption=["in the file", None, None, "in the file too"],
        keywords=[(), ("cat",), (), ()],
        camera=[None, None, "NIKON", None],
    )
    writer.set_caption(ids[1], "mine")
    writer.set_caption(ids[3], "")
    assert find(Has(fact="gps")) == [0]
    assert find(Has(fact="caption")) == [0, 1]
    assert find(Has(fact="keywords")) == [1]
    assert find(Has(fact="camera")) == [2]
    assert find(Has(fact="rating")) == []


def test_orientation(writer: Writer, folder: Folder, find: Find) -> None:
    commit(writer, folder, 3, width=[30, 40, 30], height=[40, 30, 30])
    assert find(Turned(orientation="portrait")) == [0]
    assert find(Turned(orientation="landscape")) == [1]
    assert find(Turned(orientation="square")) == [2]


def test_away_is_what_is_nowhere_here(writer: Writer, folder: Folder, find: Find) -> None:
    commit(writer, folder, 2)
    assert find(Away()) == []
    drive = writer.add_folder(b"/drive", "stick")
    writer.commit([indexed_file(2, folder_id=drive.folder_id, path=b"/drive/2.jpg")], MODEL)
    writer.link(drive.folder_id, b"/drive/0.jpg", 1, 1, 1)
    writer.set_away(drive.folder_id, True)
    assert find(Away()) == [2]
    assert find(Away(negated=True)) == [0, 1]


def test_favourites_and_albums(writer: Writer, folder: Folder, find: Find) -> None:
    ids = commit(writer, folder, 3)
    writer.set_favourite([ids[2], ids[0]], True)
    writer.set_favourite([ids[0]], False)
    album = writer.create_album("Best")
    writer.add_to_album(album, [ids[1], ids[0]])
    assert find(Favourite()) == [2]
    assert find(InAlbum(album_id=album)) == [0, 1]
    assert find(InAlbum(album_id=99)) == []


CAPTIONS = [
    "Two dogs on a beach",
    "Beach, dogs; the sea",
    "Café by the lake",
    "海滩上的两只狗",
    "ｆｕｌｌ width and 🐕!",
    "ชายหาดสวย",
    'He said "hello" to (all) of them* -NOT AND',
]


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("dogs on", [0]),
        ("DOGS", [0, 1]),
        ("dog", []),  # whole words
        ("on dogs", []),
        ("beach dogs", [1]),
        ("cafe", [2]),
        ("CAFÉ by", [2]),
        ("海滩", [3]),
        ("两只", [3]),
        ("滩海", []),
        ("狗", [3]),
        ("海灘", [3]),
        ("兩隻狗", [3]),
        ("full", [4]),
        ("🐕", [4]),
        ("หาด", [5]),
        ('said "hello', [6]),
        ("not and", [6]),
        ("them*", [6]),
        ("caption : dogs", []),
        ("", []),
        ('"', []),
        ("!?", []),
        ("\0", []),
    ],
)
def test_phrases_in_captions(
    writer: Writer, folder: Folder, find: Find, phrase: str, found: list[int]
) -> None:
    ids = commit(writer, folder, len(CAPTIONS))
    for photo_id, caption in zip(ids, CAPTIONS, strict=True):
        writer.set_caption(photo_id, caption)
    assert find(Says(phrase=phrase)) == found
    assert find(Says(phrase=phrase, negated=True)) == [n for n in range(len(CAPTIONS)) if n not in found]


def test_phrases_in_keywords_never_reach_from_one_into_the_next(
    writer: Writer, folder: Folder, find: Find
) -> None:
    commit(writer, folder, 1, keywords=[("New York", "city lights")])
    assert find(Says(phrase="new york")) == [0]
    assert find(Says(phrase="york city")) == []


def test_phrases_in_file_names(library: Library, writer: Writer, folder: Folder, find: Find) -> None:
    names = [b"DSC01234.JPG", b"IMG_2034 (edited).jpg", "海边的猫.jpg".encode(), b"\xff\xfe caf\xc3\xa9.png"]
    writer.commit(
        [
            indexed_file(seed, folder_id=folder.folder_id, path=b"/photos/holiday/" + name)
            for seed, name in enumerate(names)
        ],
        MODEL,
    )
    assert find(Says(phrase="DSC01234.JPG")) == [0]
    assert find(Says(phrase="dsc012")) == [0]
    assert find(Says(phrase="01234")) == [0]
    assert find(Says(phrase="IMG_20")) == [1]
    assert find(Says(phrase="img 2034 edited")) == [1]
    assert find(Says(phrase="的猫")) == [2]
    assert find(Says(phrase="cafe")) == [3]
    assert find(Says(phrase="holiday")) == []
    writer.set_caption(1, "Schloss in der Müllerstraße")
    for spelling in ("mullerstrasse", "MÜLLERSTRASSE", "Müllerstraße", "der mullerstrasse", "Schloß"):
        assert find(Says(phrase=spelling)) == [0]
    writer.link(folder.folder_id, b"/photos/holiday/rusty.jpg", 1, 1, 1)
    assert find(Says(phrase="rusty")) == [0]
    writer.forget([b"/photos/holiday/rusty.jpg"])
    assert find(Says(phrase="rusty")) == []
    writer.remove_folder(b"/photos")
    with closing(sqlite3.connect(library.database)) as database:
        assert database.execute("SELECT count(*) FROM file_words").fetchone() == (0,)


@given(text=st.text(max_size=30), around=st.text(max_size=10))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_may_be_written_and_looked_for(
    writer: Writer, folder: Folder, reader: Reader, text: str, around: str
) -> None:
    (photo_id,) = writer.commit([indexed_file(1, folder_id=folder.folder_id)], MODEL)
    writer.set_caption(photo_id, f"{around} | {text} | {around}")
    found = reader.matching([Says(phrase=text)]).tolist()
    has_word = any(character.isalpha() or character.isdecimal() for character in text)
    assert found == [photo_id] or not has_word


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("lisbon", [0]),
        ("Lisbon, Portugal", [0]),
        ("portugal", [0, 1]),
        ("葡萄牙", [0, 1]),
        ("裏斯本", [0]),
        ("Por", [0, 1]),
        ("ortug", []),
        ("reykjavík", [2]),
        ("Reykjavik", [2]),
        ("!", []),
        ("", []),
    ],
)
def test_towns_and_countries(
    writer: Writer, folder: Folder, find: Find, place: str, found: list[int]
) -> None:
    commit(
        writer,
        folder,
        5,
        latitude=[38.71, 41.15, 64.14, 0.0, None],
        longitude=[-9.14, -8.61, -21.94, -30.0, None],
    )
    assert find(TakenAt(place=place)) == found
    assert find(TakenAt(place=place, negated=True)) == [seed for seed in range(5) if seed not in found]


def test_coordinates_are_those_of_living_photos_that_have_some(
    writer: Writer, folder: Folder, reader: Reader
) -> None:
    spots = {1: (48.8584, 2.2945), 2: (-33.8688, 151.2093), 3: (0.0, 0.0)}
    files = [
        indexed_file(seed, folder_id=folder.folder_id, latitude=latitude, longitude=longitude)
        for seed, (latitude, longitude) in spots.items()
    ]
    ids = writer.commit([*files, indexed_file(4, folder_id=folder.folder_id)], MODEL)
    writer.forget([files[2].path])
    found = reader.coordinates()
    told = dict(zip(found.ids.tolist(), zip(found.latitudes, found.longitudes, strict=True), strict=True))
    assert told == {ids[0]: pytest.approx(spots[1]), ids[1]: pytest.approx(spots[2])}
