import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from photosearch.core.errors import KnownError, QueryError
from photosearch.core.photo import Confidence
from photosearch.core.search_messages import Labels, Ranked
from photosearch.core.teaching import Word
from photosearch.models.lesson import Lesson
from photosearch.paths import Library
from photosearch.search.query import Query, parse
from photosearch.search.searcher import Options, Searcher
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder, IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.library import indexed_file
from tests.helpers.tiny_encoder import COLOURS, TinyEncoder

ENCODER = TinyEncoder()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def writer(library: Library) -> Iterator[Writer]:
    with Writer.open(library) as writer:
        writer.register_model(ENCODER.model_id, ENCODER.name, ENCODER.dim)
        yield writer


@pytest.fixture
def folder(writer: Writer) -> Folder:
    return writer.add_folder(b"/photos", "")


def painted(folder: Folder, *colours: str) -> IndexedFile:
    """A photo in stripes of these colours."""
    pixels = np.repeat(np.uint8([COLOURS[colour] for colour in colours]), 12, axis=0)[None, None]
    vector = ENCODER.encode_images(np.repeat(pixels[0], 4, axis=0)[None])[0]
    name = "-".join(colours)
    file = indexed_file(
        sum(name.encode()) * 100 + len(name), folder_id=folder.folder_id, path=b"/photos/" + name.encode()
    )
    values = {field: getattr(file, field) for field in file.__struct_fields__}
    return IndexedFile(**(values | {"vector": vector.astype(np.float16), "bias": 0.0}))


def names(searcher: Searcher, text: str, k: int = 10) -> list[str]:
    return [hit.path.removeprefix("/photos/") for hit in searcher.search(parse(text), k).hits]


@pytest.fixture
def red_and_others(writer: Writer, folder: Folder) -> list[int]:
    files = [painted(folder, *colours) for colours in (["blue"], ["red"], ["green"], ["red", "blue", "blue"])]
    return writer.commit(files, ENCODER.model_id)


def test_a_sentence_finds_what_it_says(library: Library, red_and_others: list[int]) -> None:
    result = Searcher(library, ENCODER).search(parse("red"), 2)
    assert [hit.path for hit in result.hits] == ["/photos/red", "/photos/red-blue-blue"]
    assert result.hits[0].score == pytest.approx(1.0, abs=1e-3)
    assert result.hits[0].confidence is Confidence.STRONG
    assert (result.query, result.model, result.searched) == ("red", ENCODER.model_id, 4)
    assert result.encode_ms >= 0
    assert result.rank_ms >= 0


def test_nonsense_shows_nothing_as_strong(library: Library, red_and_others: list[int]) -> None:
    result = Searcher(library, ENCODER).search(parse("qwxz vbnm"), 4)
    assert {hit.confidence for hit in result.hits} <= {Confidence.WEAK, Confidence.LIKELY}


def test_the_bias_lowers_a_photo_that_answers_everything(
    library: Library, writer: Writer, folder: Folder
) -> None:
    hub = painted(folder, "red")
    values = {field: getattr(hub, field) for field in hub.__struct_fields__}
    hub = IndexedFile(**(values | {"bias": 0.9}))
    writer.commit([hub, painted(folder, "red", "blue")], ENCODER.model_id)
    assert names(Searcher(library, ENCODER), "red") == ["red-blue", "red"]


def test_similar_photos_in_another_order_and_in_groups(library: Library, dated: dict[str, int]) -> None:
    result = Searcher(library, ENCODER).similar(dated["work/plan"], 9, Options("name", "folder"))
    assert sorted(hit.path for hit in result.hits) == sorted(
        f"/photos/{name}" for name in dated if name != "work/plan"
    )
    assert {group.key for group in result.groups} == {b"/photos/work", b"/photos/holidays"}


def test_similar_photos_without_the_photo_itself(library: Library, red_and_others: list[int]) -> None:
    searcher = Searcher(library, ENCODER)
    result = searcher.similar(red_and_others[0], 2)
    first, second = (hit.photo_id for hit in result.hits)
    assert first == red_and_others[3]
    assert second in red_and_others[1:3]
    strong = [hit for hit in result.hits if hit.confidence is Confidence.STRONG]
    assert (result.searched, result.labels.strong) == (3, len(strong))
    with pytest.raises(KnownError, match="not indexed yet"):
        searcher.similar(999, 2)


