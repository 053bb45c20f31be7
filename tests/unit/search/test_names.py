"""Photos that are found by what they are called, and by what is said of them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.encoder import Calibration
from photosearch.core.lines import Line
from photosearch.core.photo import Hit, Place
from photosearch.core.search_messages import Naming
from photosearch.paths import Library
from photosearch.search.query import parse
from photosearch.search.searcher import Options, Searcher
from photosearch.store.writer import Writer
from tests.helpers.library import indexed_file
from tests.helpers.tiny_encoder import TinyEncoder

ENCODER = TinyEncoder()
PATHS = (
    "Norway/IMG_0745.jpg",
    "Norway/boat.jpg",
    "home/IMG_0745 (2).jpg",
    "home/旺财.jpg",
    "home/财旺.jpg",
    "home/a.jpg",
    "home/b.jpg",
)

LISBON = {"latitude": 38.71, "longitude": -9.14}


@pytest.fixture
def searcher(tmp_path: Path) -> Iterator[Searcher]:
    """Captions: a.jpg "Grandma's red boat", b.jpg "red carpet, boat", boat.jpg "旺財在海邊"."""
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        writer.register_model(ENCODER.model_id, ENCODER.name, ENCODER.dim)
        folder = writer.add_folder(b"/photos", "")
        files = [
            indexed_file(
                place,
                folder_id=folder.folder_id,
                path=f"/photos/{path}".encode(),
                dim=ENCODER.dim,
                **(LISBON if path == "home/b.jpg" else {}),
                camera={"home/a.jpg": "Apple iPhone 12", "home/b.jpg": "COOLPIX"}.get(path),
            )
            for place, path in enumerate(PATHS)
        ]
        ids = writer.commit(files, ENCODER.model_id)
        captions = {5: "Grandma's red boat", 6: "red carpet, boat", 1: "旺財在海邊, Boat der Großmütter"}
        for place, text in captions.items():
            writer.set_caption(ids[place], text)
        box = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
        writer.keep_lines([(ids[4], [Line("Open daily", box, 0.9), Line("closed on Sunday", box, 0.9)])], 1)
        writer.add_to_album(writer.create_album("Sønnøve 2023"), [ids[2]])
    found = Searcher(library, ENCODER)
    yield found
    found.close()


def named(searcher: Searcher, typed: str) -> dict[str, Place]:
    hits = searcher.search(parse(typed), 99).hits
    found = [hit for hit in hits if hit.found_in]
    first = [hit for hit in found if not hit.behind]
    assert hits[: len(first)] == first  # before all others
    assert len(hits) == len({hit.photo_id for hit in hits})
    return {hit.path.removeprefix("/photos/"): hit.found_in for hit in found if hit.found_in}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("lisbon", {"home/b.jpg": "place"}),
        ("Portugal Lisb", {"home/b.jpg": "place"}),
        ("closed sun", {"home/财旺.jpg": "text"}),
        ("daily closed", {"home/财旺.jpg": "text"}),
        ("里斯本", {"home/b.jpg": "place"}),
        ("lisbon boat", {}),
        ("img_0745.jpg", {"Norway/IMG_0745.jpg": "name"}),
        ("IMG_0745", {"Norway/IMG_0745.jpg": "name", "home/IMG_0745 (2).jpg": "name"}),
        ("norw", {"Norway/IMG_0745.jpg": "folder", "Norway/boat.jpg": "folder"}),
        ("no", {}),
        ("grandma's red boat", {"home/a.jpg": "caption"}),
        ("boat red", {"home/a.jpg": "caption", "home/b.jpg": "caption"}),
        ("旺财", {"home/旺财.jpg": "name", "Norway/boat.jpg": "caption"}),
        ("sønnøve", {"home/IMG_0745 (2).jpg": "album"}),
        ("boat folder:home", {"home/a.jpg": "caption", "home/b.jpg": "caption"}),
        ("carp -red", {"home/b.jpg": "caption"}),
        ("iphone", {"home/a.jpg": "camera"}),
        ("Apple iPhone", {"home/a.jpg": "camera"}),
        ("apple", {}),
        ("boat ? grossmütter", {"Norway/boat.jpg": "caption"}),
        ("coolp", {"home/b.jpg": "camera"}),
    ],
)
def test_words_are_looked_up_in_names_and_captions(
    searcher: Searcher, typed: str, expected: dict[str, Place]
) -> None:
    assert named(searcher, typed) == expected


@pytest.mark.parametrize(
    ("typed", "path", "why"),
    [
        ("carp", "home/b.jpg", Naming("caption", "carp")),
        ("img_0745", "Norway/IMG_0745.jpg", Naming("name", "img_0745")),
        ("norw", "Norway/boat.jpg", None),  # its folder puts it behind the likely ones
        ("sønnøve 2023", "home/IMG_0745 (2).jpg", Naming("album", "Sønnøve 2023")),
        ("lisbon", "home/b.jpg", Naming("place", "lisbon")),
        ("lisbon", "home/a.jpg", None),
        ("apple iphone", "home/a.jpg", Naming("camera", "apple iphone")),
    ],
)
def test_why_a_photo_comes_first(searcher: Searcher, typed: str, path: str, why: Naming | None) -> None:
    query = parse(typed)
    photo_id = next(hit.photo_id for hit in searcher.search(query, 99).hits if hit.path == f"/photos/{path}")
    assert searcher.explain(query, photo_id).named == why


@pytest.mark.parametrize("sort", ["relevance", "date", "name"])
def test_what_only_a_folder_says_stands_behind_likely_pictures(
    searcher: Searcher, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one word: who types several of a folder's name means that folder."""
    monkeypatch.setattr(ENCODER, "calibration", Calibration(slope=16.0, offset=0.0))
    options = Options(sort=sort)  # type: ignore[arg-type]
    kinds = ["named", "sure", "behind", "weak"]

    def kind(hit: Hit) -> str:
        if hit.behind:
            return "behind"
        return "named" if hit.found_in else "weak" if hit.confidence == "weak" else "sure"

    def stand(typed: str) -> list[str]:
        result, ranked = (ask(parse(typed), 99, options) for ask in (searcher.search, searcher.rank_all))
        assert np.frombuffer(ranked.ids, np.int64).tolist() == [hit.photo_id for hit in result.hits]
        assert ranked.labels == result.labels
        found = [kind(hit) for hit in result.hits]
        assert found == sorted(found, key=kinds.index)
        sure = result.labels.strong + result.labels.likely
        counts = [result.labels.named, sure, result.labels.behind, result.labels.weak]
        assert [found.count(kind) for kind in kinds] == counts
        return found

    assert set(stand("norw")) >= {"sure", "behind", "weak"}
    assert "behind" not in stand("sønnøve 2023")
    assert "behind" not in stand("sønnøve 202")  # the last word may go on


