import pytest
from PIL import Image, ImageDraw, ImageFont

from photosearch.core.lines import Line
from photosearch.text.reading import TextReader, in_order

SIGN = ("Pelican Cove", "no parking 24 h")
TURNS = {
    "upright": None,
    "on its left side": Image.Transpose.ROTATE_90,
    "upside down": Image.Transpose.ROTATE_180,
    "on its right side": Image.Transpose.ROTATE_270,
}


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader()


def sign() -> Image.Image:
    image = Image.new("RGB", (360, 200), (70, 110, 90))
    draw = ImageDraw.Draw(image)
    for row, text in enumerate(SIGN):
        draw.text((30, 40 + 60 * row), text, (250, 250, 240), ImageFont.load_default(34))
    return image


@pytest.mark.parametrize("turn", TURNS)
def test_a_sign_is_read_whichever_way_it_lies(reader: TextReader, turn: str) -> None:
    way = TURNS[turn]
    image = sign() if way is None else sign().transpose(way)
    lines = reader.lines(image)
    assert tuple(line.text for line in lines) == SIGN
    assert min(line.confidence for line in lines) > 0.8


def test_a_line_says_where_it_stands(reader: TextReader) -> None:
    (left, top), (right, _), (_, bottom), _ = reader.lines(sign())[0].box
    assert 0.03 < left < 0.1 and 0.55 < right < 0.8 and 0.15 < top < 0.25 and 0.3 < bottom < 0.45


def test_a_tilted_line_has_a_tilted_box(reader: TextReader) -> None:
    tilted = sign().rotate(15, expand=True, fillcolor=(70, 110, 90))
    line = reader.lines(tilted)[0]
    (_, first), (_, second), *_ = line.box
    assert line.text == SIGN[0] and second < first - 0.1


def test_upside_down_the_text_begins_at_the_right(reader: TextReader) -> None:
    line = reader.lines(sign().transpose(Image.Transpose.ROTATE_180))[0]
    assert line.box[0][0] > line.box[1][0] and line.box[0][1] > line.box[3][1]


@pytest.mark.parametrize("size", [(1, 1), (400, 3), (64, 48)])
def test_where_nothing_is_written_there_are_no_lines(reader: TextReader, size: tuple[int, int]) -> None:
    assert reader.lines(Image.new("RGB", size, (120, 130, 140))) == []


def line_at(text: str, left: float, top: float) -> Line:
    right, bottom = left + 0.2, top + 0.04
    return Line(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0)


def test_lines_go_row_by_row_and_along_each_row() -> None:
    lines = [line_at("4", 0.1, 0.25), line_at("2", 0.6, 0.1), line_at("3", 0.2, 0.2), line_at("1", 0.1, 0.11)]
    assert [line.text for line in in_order(lines)] == ["1", "2", "3", "4"]
    assert in_order([]) == []


def test_large_letters_and_small_ones_beside_them_are_each_read_whole(reader: TextReader) -> None:
    image = Image.new("RGB", (720, 320), (60, 90, 120))
    draw = ImageDraw.Draw(image)
    draw.text((40, 40), "OPEN DAILY", (250, 250, 240), ImageFont.load_default(105))
    draw.text((300, 230), "closed on Sunday", (250, 250, 240), ImageFont.load_default(22))
    assert [line.text for line in reader.lines(image)] == ["OPEN DAILY", "closed on Sunday"]