@pytest.mark.parametrize("typed", ["lake trip", "trip lake", '"lake trip"', 'photo "lake tri"'])
def test_a_photo_is_shown_by_its_file_of_the_name_that_is_asked_for(
    library: Library, writer: Writer, folder: Folder, red_and_others: list[int], typed: str
) -> None:
    writer.link(folder.folder_id, b"/photos/Lake trip.jpg", 1, 1, red_and_others[1])
    writer.link(folder.folder_id, b"/photos/zz.jpg", 1, 1, red_and_others[1])
    assert names(Searcher(library, ENCODER), typed, 1) == ["Lake trip.jpg"]
    assert "red" in names(Searcher(library, ENCODER), "red", 9)


def test_a_photo_in_several_files_is_one_hit(
    library: Library, writer: Writer, folder: Folder, red_and_others: list[int]
) -> None:
    writer.link(folder.folder_id, b"/photos/copy", 1, 1, red_and_others[1])
    assert names(Searcher(library, ENCODER), "red", 9).count("red") == 1
    writer.forget([b"/photos/red", b"/photos/red-blue-blue"])
    assert names(Searcher(library, ENCODER), "red", 1) == ["copy"]


def test_photos_come_and_go_while_it_runs(
    library: Library, writer: Writer, folder: Folder, red_and_others: list[int]
) -> None:
    searcher = Searcher(library, ENCODER)
    file = painted(folder, "yellow")
    ids = writer.commit([file], ENCODER.model_id)
    searcher.photos_added(np.array(ids), file.vector[None], np.zeros(1, np.float32))
    assert names(searcher, "yellow", 1) == ["yellow"]

    writer.forget([file.path])
    searcher.photos_changed()
    assert "yellow" not in names(searcher, "yellow")
    assert searcher.search(parse("yellow"), 9).searched == 4

    writer.link(folder.folder_id, b"/photos/back", 1, 1, ids[0])
    searcher.photos_changed()
    assert names(searcher, "yellow", 1) == ["back"]

    restarted = Searcher(library, ENCODER)
    assert names(restarted, "yellow", 9) == names(searcher, "yellow", 9)


def test_vectors_that_came_by_another_way_are_noticed(
    library: Library, writer: Writer, folder: Folder
) -> None:
    searcher = Searcher(library, ENCODER)
    assert names(searcher, "red") == []
    writer.commit([painted(folder, "red"), painted(folder, "blue")], ENCODER.model_id)
    searcher.photos_changed()
    searcher.photos_changed()
    assert names(searcher, "red") == ["red", "blue"]
    assert (library.vectors / f"{ENCODER.model_id}.f16").stat().st_size == 2 * 2 * ENCODER.dim


def test_threads_search_at_once(library: Library, red_and_others: list[int]) -> None:
    searcher = Searcher(library, ENCODER)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(names(searcher, "green", 1))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["green"]] * 4


def test_importing_search_does_not_load_torch() -> None:
    code = "import sys, photosearch.search.searcher; print('torch' in sys.modules)"
    assert subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout == ("False\n")


def understood(text: str, **marks: tuple[int, ...]) -> Query:
    return msgspec.structs.replace(parse(text), **marks)


def found(searcher: Searcher, query: Query, k: int = 10, **options: Any) -> list[str]:
    hits = searcher.search(query, k, Options(**options)).hits
    return [hit.path.removeprefix("/photos/") for hit in hits]


@pytest.fixture
def dated(writer: Writer, folder: Folder) -> dict[str, int]:
    """Photos in two folders, one a day."""
    files = []
    for day, (name, colours) in enumerate(
        {
            "holidays/sea": ["blue", "blue", "white"],
            "holidays/dune": ["yellow"],
            "work/plan": ["white"],
            "work/Brick": ["red", "red", "white"],
        }.items(),
        start=1,
    ):
        file = painted(folder, *colours)
        facts = msgspec.structs.replace(file.facts, taken_at=f"2023-06-0{day}T12:00:00")
        files.append(msgspec.structs.replace(file, path=b"/photos/" + name.encode(), facts=facts))
    ids = writer.commit(files, ENCODER.model_id)
    return {file.path.decode().removeprefix("/photos/"): id_ for file, id_ in zip(files, ids, strict=True)}