def test_what_says_it_word_for_word_comes_first(searcher: Searcher) -> None:
    assert next(iter(named(searcher, "red boat"))) == "home/a.jpg"
    assert list(named(searcher, "red carpet")) == ["home/b.jpg"]


@pytest.mark.parametrize("sort", ["relevance", "date", "name"])
def test_all_photos_come_in_the_order_of_the_first_hits(searcher: Searcher, sort: str) -> None:
    options = Options(sort=sort)  # type: ignore[arg-type]
    result = searcher.search(parse("boat"), 99, options)
    ranked = searcher.rank_all(parse("boat"), 99, options)
    assert np.frombuffer(ranked.ids, np.int64).tolist() == [hit.photo_id for hit in result.hits]
    assert ranked.labels == result.labels
    assert ranked.labels.named == 3


def test_quotation_marks_and_filters_go_on_as_they_were(searcher: Searcher) -> None:
    result = searcher.search(parse('"red carpet"'), 99)
    assert [(hit.path, hit.found_in) for hit in result.hits] == [("/photos/home/b.jpg", None)]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("closed sunday", "closed on Sunday"),
        ("daily sunday", "Open daily … closed on Sunday"),
        ('"open daily"', "Open daily"),
        ("text:sunday", "closed on Sunday"),
    ],
)
def test_a_hit_says_which_line_in_the_photo_holds_the_words(
    searcher: Searcher, typed: str, line: str
) -> None:
    hits = searcher.search(parse(typed), 99).hits
    assert [(hit.path, hit.line) for hit in hits if hit.line] == [("/photos/home/财旺.jpg", line)]
    assert hits[0].line
