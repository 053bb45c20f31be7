"""The query language."""

import os
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import KnownError, QueryError
from photosearch.core.file_names import path_of
from photosearch.core.photo import RAW_FORMATS, VIDEO_FORMATS
from photosearch.core.query import (
    AnyFilter,
    Away,
    Dated,
    Favourite,
    Has,
    Lasts,
    Near,
    OfType,
    Rated,
    Says,
    TakenAt,
    TakenWith,
    Turned,
)
from photosearch.search import chinese as chinese_words
from photosearch.search.filters import KEYS
from photosearch.search.query import WORDS, Query, of_path, parse, relocated, without
from photosearch.search.tokens import MAX_CHARACTERS

WEDNESDAY = date(2024, 2, 28)


def filters(typed: str) -> list[AnyFilter]:
    return list(parse(typed, WEDNESDAY).filters)


def refused(typed: str) -> tuple[str, str]:
    """-> the place in the text, and the sentence."""
    with pytest.raises(QueryError) as error:
        parse(typed, WEDNESDAY)
    start, end = error.value.span
    return typed[start:end], str(error.value)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("two dogs", "two dogs"),
        ("  two\t dogs \r\n on a\u00a0beach ", "two dogs on a beach"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("👩‍👩‍👧 犬", "👩‍👩‍👧 犬"),
        ("caf\udce9", "caf\ufffd"),
    ],
)
def test_plain_words_are_one_sentence(typed: str, text: str) -> None:
    query = parse(typed)
    assert (query.sentence, query.text, query.words, query.filters) == (text, text, (), ())


@pytest.mark.parametrize(
    "typed",
    [
        "at 3:15",
        "https://a.b/c",
        "note:this",
        "http:x https://a.b mailto:me a:b",
        "人:海滩 dta: 2023",
        "- and -- and +",
        "x^y ^_^ 2^",
        '5" nails',
        "(a) :)",
        "well-known",
    ],
)
def test_what_only_looks_like_syntax_is_words(typed: str) -> None:
    query = parse(typed)
    assert query.sentence == typed
    assert [piece.kind for piece in query.pieces] == ["words"]


@pytest.mark.parametrize("typed", ["", " \n\t ", "\x00\x07", "?", "？！", "... -"])
def test_an_empty_query_says_what_to_type(typed: str) -> None:
    with pytest.raises(KnownError, match="two dogs on a beach"):
        parse(typed)


def test_a_query_that_is_too_long_says_both_numbers() -> None:
    assert parse("x" * MAX_CHARACTERS).text == "x" * MAX_CHARACTERS
    with pytest.raises(KnownError, match=r"100,000 characters.* 1,000"):
        parse("x" * 100_000)


def test_words_towards_and_away() -> None:
    query = parse("dogs +beach -people on sand^0.5 -(red car)^2 (old boat)^3 +hat^4")
    assert query.sentence == "dogs beach on sand old boat hat"
    assert [(word.text, word.weight) for word in query.words] == [
        ("beach", 2.0),
        ("people", -1.0),
        ("sand", 0.5),
        ("red car", -2.0),
        ("old boat", 3.0),
        ("hat", 4.0),
    ]


def test_pieces_stand_where_they_were_typed() -> None:
    typed = ' dogs  playing date:2023 -"Pelican  Cove" like:"my lake.jpg"^2 x'
    query = parse(typed)
    assert [(piece.kind, typed[slice(*piece.span)], piece.text) for piece in query.pieces] == [
        ("words", "dogs  playing", "dogs playing"),
        ("filter", "date:2023", "date:2023"),
        ("filter", '-"Pelican  Cove"', '-"Pelican Cove"'),
        ("like", 'like:"my lake.jpg"^2', 'like:"my lake.jpg"^2'),
        ("words", "x", "x"),
    ]
    assert without(typed, query.pieces[1].span) == 'dogs  playing -"Pelican  Cove" like:"my lake.jpg"^2 x'


