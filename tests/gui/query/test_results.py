"""How answers are put: sections, lines, chips."""

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.core import search_messages
from photosearch.core.errors import Sentence
from photosearch.core.photo import Confidence, Hit
from photosearch.core.search_messages import HitGroup, Labels, Piece, SearchResult
from photosearch.gui.query import results
from photosearch.gui.query.field import SearchField
from photosearch.gui.query.understood import Understood, filters, understood
from photosearch.search.query import parse, without

STRONG, LIKELY, WEAK = Confidence.STRONG, Confidence.LIKELY, Confidence.WEAK
WORDS = search_messages.Search("two dogs")


def found(*sure: Confidence, labels: Labels | None = None, **more: object) -> SearchResult:
    hits = [Hit(number, b"", 0.5, confidence, 1.0 + number) for number, confidence in enumerate(sure)]
    pieces = (Piece("words", "two dogs", (0, 8)),)
    values = {"pieces": pieces, "labels": labels or Labels(), **more}
    return SearchResult("", "model", 1.0, 1.0, searched=900, hits=hits, **values)  # type: ignore[arg-type]


def sections(
    result: SearchResult,
    question: search_messages.Search | search_messages.Similar = WORDS,
    rest: search_messages.Ranked | None = None,
) -> list[object]:
    shown = results.shown_results(question, result, rest)
    assert shown.aspects.tolist() == [1.0 + number for number in shown.ids]
    return [len(shown.ids), *((section.start, section.heading) for section in shown.sections)]


def rest_of(ids: list[int], labels: Labels) -> search_messages.Ranked:
    aspects = 1.0 + np.array(ids, np.float32)
    return search_messages.Ranked(np.array(ids, np.int64).tobytes(), aspects.tobytes(), labels)


def test_strong_likely_and_the_others_stand_under_headings() -> None:
    result = found(STRONG, STRONG, LIKELY, WEAK, WEAK, labels=Labels(2, 1, 897))
    assert sections(result) == [
        5,
        (0, "Strong matches  2"),
        (2, "Likely matches  1"),
        (3, "Less likely  897"),
    ]
    assert results.line(WORDS, result) == "2 strong matches, 1 likely among 900 photos"
    assert sections(result, search_messages.Similar(7)) == sections(result)


@pytest.mark.parametrize("known", [False, True], ids=["the first hits", "to the last"])
def test_what_has_gone_leaves_an_answer(known: bool) -> None:
    groups = (HitGroup(b"a", 0), HitGroup(b"b", 1), HitGroup(b"c", 2))
    result = found(STRONG, STRONG, LIKELY, WEAK, labels=Labels(2, 1, 897), groups=groups)
    rest = rest_of([0, 1, 2, 3, 4, 5], Labels(2, 1, 3)) if known else None
    living = np.array([0, 2, 3, 5, 6])
    left, all_left = results.without_gone(result, rest, living)
    assert [hit.photo_id for hit in left.hits] == [0, 2, 3]
    assert left.groups == (HitGroup(b"a", 0), HitGroup(b"c", 1))
    assert (left.labels, left.searched) == ((Labels(1, 1, 2), 4) if known else (Labels(1, 1, 897), 899))
    assert sections(msgspec.structs.replace(left, groups=()), rest=all_left) == [
        4 if known else 3,
        (0, "Strong matches  1"),
        (1, "Likely matches  1"),
        (2, f"Less likely  {2 if known else 897}"),
    ]
    assert results.without_gone(result, rest, np.arange(900))[0].hits == result.hits
    assert results.without_gone(found(STRONG), None, np.empty(0, np.int64))[0].hits == []


def test_photos_named_so_stand_first_under_a_heading_of_their_own() -> None:
    result = found(WEAK, STRONG, LIKELY, labels=Labels(1, 1, 896, named=2))
    result.hits[0] = msgspec.structs.replace(result.hits[0], found_in="caption")
    rest = rest_of([0, 3, 1, 2, 4], Labels(1, 1, 1, named=2))
    by_name = search_messages.Search("two dogs", sort="name")
    assert sections(result) == [
        3,
        (0, "In names, captions and text  2"),
        (1, "Strong matches  1"),
        (2, "Likely matches  1"),
    ]
    assert sections(result, by_name, rest) == [
        5,
        (0, "In names, captions and text  2"),
        (2, "Matches  2"),
        (4, "Less likely  896"),
    ]
    line = "2 by name, caption or text, 1 strong match, 1 likely among 900 photos"
    assert results.line(WORDS, result) == line


