"""One picture of several queries and their best photos."""

import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw, ImageFont, ImageOps

from photosearch.core.photo import Confidence

MARGIN = 40
GAP = 12
TILE = 224  # edge of a photo's square, pixels
CAPTION = 30
TITLE = 46
COLUMNS = 5

PAGE = "#F6F6F7"
INK = "#1B1B1F"
QUIET = "#55565E"
LABEL = {Confidence.STRONG: "#1B6E3C", Confidence.LIKELY: "#8A5300", Confidence.WEAK: "#85868F"}


class Tile(msgspec.Struct, frozen=True):
    """A photo that was found."""

    thumbnail: bytes  # JPEG
    score: float
    confidence: Confidence


class Row(msgspec.Struct, frozen=True):
    """A query and its photos, the best first."""

    query: str
    tiles: Sequence[Tile]


def draw(rows: Sequence[Row], target: Path) -> None:
    """Write the sheet as a PNG: a row a query, its best photos from left to right."""
    width = 2 * MARGIN + COLUMNS * TILE + (COLUMNS - 1) * GAP
    row_height = TITLE + TILE + CAPTION + 2 * GAP
    sheet = Image.new("RGB", (width, 2 * MARGIN + len(rows) * row_height - GAP), PAGE)
    pen = ImageDraw.Draw(sheet)
    title_font = ImageFont.load_default(24)
    caption_font = ImageFont.load_default(15)
    for index, row in enumerate(rows):
        top = MARGIN + index * row_height
        pen.text((MARGIN, top), row.query, fill=INK, font=title_font)
        for column, tile in enumerate(row.tiles[:COLUMNS]):
            left = MARGIN + column * (TILE + GAP)
            with Image.open(io.BytesIO(tile.thumbnail)) as photo:
                square = ImageOps.fit(photo.convert("RGB"), (TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(square, (left, top + TITLE), _rounded(TILE, radius=8))
            caption = top + TITLE + TILE + 8
            pen.text((left, caption), tile.confidence, fill=LABEL[tile.confidence], font=caption_font)
            pen.text((left + TILE, caption), f"{tile.score:.2f}", fill=QUIET, font=caption_font, anchor="ra")
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target)


def _rounded(edge: int, radius: int) -> Image.Image:
    """A mask with smooth round corners, drawn at four times its size."""
    mask = Image.new("L", (4 * edge, 4 * edge), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * edge - 1, 4 * edge - 1), 4 * radius, fill=255)
    return mask.resize((edge, edge), Image.Resampling.LANCZOS)