def test_filters_are_exact_before_the_best_are_taken(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)
    result = searcher.search(parse("white date:2023-06-02 -has:caption"), 1)
    assert [hit.path for hit in result.hits] == ["/photos/holidays/dune"]
    assert result.searched == 1
    assert searcher.search(parse("white date:2022"), 5).hits == []
    assert found(searcher, parse("blue folder:holidays")) == ["holidays/sea", "holidays/dune"]
    assert found(searcher, parse("blue -folder:/photos/holidays"))[0].startswith("work/")
    assert found(searcher, parse("blue folder:holi"), 1) == ["holidays/sea"]


def test_filters_alone_give_the_newest_first(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)
    result = searcher.search(parse("date:2023-06-01..2023-06-03"), 2)
    assert [hit.path for hit in result.hits] == ["/photos/work/plan", "/photos/holidays/dune"]
    assert (result.searched, result.labels) == (3, Labels(strong=3))
    assert {hit.confidence for hit in result.hits} == {Confidence.STRONG}
    assert found(searcher, parse("date:2023"), 2, sort="name") == ["work/Brick", "holidays/dune"]


def test_the_order_of_names_follows_the_library(
    library: Library, writer: Writer, dated: dict[str, int]
) -> None:
    searcher = Searcher(library, ENCODER)
    assert found(searcher, parse("date:2023"), sort="name")[-1] == "holidays/sea"
    writer.forget([b"/photos/holidays/sea"])
    searcher.photos_changed()
    assert found(searcher, parse("date:2023"), sort="name")[-1] == "work/plan"


def test_phrases(library: Library, writer: Writer, dated: dict[str, int]) -> None:
    writer.set_caption(dated["work/plan"], "The plan of Pelican Cove")
    searcher = Searcher(library, ENCODER)
    assert found(searcher, parse('"pelican cove"')) == ["work/plan"]
    assert found(searcher, parse('"brick"')) == ["work/Brick"]
    assert "work/plan" not in found(searcher, parse('white -"pelican cove"'))


def test_an_unknown_folder_or_album_is_an_error_at_its_place(
    library: Library, writer: Writer, dated: dict[str, int]
) -> None:
    searcher = Searcher(library, ENCODER)
    writer.add_to_album(writer.create_album("Best of"), [dated["work/Brick"]])
    assert found(searcher, parse('album:"best of"')) == ["work/Brick"]
    for typed, said in {"white folder:nowhere": "holidays", "white album:worst": "Best of"}.items():
        with pytest.raises(QueryError, match=said) as error:
            searcher.search(parse(typed), 5)
        assert error.value.span == (6, len(typed))


def test_orders_and_groups(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)
    confidence = {hit.path[8:]: hit.confidence for hit in searcher.search(parse("white"), 9).hits}
    assert list(confidence) == ["work/plan", "holidays/sea", "work/Brick", "holidays/dune"]
    assert confidence["holidays/dune"] is Confidence.WEAK
    assert confidence["work/Brick"] is not Confidence.WEAK
    by_date = ["work/Brick", "work/plan", "holidays/sea", "holidays/dune"]
    assert found(searcher, parse("white"), sort="date") == by_date
    by_name = ["work/Brick", "work/plan", "holidays/sea", "holidays/dune"]
    assert found(searcher, parse("white"), sort="name") == by_name
    result = searcher.search(parse("white"), 4, Options(group="folder"))
    assert [(group.key, group.start) for group in result.groups] == [
        (b"/photos/work", 0),
        (b"/photos/holidays", 2),
    ]
    assert [hit.path[8:] for hit in result.hits] == [
        "work/plan",
        "work/Brick",
        "holidays/sea",
        "holidays/dune",
    ]
    result = searcher.search(parse("white"), 4, Options(group="day"))
    assert [group.key for group in result.groups][:2] == [b"2023-06-03", b"2023-06-01"]


def test_photos_of_one_town_stand_together(library: Library) -> None:
    lisbon, porto = {"latitude": 38.71, "longitude": -9.14}, {"latitude": 41.15, "longitude": -8.61}
    with Writer.open(library) as writer:
        writer.register_model(ENCODER.model_id, ENCODER.name, ENCODER.dim)
        folder = writer.add_folder(b"/photos", "")
        files = [
            indexed_file(seed, folder_id=folder.folder_id, dim=ENCODER.dim, **place)
            for seed, place in enumerate((lisbon, {}, porto, lisbon))
        ]
        ids = writer.commit(files, ENCODER.model_id)
    result = Searcher(library, ENCODER).search(parse("white"), 4, Options(group="place"))
    starts = [*(group.start for group in result.groups[1:]), len(result.hits)]
    members = {
        group.town: {hit.photo_id for hit in result.hits[group.start : end]}
        for group, end in zip(result.groups, starts, strict=True)
    }
    assert members == {
        ("Lisbon, Portugal", "葡萄牙里斯本"): {ids[0], ids[3]},
        ("Porto, Portugal", "葡萄牙波图"): {ids[2]},
        ("", ""): {ids[1]},
    }