def test_examples_by_pictures() -> None:
    (first, second) = parse("like:~/a.jpg -like:b.jpg^0.5").like
    assert (first.path, first.weight) == ("~/a.jpg", 1.0)
    assert (second.path, second.weight) == ("b.jpg", -0.5)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("date:2023", Dated(start="2023-01-01", end="2024-01-01")),
        ("DATE:2023-12", Dated(start="2023-12-01", end="2024-01-01")),
        ("date:2024-2-29", Dated(start="2024-02-29", end="2024-03-01")),
        ("date:2023-06..2023-08", Dated(start="2023-06-01", end="2023-09-01")),
        ("date:2023..", Dated(start="2023-01-01")),
        ("-date:..2023", Dated(end="2024-01-01", negated=True)),
        ("after:2023", Dated(start="2024-01-01")),
        ("before:2023-06-14", Dated(end="2023-06-14")),
        ("date:today", Dated(start="2024-02-28", end="2024-02-29")),
        ("date:yesterday", Dated(start="2024-02-27", end="2024-02-28")),
        ("date:this-week", Dated(start="2024-02-26", end="2024-03-04")),
        ("date:last-week", Dated(start="2024-02-19", end="2024-02-26")),
        ("date:last-month", Dated(start="2024-01-01", end="2024-02-01")),
        ("date:last-year..", Dated(start="2023-01-01")),
        ('camera:"canon eos"', TakenWith(camera="canon eos")),
        ("place:lisbon", TakenAt(place="lisbon")),
        ('-地点:"里斯本, 葡萄牙"', TakenAt(place="里斯本, 葡萄牙", negated=True)),
        ("type:jpg,HEIC", OfType(formats=("JPEG", "HEIF"))),
        ("type:nef,dng", OfType(formats=("NEF", "DNG"))),
        ("type:raw,cr2", OfType(formats=RAW_FORMATS)),
        ("rating:>=3", Rated(stars=3)),
        ("rating:5", Rated(stars=5)),
        ("-rating:>=3", Rated(stars=3, negated=True)),
        ("rating:<3", Rated(stars=3, negated=True)),
        ("-rating:<=3", Rated(stars=4)),
        ("rating:0", Rated(stars=1, negated=True)),
        ("has:gps", Has(fact="gps")),
        ("-has:favorite", Favourite(negated=True)),
        ("near:48.86,2.35,5km", Near(latitude=48.86, longitude=2.35, kilometres=5)),
        ("near:-33.9,151.2", Near(latitude=-33.9, longitude=151.2, kilometres=10)),
        ("orientation:Portrait", Turned(orientation="portrait")),
        ("type:video", OfType(formats=VIDEO_FORMATS)),
        ("length:>1m", Lasts(at_least=60)),
        ("length:>=1m30s", Lasts(at_least=90)),
        ("-length:<30", Lasts(at_least=0, below=30, negated=True)),
        ("length:1:30..2h", Lasts(at_least=90, below=7200)),
        ("away:no", Away(negated=True)),
        ("date：2023", Dated(start="2023-01-01", end="2024-01-01")),  # as a Chinese keyboard has it
        ("“Pelican Cove”", Says(phrase="Pelican Cove")),
    ],
)
def test_filters(typed: str, found: AnyFilter) -> None:
    assert filters(typed) == [found]
    assert not parse(typed).ranks


def test_exactly_four_stars_are_two_filters() -> None:
    assert filters("rating:4") == [Rated(stars=4), Rated(stars=5, negated=True)]


def test_folders_and_albums_are_left_to_the_library() -> None:
    (folder, album) = parse('folder:"My Photos" -album:best').named
    assert (folder.kind, folder.name, folder.negated) == ("folder", "My Photos", False)
    assert (album.kind, album.name, album.negated) == ("album", "best", True)


