import pytest
from PIL import Image, ImageDraw, ImageFont

from photosearch.core.lines import Line
from photosearch.text.order import in_order
from photosearch.text.reading import TextReader, longest_edge

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


def lines_at(*placed: tuple[str, float, float, float]) -> list[Line]:
    """Lines by their texts, lefts, tops and widths."""
    return [
        Line(text, ((x, y), (x + width, y), (x + width, y + 0.02), (x, y + 0.02)), 1.0)
        for text, x, y, width in placed
    ]


@pytest.mark.parametrize("turn", [1, -1])
def test_columns_of_running_text_are_read_one_after_the_other(turn: int) -> None:
    rows = [0.2 + 0.03 * row for row in range(6)]
    left = [(f"left {row}", 0.05, y, 0.2 if row == 5 else 0.4) for row, y in enumerate(rows)]
    right = [(f"right {row}", 0.5, y + 0.004, 0.42) for row, y in enumerate(rows)]
    page = lines_at(("heading", 0.05, 0.1, 0.85), *left, *right, ("foot", 0.05, 0.5, 0.85))
    if turn < 0:  # upside down
        page = [Line(one.text, tuple((1 - x, 1 - y) for x, y in one.box), 1.0) for one in page]  # type: ignore[arg-type]
    mixed = sorted(page, key=lambda line: line.text[::-1])
    assert [line.text for line in in_order(mixed)] == [line.text for line in page]


def test_things_and_their_prices_are_read_along_their_rows() -> None:
    things = [(f"thing {row}", 0.05, 0.03 * row, 0.1 + 0.07 * (row % 4)) for row in range(8)]
    prices = [(f"{row}.99", 0.8, 0.03 * row, 0.08) for row in range(8)]
    found = [line.text for line in in_order(lines_at(*things, *prices))]
    assert found == [text for row in range(8) for text in (f"thing {row}", f"{row}.99")]


@pytest.mark.parametrize("size", [(400, 3400), (4400, 200)])
def test_long_pictures_are_read_in_tiles_and_each_line_once(
    reader: TextReader, size: tuple[int, int]
) -> None:
    font, words = ImageFont.load_default(30), ["parking", "gallery", "museum", "station", "library"]
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    written = []
    for y in range(1300, size[1] - 40, 60) if size[1] > size[0] else (80,):  # over the ends of tiles
        text = " ".join((words * 40)[y // 60 :])
        while draw.textlength(text, font) > size[0] - 40:
            text = text.rpartition(" ")[0]
        draw.text((20, y), text, "black", font)
        written.append(text)
        if len(written) == 6:
            break
    assert [line.text for line in reader.lines(image)] == written


def test_a_long_picture_keeps_more_of_its_pixels() -> None:
    assert longest_edge(4000, 3000) == longest_edge(1080, 2400) == 1600
    assert longest_edge(800, 9000) >= 9000
    for size in ((16_000, 4000), (5000, 60_000), (1, 65_000), (2500, 1000)):
        edge = longest_edge(*size)
        assert 1600 <= edge <= 10_000 and min(size) * min(1.0, edge / max(size)) <= 1200