def test_labels_count_all_photos(library: Library, red_and_others: list[int]) -> None:
    result = Searcher(library, ENCODER).search(parse("red"), 1)
    every = Searcher(library, ENCODER).search(parse("red"), 9).hits
    counted = Counter(hit.found_in or hit.confidence for hit in every)
    assert result.labels == Labels(
        counted[Confidence.STRONG], counted[Confidence.LIKELY], counted[Confidence.WEAK], counted["name"]
    )
    assert result.searched == 4


def test_words_away_and_towards(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)
    assert found(searcher, parse("white -red -blue"), 1) == ["work/plan"]
    plain = {hit.path: hit.score for hit in searcher.search(parse("white red"), 9).hits}
    stressed = {hit.path: hit.score for hit in searcher.search(parse("white +red^5"), 9).hits}
    away = {hit.path: hit.score for hit in searcher.search(parse("white -red"), 9).hits}
    brick = "/photos/work/Brick"
    assert stressed["/photos/work/plan"] < plain["/photos/work/plan"]
    assert away[brick] < stressed[brick]
    with pytest.raises(KnownError, match="cancel each other"):
        searcher.search(parse("red -red^2.5"), 5)


def test_pictures_as_queries(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)
    sea = searcher.vector_of(dated["holidays/sea"])
    assert found(searcher, Query(), 1, like=[sea]) == ["holidays/sea"]
    assert found(searcher, parse("like:x.jpg^0.4 red"), 1, like=[sea]) == ["work/Brick"]
    assert found(searcher, parse("-like:x.jpg"), 9, like=[sea])[-1] == "holidays/sea"


def test_marks_refine_the_query(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)

    def score(query: Query, name: str) -> float:
        return next(hit.score for hit in searcher.search(query, 9).hits if hit.photo_id == dated[name])

    liked, disliked = (dated["holidays/sea"],), (dated["work/Brick"],)
    plain, marked = parse("white"), understood("white", liked=liked, disliked=disliked)
    assert score(marked, "holidays/sea") > score(plain, "holidays/sea")
    assert score(marked, "work/Brick") < score(plain, "work/Brick")
    assert found(searcher, Query(liked=liked), 1) == ["holidays/sea"]
    assert found(searcher, understood("white", liked=(9_999,)), 1) == ["work/plan"]


def test_why_a_photo_is_found(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)
    query = parse("red white +white^2 -blue")
    hits = searcher.search(query, 9).hits
    for place, hit in enumerate(hits, start=1):
        why = searcher.explain(query, hit.photo_id)
        assert (why.rank, why.searched, why.confidence) == (place, 4, hit.confidence)
        assert why.score == pytest.approx(hit.score, abs=1e-6)
        assert sum(pull.score for pull in why.pulls) == pytest.approx(why.score + why.bias, abs=1e-6)
        assert sum(why.histogram) == 4
        assert why.lowest - 1e-3 <= hit.score <= why.highest + 1e-3
    brick = searcher.explain(query, dated["work/Brick"])
    assert [pull.text for pull in brick.pulls] == ["red white white", "white", "blue"]
    assert [pull.text for pull in brick.words] == ["red", "white", "white"]
    assert max(brick.words, key=lambda pull: pull.score).text == "red"
    assert searcher.explain(parse("red date:2022"), dated["work/Brick"]).rank is None
    with pytest.raises(KnownError, match="filters only choose"):
        searcher.explain(parse("date:2023"), dated["work/Brick"])
    with pytest.raises(KnownError, match="not indexed"):
        searcher.explain(parse("red"), 9_999)