@pytest.mark.parametrize(
    ("typed", "place", "said"),
    [
        ("dogs date:2023-13", "2023-13", "no date"),
        ("date:2024..2023", "2024..2023", "comes after"),
        ("date:", "date:", "right after date:"),
        ("a like: b", "like:", "like:~/lake.jpg"),
        ("album:", "album:", "right after album:"),
        ('say "hello', '"hello', "not closed"),
        ('""', '""', "Pelican Cove"),
        ("-(red car", "(red car", "not closed"),
        ("-()", "()", "between the brackets"),
        ("beach^9", "^9", "0.1 to 5"),
        ('"a b"^2', "^2", "takes no weight"),
        ("dat:2023", "dat:", "did you mean date:"),
        ("dta:2023", "dta:", "did you mean date:"),
        ("a -Dates:2023", "Dates:", "did you mean date:"),
        ("日其：2023", "日其：", "did you mean 日期:"),
        ("相机期：x", "相机期：", "did you mean 相机:"),
        ("ratign:3", "ratign:", "did you mean rating:"),
        ("rating:6", "6", "from 0 to 5"),
        ("rating:>5", ">5", "no photo could pass"),
        ("-rating:4", "4", "rating:<4 or rating:>4"),
        ("type:doc", "doc", "jpeg"),
        ("has:wings", "wings", "has:favourite"),
        ("near:Paris", "Paris", "latitude"),
        ("near:91,0", "91,0", "-90 to 90"),
        ("near:nan,0", "nan,0", "-90 to 90"),
        ("orientation:up", "up", "portrait"),
        ("length:long", "long", "length:>1m"),
        ("length:1m", "1m", "length:>1m"),
        ("length:>", ">", "length:>1m"),
        ("length:5m..1m", "5m..1m", "length:1m..5m"),
        ("away:maybe", "maybe", "away:yes"),
    ],
)
def test_errors_are_where_they_are_and_say_what_to_write(typed: str, place: str, said: str) -> None:
    where, sentence = refused(typed)
    assert where == place
    assert said in sentence