def test_photos_that_only_their_folder_answers_for_stand_behind_the_likely_ones() -> None:
    labels = Labels(likely=1, weak=2, named=1, behind=2)
    result = found(WEAK, LIKELY, WEAK, WEAK, WEAK, labels=labels)
    for place, behind in ((0, False), (2, True), (3, True)):
        hit = msgspec.structs.replace(result.hits[place], found_in="folder", behind=behind)
        result.hits[place] = hit
    rest = rest_of([0, 1, 2, 3, 4, 5], labels)
    assert sections(result, WORDS, rest) == [
        6,
        (0, "In names, captions and text  1"),
        (1, "Likely matches  1"),
        (2, "In folders and albums of this name  2"),
        (4, "Less likely  2"),
    ]
    said = "1 by name, caption or text, 1 likely, 2 by their folder or album among 6 photos"
    assert results.line(WORDS, msgspec.structs.replace(result, searched=6)) == said
    left, rest_left = results.without_gone(result, rest, np.array([0, 1, 3, 4, 5]))
    assert left.labels == Labels(likely=1, weak=2, named=1, behind=1)
    assert rest_left is not None and rest_left.labels == left.labels


def test_all_photos_follow_the_first_hits_and_none_comes_twice() -> None:
    result = found(STRONG, STRONG, LIKELY, labels=Labels(2, 2, 3))
    rest = rest_of([1, 9, 0, 2, 8, 7, 6], Labels(3, 2, 2))  # 9 came since, and two changed places
    assert results.shown_results(WORDS, result, rest).ids.tolist() == [0, 1, 2, 8, 7, 6]
    assert sections(result, WORDS, rest)[1:] == [
        (0, "Strong matches  2"),
        (2, "Likely matches  2"),
        (4, "Less likely  3"),
    ]
    unsure = found(WEAK, WEAK)
    assert sections(unsure, WORDS, rest_of([0, 1, 5, 4], Labels(weak=4))) == [4]


def test_in_another_order_all_photos_stand_as_the_engine_has_them() -> None:
    by_date = search_messages.Search("two dogs", sort="date")
    rest = rest_of([5, 1, 0, 4, 3], Labels(1, 2, 2))
    assert results.shown_results(by_date, found(STRONG, LIKELY), rest).ids.tolist() == [5, 1, 0, 4, 3]


def test_what_the_groups_leave_out_follows_them() -> None:
    by_day = search_messages.Search("two dogs", group="day")
    result = found(LIKELY, STRONG, WEAK, groups=(HitGroup(b"/photos/lake", 0),))
    rest = rest_of([1, 0, 5, 2, 4], Labels(1, 2, 2))
    assert sections(result, by_day, rest) == [
        5,
        (0, "lake"),
        (2, "Further photos"),
        (3, "Less likely  2"),
    ]
    weak = found(WEAK, groups=(HitGroup(b"/photos/lake", 0),))
    assert sections(weak, by_day, rest_of([0, 1], Labels(weak=2)))[1:] == [(0, "lake"), (1, "Further photos")]


def test_where_all_is_weak_the_nearest_are_shown_and_said_to_be() -> None:
    result = found(WEAK, WEAK)
    assert sections(result) == [2]
    assert results.line(WORDS, result) == "Nothing here matches well. The nearest:"


def test_a_model_that_does_not_read_the_words_is_told_of_first() -> None:
    caveat = Sentence("This model reads English; describe the photo in English, or choose another model.")
    assert results.line(WORDS, found(WEAK, caveat=caveat)) == str(caveat)


def test_the_field_invites_to_what_the_model_reads(qtbot: QtBot) -> None:
    i18n.use("zh_CN")
    field = SearchField()
    qtbot.addWidget(field)
    assert field.placeholderText() == "描述一张照片：海滩上的两只狗"
    field.set_languages(("en",))
    assert field.placeholderText() == "用英文描述一张照片：two dogs on a beach"
    field.set_languages(("en", "zh"))
    assert field.placeholderText() == "描述一张照片：海滩上的两只狗"