def test_an_answer_brings_all_that_are_sure_up_to_a_bound(
    library: Library, writer: Writer, folder: Folder, dated: dict[str, int]
) -> None:
    greens = [("green", *["green"] * more) for more in range(4)]
    green, *_ = writer.commit([painted(folder, *colours) for colours in greens], ENCODER.model_id)
    searcher = Searcher(library, ENCODER)
    for look in (
        lambda most: searcher.search(parse("green"), 1, Options(most=most)),
        lambda most: searcher.search(parse("date:2023"), 1, Options(most=most)),
        lambda most: searcher.similar(green, 1, Options(most=most)),
    ):
        labels = look(0).labels
        assert [len(look(most).hits) for most in (0, 2, 99)] == [1, 2, labels.sure]


def test_all_photos_come_in_the_order_of_the_first_hits(library: Library, dated: dict[str, int]) -> None:
    searcher = Searcher(library, ENCODER)

    def names(ranked: Ranked) -> list[str]:
        return [name_of[photo_id] for photo_id in np.frombuffer(ranked.ids, np.int64).tolist()]

    name_of = {photo_id: name for name, photo_id in dated.items()}
    for text in ("white", "green", "date:2023", "red date:2023"):
        for sort in ("relevance", "date", "name"):
            query = parse(text)
            for k in (1, 9):
                ranked = searcher.rank_all(query, k, Options(sort))
                hits = searcher.search(query, 9, Options(sort, most=9))
                assert names(ranked) == [name_of[hit.photo_id] for hit in hits.hits]
                assert ranked.labels == hits.labels
                aspects = [hit.aspect for hit in hits.hits]
                assert np.frombuffer(ranked.aspects, np.float32).tolist() == pytest.approx(aspects)
    sea = dated["holidays/sea"]
    alike = searcher.similar(sea, 9)
    ranked = searcher.similar_all(sea, 9, Options())
    assert names(ranked) == [name_of[hit.photo_id] for hit in alike.hits]
    assert ranked.labels == alike.labels


def test_photos_that_came_are_ranked_with_all_others(
    library: Library, writer: Writer, folder: Folder, dated: dict[str, int]
) -> None:
    searcher = Searcher(library, ENCODER)
    before = np.frombuffer(searcher.rank_all(parse("green"), 1, Options("date")).ids, np.int64)
    (new,) = writer.commit([painted(folder, "green")], ENCODER.model_id)
    searcher.photos_changed()
    after = np.frombuffer(searcher.rank_all(parse("green"), 1, Options("date")).ids, np.int64)
    assert sorted(after.tolist()) == sorted([*before.tolist(), new])


@pytest.mark.parametrize("text", ["red", "red rating:5", "red -blue"])
def test_a_list_goes_on_as_a_new_searcher_has_it_whatever_changed(
    library: Library, writer: Writer, folder: Folder, red_and_others: list[int], text: str
) -> None:
    searcher, query = Searcher(library, ENCODER), parse(text)
    # None is found by its name, too.
    yellow, white = (
        msgspec.structs.replace(painted(folder, colour, "red"), path=b"/photos/" + colour.encode())
        for colour in ("yellow", "white")
    )
    taught: Lesson | None = None

    def come() -> None:
        ids = writer.commit([yellow], ENCODER.model_id)
        searcher.photos_added(np.array(ids), yellow.vector[None], np.zeros(1, np.float32))

    def come_by_another_way() -> None:
        writer.commit([white], ENCODER.model_id)
        searcher.photos_changed()

    def go() -> None:
        writer.forget([yellow.path])
        searcher.photos_changed()

    def learn() -> None:
        nonlocal taught
        taught = Lesson(base=ENCODER.model_id, words=(Word("red", "green"),))
        searcher.teach(taught)

    for change in (
        come,
        come_by_another_way,
        go,
        lambda: writer.set_caption(red_and_others[2], "a red door"),
        lambda: writer.set_rating(red_and_others, 5),
        learn,
    ):
        begun = searcher.search(query, 2)
        ranked = searcher.rank_all(query, 2, Options())
        ids = np.frombuffer(ranked.ids, np.int64).tolist()
        assert ids[:2] == [hit.photo_id for hit in begun.hits] and ranked.labels == begun.labels
        change()
        anew = Searcher(library, ENCODER)
        anew.teach(taught)
        assert searcher.rank_all(query, 2, Options()) == anew.rank_all(query, 2, Options())
        assert searcher.search(query, 9).hits == anew.search(query, 9).hits