EXAMPLES = (
    "two dogs on a beach",
    "dogs -people +beach",
    '"Pelican Cove" date:2023-06..2023-08',
    "mountains^2 snow rating:>=3 -has:caption",
    "like:~/Pictures/lake.jpg near:46.5,8.0,50",
)


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("dogs dat:2023", "dogs date:2023"),
        ("dogs -dta:2023", "dogs -date:2023"),
        ("狗 文建夹：海滩", "狗 文件夹:海滩"),
        ("🐕 date:yesterda", "🐕 date:yesterday"),
        ("type:hiec", "type:heic"),
        ("has:captoin", "has:caption"),
        ("orientation:portait", "orientation:portrait"),
        ('lake "Pelican Cove', 'lake "Pelican Cove"'),
        ("lake 「Pelican Cove", "lake 「Pelican Cove」"),
        ("car -(red bus", "car -(red bus)"),
    ],
)
def test_what_was_probably_meant_is_told_and_is_a_query(typed: str, mended: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(typed)
    start, end = error.value.span
    assert f"{typed[:start]}{error.value.instead}{typed[end:]}" == mended
    assert parse(mended)


def test_a_slip_in_a_value_is_asked_about_and_a_chinese_one_answered_in_chinese() -> None:
    meant = "There is no has:captoin; did you mean has:caption?"
    assert refused("dogs has:captoin") == ("captoin", meant)
    assert "did you mean date:yesterday?" in refused("date:yesterda")[1]
    assert refused("含有：字幕")[1].startswith("Write one of 含有:位置, 含有:地点, 含有:说明, ")
    assert refused("方向：斜")[1].startswith("Write one of 方向:纵向, ")
    assert "is no date" in refused("日期：某天")[1]
    assert parse("has:place").filters == parse("含有：地点").filters == (Has(fact="gps"),)
    assert "place" in KEYS["has"].values


@pytest.mark.parametrize("typed", ["date:soon", 'lake "', "beach^9", "date:", "near:here"])
def test_where_nobody_knows_what_was_meant_nothing_is_told(typed: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(typed)
    assert error.value.instead is None


@pytest.mark.parametrize("example", [*EXAMPLES, *(key.example for key in KEYS.values())])
def test_the_examples_are_queries(example: str) -> None:
    assert parse(example).text == example


SYNTAX = st.lists(
    st.sampled_from(
        [
            *(f"{word}:" for word in WORDS),
            *'-+"()^:,“”「」－：＂＾不要没有狗的日期像 \u00a0\u212a\u0301\ud800\x00',
            "2",
            "2023",
            "..",
            ">=",
            "a",
            "gps",
            "yes",
        ]
    ),
    max_size=14,
).map("".join)
ANY_TEXT = st.one_of(SYNTAX, st.text(st.characters(exclude_categories=()), max_size=40))


@given(ANY_TEXT)
def test_any_text_is_a_query_or_an_error_with_its_place(typed: str) -> None:
    try:
        query = parse(typed, WEDNESDAY)
    except QueryError as error:
        start, end = error.span
        assert 0 <= start <= end <= len(typed)
        assert str(error).endswith((".", *(f"such as {key.example}" for key in KEYS.values()))) or ":" in str(
            error
        )
        return
    assert query.pieces
    ends = 0
    for piece in query.pieces:
        start, end = piece.span
        assert ends <= start < end <= len(typed)
        ends = end


@given(ANY_TEXT)
def test_what_was_understood_can_be_typed_again(typed: str) -> None:
    try:
        query = parse(typed, WEDNESDAY)
    except QueryError:
        return
    query.text.encode()
    names = [piece.text for piece in query.pieces if piece.kind in ("like", "filter")]  # as files have them
    assert names or unicodedata.is_normalized("NFC", query.text)
    again = parse(query.text, WEDNESDAY)
    assert again.text == query.text
    assert meaning(again) == meaning(query)


@given(ANY_TEXT, st.integers(0, 5))
def test_a_removed_piece_is_gone_and_the_others_stay(typed: str, which: int) -> None:
    try:
        query = parse(typed, WEDNESDAY)
    except QueryError:
        return
    place = which % len(query.pieces)
    rest = query.pieces[:place] + query.pieces[place + 1 :]
    left = without(typed, query.pieces[place].span)
    if not all(unicodedata.category(sign).startswith(("P", "Z", "C")) for sign in left):
        assert parse(left, WEDNESDAY).text == " ".join(piece.text for piece in rest)
    elif not rest:
        with pytest.raises(QueryError, match="Type what"):
            parse(left, WEDNESDAY)


def meaning(query: Query) -> object:
    return (
        query.sentence,
        [(word.text, word.weight) for word in query.words],
        [(like.path, like.weight) for like in query.like],
        query.filters,
        [(named.kind, named.name, named.negated) for named in query.named],
    )


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ｔｗｏ　ｄｏｇｓ", "two dogs"),
        ("海滩 －狗", "海滩 -狗"),
        ("＋海滩　狗＾２", "+海滩 狗^2"),
        ("－（红色 汽车）", "-(红色 汽车)"),
        ("海滩 不要狗", "海滩 -狗"),
        ("没有人 雪山", "-人 雪山"),
        ("沒有狗^2", "-狗^2"),
        ("没有人的海滩", "没有人的海滩"),  # says something of the beach
        ("不要", "不要"),
        ("“海滩”", '"海滩"'),
        ("「海滩」 －「旺财」", '"海滩" -"旺财"'),
        ("「say “hi”」", "「say “hi”」"),
        ("＂海滩＂", '"海滩"'),
        ("日期：２０２０", "date:2020"),
        ("日期:2020年6月..2020年8月3日", "date:2020年6月..2020年8月3日"),
        ("相機：Canon", "camera:Canon"),
        ("－类型：jpeg", "-type:jpeg"),
        ("文件夹:假期 相册:「夏天 2023」", 'folder:假期 album:"夏天 2023"'),
        ("像：湖．jpg", "like:湖．jpg"),  # a name stays as it is
        ("文件夹：２０２０年", "folder:２０２０年"),
        ("海滩：狗", "海滩:狗"),
    ],
)
def test_chinese_input_is_read(typed: str, text: str) -> None:
    query = parse(typed, WEDNESDAY)
    assert query.text == text
    assert meaning(parse(text, WEDNESDAY)) == meaning(query)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("日期：2020年", "date:2020"),
        ("日期：2020年6月", "date:2020-06"),
        ("日期：2020年6月14日", "date:2020-06-14"),
        ("日期：二〇二〇年", "date:2020"),
        ("日期：二零二零", "date:2020"),
        ("日期：二〇二〇年十月..二〇二〇年十二月二十日", "date:2020-10..2020-12-20"),
        ("日期：二〇二〇年三月二十三号", "date:2020-03-23"),
        ("日期：2020年6月..昨天", "date:2020-06..yesterday"),
        ("日期:上个月", "date:last-month"),
        ("早于:今年", "before:this-year"),
        ("含有：收藏", "has:favourite"),
        ("方向：竖", "orientation:portrait"),
        ("类型：视频", "type:video"),
        ("时长：＞1m", "length:>1m"),
        ("离线：是", "away:yes"),
        ("评分：＞＝３", "rating:>=3"),
    ],
)
def test_filters_in_chinese_are_those_in_english(chinese: str, english: str) -> None:
    assert filters(chinese) == filters(english)


