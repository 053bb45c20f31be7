"""What is written in photos is kept by photo, found by its words, and read once."""

import pytest

from photosearch.core.lines import Box, Line
from photosearch.core.query import Has, Says, Written
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file

BOX: Box = ((0.1, 0.2), (0.5, 0.25), (0.5, 0.4), (0.1, 0.35))
SIGN = (Line("No parking", BOX, 0.98), Line("24 hours", BOX, 0.91))
VERSION = 3


@pytest.fixture
def ids(writer: Writer, folder: Folder) -> list[int]:
    """Of four photos: a sign, a Chinese receipt, one without text, one that was not read."""
    ids = writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(4)], MODEL)
    receipt = [Line(text, BOX, 0.9) for text in ("合計金額 ¥128", "Große Müllerstraße")]
    writer.keep_lines([(ids[0], SIGN), (ids[1], receipt), (ids[2], [])], VERSION)
    return ids


def test_lines_come_back_in_their_order_and_where_they_stand(ids: list[int], reader: Reader) -> None:
    first, second = reader.lines(ids[0])
    assert (first.text, second.text) == ("No parking", "24 hours")
    assert [xy for corner in first.box for xy in corner] == pytest.approx(
        [xy for corner in BOX for xy in corner], abs=1e-4
    )
    assert first.confidence == pytest.approx(0.98)
    assert reader.lines(ids[2]) == reader.lines(ids[3]) == []
    assert reader.lines_of(ids).keys() == {ids[0], ids[1]}


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("parking", [0]),
        ("NO PARK", [0]),
        ("parking 24 hours", [0]),  # goes on in the next line
        ("parking no", []),
        ("pa", []),  # too many words begin so
        ("合计", [1]),
        ("金额 128", [1]),
        ("grosse mullerstrass", [1]),
        ("?", []),
    ],
)
def test_photos_are_found_by_what_is_written_in_them(
    ids: list[int], reader: Reader, phrase: str, found: list[int]
) -> None:
    assert reader.matching([Written(phrase=phrase)]).tolist() == [ids[place] for place in found]


def test_exact_words_are_looked_for_in_photos_too(ids: list[int], writer: Writer, reader: Reader) -> None:
    writer.set_caption(ids[3], "no parking, says the sign")
    assert reader.matching([Says(phrase="no parking")]).tolist() == [ids[0], ids[3]]
    assert reader.matching([Written(phrase="no parking")]).tolist() == [ids[0]]
    assert reader.matching([Says(phrase="no park")]).tolist() == []
    assert reader.matching([Has(fact="text")]).tolist() == ids[:2]


def test_a_photo_is_read_once_a_version(
    ids: list[int], writer: Writer, reader: Reader, folder: Folder
) -> None:
    assert reader.unread_for_text(VERSION).tolist() == [ids[3]]
    assert reader.text_counts(VERSION) == (3, 4)
    assert reader.unread_for_text(VERSION + 1).tolist() == ids
    assert reader.text_counts(VERSION + 1) == (0, 4)
    assert (reader.text_was_read(ids[2]), reader.text_was_read(ids[3])) == (True, False)
    assert reader.photos_with_text() == 2
    writer.set_away(folder.folder_id, True)
    assert reader.unread_for_text(VERSION).tolist() == []
    assert reader.away_for_text(VERSION) == 1


def test_what_is_read_anew_takes_the_place_of_what_was(
    ids: list[int], writer: Writer, reader: Reader
) -> None:
    writer.keep_lines([(ids[0], [Line("Parking allowed", BOX, 0.9)])], VERSION + 1)
    assert [line.text for line in reader.lines(ids[0])] == ["Parking allowed"]
    assert reader.matching([Written(phrase="no parking")]).tolist() == []
    assert reader.matching([Written(phrase="allowed")]).tolist() == [ids[0]]
    writer.keep_lines([(ids[0], [])], VERSION + 1)
    assert reader.matching([Has(fact="text")]).tolist() == [ids[1]]


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\xad"])
def test_a_word_that_a_hyphen_parts_is_found_whole_and_in_its_parts(
    ids: list[int], writer: Writer, reader: Reader, hyphen: str
) -> None:
    page = [
        "An extraordi" + hyphen,
        "nary exhibition of well" + hyphen,
        "known works, 1990-",
        "present, by A-",
        "Z",
    ]
    writer.keep_lines([(ids[3], [Line(text, BOX, 0.9) for text in page])], VERSION)
    for phrase in ("extraordinary exhibition", "well-known works", "wellknown", "1990 present", "by a z"):
        assert reader.matching([Written(phrase=phrase)]).tolist() == [ids[3]], phrase
    assert reader.with_lines("extraordinary", 9, word_for_word=False).tolist() == [ids[3]]
    assert reader.matching([Written(phrase="az")]).tolist() == []
    assert [line.text for line in reader.lines(ids[3])] == page