def test_groups_keep_their_headings_and_the_weak_ones_come_last() -> None:
    groups = (HitGroup(b"2024-07-14", 0), HitGroup(b"/photos/lake", 2), HitGroup(b"/x/gone", 3))
    result = found(STRONG, WEAK, LIKELY, WEAK, groups=groups)
    shown = results.shown_results(WORDS, result)
    assert shown.ids.tolist() == [0, 2, 1, 3]
    assert [(section.start, section.heading) for section in shown.sections] == [
        (0, "Sunday, July 14, 2024"),
        (1, "lake"),
        (2, "Less likely  2"),
    ]


def test_other_orders_know_no_strong_and_likely() -> None:
    by_date = search_messages.Search("two dogs", sort="date")
    assert sections(found(LIKELY, STRONG, WEAK), by_date)[1] == (0, "Matches  2")
    assert sections(found(LIKELY, STRONG), by_date) == [2]


def test_filters_alone_choose_and_do_not_rank() -> None:
    pieces = (Piece("filter", "date:2023", (0, 9)),)
    result = found(STRONG, STRONG, pieces=pieces, labels=Labels(strong=2))
    question = search_messages.Search("date:2023")
    assert sections(result, question) == [2]
    assert results.line(question, result) == "2 photos match the filters"


def test_new_matches_are_sure_ones_that_were_not_there() -> None:
    before, now = found(STRONG, LIKELY, WEAK), found(STRONG, LIKELY, LIKELY, WEAK)
    assert results.new_matches(results.shown_results(WORDS, before), now) == 1
    assert results.new_matches(results.shown_results(WORDS, now), before) == 0


@pytest.mark.parametrize(
    ("typed", "chips"),
    [
        ("two dogs", []),
        ("dogs date:2023", ["date: 2023"]),
        ("dogs -people", ["away from: people"]),
        ("-people^2", ["away from: people ×2"]),
        ("+beach", ["beach ×2"]),
        ("(red car)^0.5", ["red car ×0.5"]),
        ('"Pelican Cove" -"no such"', ["“Pelican Cove”", "not “no such”"]),
        ('folder:"My Photos" -has:caption', ["folder: My Photos", "not has: caption"]),
        ("near:38.72,-9.14,12", ["near: 12 km around Lisbon, Portugal"]),
        ("near:38.72,-9.14", ["near: 10 km around Lisbon, Portugal"]),
        ("near:30.12345,-40,5", ["near: 5 km around 30.12° N, 40.00° W"]),
        ("near:-8.1,150,5053.2", ["near: 5,050 km around 8.10° S, 150.00° E"]),
        ("near:30,-40,0.123456", ["near: 0.123 km around 30.00° N, 40.00° W"]),
        ("like:/a/lake.jpg -like:/b/x.jpg^0.5", ["like: lake.jpg", "unlike: x.jpg ×0.5"]),
    ],
)
def test_chips_say_what_was_understood(typed: str, chips: list[str]) -> None:
    pieces = parse(typed).pieces
    shown = understood(search_messages.Search(typed), pieces)
    assert [piece.text for piece in shown] == chips
    for piece in shown:
        assert piece.span is not None
        left = without(typed, piece.span)
        assert len(parse(left).pieces if left else ()) == len(pieces) - 1


def test_chips_have_their_values_in_chinese() -> None:
    i18n.use("zh_CN")
    typed = "type:video,jpeg has:gps date:2023..today -tag:dog tag:Rusty 类型:视频 orientation:square"
    assert [piece.text for piece in understood(search_messages.Search(typed), parse(typed).pieces)] == [
        "类型：视频,jpeg",
        "含有：位置",
        "日期：2023..今天",
        "不是 标签：狗",
        "标签：Rusty",
        "类型：视频",
        "方向：方形",
    ]


def test_what_was_not_typed_has_chips_too() -> None:
    question = search_messages.Search("", liked=(1, 2), disliked=(3,), images=(b"png",))
    assert [piece.text for piece in understood(question, ())] == ["Like this picture", "like 2, unlike 1"]
    assert understood(search_messages.Similar(7), ()) == [
        Understood("similar", "Similar to this photo", picture=7)
    ]
    result = found(pieces=parse("dogs type:raw -away:yes").pieces, without_piece=(0, 12, 3))
    assert [(piece.text, left) for piece, left in filters(result)] == [
        ("type: raw", 12),
        ("not away: yes", 3),
    ]