def test_every_filter_has_a_name_in_chinese() -> None:
    assert set(chinese_words.KEYS.values()) == set(WORDS)


@given(st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & set(b"\0/") and name != b".."))
def test_any_picture_and_folder_can_be_named(name: bytes) -> None:
    path = os.path.normpath("/photos/" + os.fsdecode(name))
    like, folder = of_path("like", path), of_path("folder", path)
    query = parse(f"snow {like} {folder} -beach")
    for found in (query.like[0].path, query.named[0].name):
        assert (path_of(found) or found) == path
    assert like.isprintable() and folder.isprintable()


@pytest.mark.parametrize(
    "name", ["a  b.jpg", " a.jpg", "line\nend.jpg", "cafe\u0301.jpg", "caf\u00e9.jpg", "\u212b.jpg"]
)
def test_a_name_in_quotation_marks_stays_as_it_is(name: str) -> None:
    assert parse(f'like:"{name}"').like[0].path == name.replace("\u212b", "\u00c5")
    assert parse(f'folder:"{name}"').named[0].name == name.replace("\u212b", "\u00c5")


def test_a_query_means_the_same_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    monkeypatch.setenv("USERPROFILE", "/home/ana")
    typed = "snow like:lake.jpg^2 -like:../a.jpg folder:. folder:norway like:~/b.jpg like:file:///c%0A.jpg"
    there, above = tmp_path / "photos", tmp_path
    assert parse(typed, base=lambda: there).text == (
        f"snow like:{there / 'lake.jpg'}^2 -like:{above / 'a.jpg'} folder:{there} folder:norway "
        f"like:{Path('/home/ana/b.jpg')} like:file:///c%0A.jpg"
    )
    assert parse('like:"a\nb.jpg"', base=lambda: Path("/photos")).text == "like:file:///photos/a%0Ab.jpg"


def test_a_home_that_nobody_has_is_a_name(tmp_path: Path) -> None:
    query = parse("like:~nosuchperson/x.jpg", base=lambda: tmp_path)
    assert str(tmp_path / "~nosuchperson" / "x.jpg") in query.text


@pytest.mark.parametrize(
    ("typed", "now"),
    [
        ("dogs folder:/photos/old", "dogs folder:/photos/new"),
        ("dogs -folder:/photos/old/norway today", "dogs -folder:/photos/new/norway today"),
        ('文件夹:"/photos/old/my dogs/"', 'folder:"/photos/new/my dogs"'),
        (
            "like:/photos/old/a.jpg^2 -like:file:///photos/old/a%20b.jpg",
            'like:/photos/new/a.jpg^2 -like:"/photos/new/a b.jpg"',
        ),
        ("folder:/photos/older like:old/a.jpg folder:old", "folder:/photos/older like:old/a.jpg folder:old"),
        ('folder:/photos/old "never closed', 'folder:/photos/old "never closed'),
    ],
)
def test_what_a_query_names_in_a_folder_is_named_where_that_has_moved(typed: str, now: str) -> None:
    assert relocated(typed, b"/photos/old", b"/photos/new/") == now


def test_what_stayed_where_it_was_in_a_folder_that_moved_keeps_its_name() -> None:
    typed = "folder:/photos/old/usb/2023 like:/photos/old/usb/a.jpg folder:/photos/old/usbs"
    assert relocated(typed, b"/photos/old", b"/photos/new", stayed=[b"/photos/old/usb"]) == (
        "folder:/photos/old/usb/2023 like:/photos/old/usb/a.jpg folder:/photos/new/usbs"
    )