def test_what_was_ranked_last_is_not_ranked_again_unless_photos_change(
    library: Library, red_and_others: list[int]
) -> None:
    searcher = Searcher(library, ENCODER)
    red, photos, two = searcher.text_vector("red"), searcher.photos, np.array(red_and_others[:2])
    for asked in ((red,), (red, two), (red, two, two), (red, two, two, 0.5), (-red, two, two, 0.5)):
        ranking = photos.rank(*asked)
        assert photos.rank(*(np.copy(one) for one in asked)) is ranking
        assert photos.rank(-asked[0], *asked[1:]) is not ranking
    ranking = photos.rank(red)
    assert photos.rank(red, two) is not ranking
    none = np.empty(0, np.int64)
    for change in (
        photos.changed,
        lambda: photos.came(none, np.empty((0, ENCODER.dim), np.float16), np.empty(0, np.float32)),
        lambda: photos.use(None),
    ):
        ranking = photos.rank(red)
        change()
        assert photos.rank(red) is not ranking


def test_hits_say_how_the_grid_is_to_lay_them_out(library: Library, dated: dict[str, int]) -> None:
    with Reader.open(library) as reader:
        for text in ("white", "date:2023"):
            hits = Searcher(library, ENCODER).search(parse(text), 9).hits
            aspects = [reader.photo(hit.photo_id).aspect for hit in hits]
            np.testing.assert_allclose([hit.aspect for hit in hits], aspects, rtol=1e-6)


def test_folders_and_albums_are_alike_in_both_ways_of_writing(
    library: Library, writer: Writer, folder: Folder
) -> None:
    photo = msgspec.structs.replace(painted(folder, "red"), path="/photos/２０２３ 雪山/a".encode())
    ids = writer.commit([photo], ENCODER.model_id)
    album = writer.create_album("维多利亚港")
    writer.add_to_album(album, ids)
    searcher = Searcher(library, ENCODER)
    for text in ('folder:"2023 雪山"', "文件夹：「２０２３　雪山」", "相册：維多利亞港"):
        assert [hit.photo_id for hit in searcher.search(parse(text), 3).hits] == ids


def test_a_model_that_does_not_read_what_was_typed_says_so(
    library: Library, red_and_others: list[int]
) -> None:
    encoder = TinyEncoder()
    encoder.languages = ("en",)
    searcher = Searcher(library, encoder)
    caveats = [searcher.search(parse(text), 3).caveat for text in ("red", "red -狗", "狗", '"狗"')]
    assert [caveat is not None for caveat in caveats] == [False, True, True, False]
    assert str(caveats[2]).startswith("This model reads English;")
    encoder.languages = ("en", "zh")
    assert searcher.search(parse("狗"), 3).caveat is None
    assert "these letters" in str(searcher.search(parse("собака"), 3).caveat)


def test_a_name_that_the_lesson_puts_into_english_is_read(
    library: Library, red_and_others: list[int]
) -> None:
    encoder = TinyEncoder()
    encoder.languages = ("en",)
    searcher = Searcher(library, encoder)
    searcher.teach(Lesson(base=encoder.model_id, words=(Word("旺财", "red"),)))
    assert searcher.search(parse("旺财"), 3).caveat is None
    assert searcher.search(parse("旺财在海边"), 3).caveat is not None


@pytest.mark.parametrize("text", ["red", "blue -red", "red +blue", "date:2023", "-date:2023", "red rating:5"])
def test_an_album_has_the_photos_that_a_search_is_sure_of(
    library: Library, writer: Writer, red_and_others: list[int], text: str
) -> None:
    writer.set_caption(red_and_others[0], "a red boat")  # of a photo that is blue
    searcher = Searcher(library, ENCODER)
    ranked = searcher.rank_all(parse(text), 10, Options())
    sure = np.frombuffer(ranked.ids, dtype=np.int64)[: ranked.labels.sure]
    assert searcher.members(parse(text), Options()).tolist() == sorted(sure.tolist())


def test_an_album_has_all_photos_with_the_words_about_them(
    library: Library, writer: Writer, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.search.searcher.MOST", 2)
    files = [painted(folder, *["blue"] * stripes) for stripes in range(1, 6)]
    ids = writer.commit(files, ENCODER.model_id)
    for photo_id in ids:
        writer.set_caption(photo_id, "a red boat")
    searcher = Searcher(library, ENCODER)
    assert searcher.search(parse("red"), 1).labels.named == 2  # so that it takes no longer for a common word
    assert searcher.members(parse("red"), Options()).tolist() == ids
