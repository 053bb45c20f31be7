"""Photos side by side as one picture: numbered tiles in rows."""

import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from photosearch.core.writing import exported

TILE = 240  # pixels, square
GAP = 8
ACROSS = 5
_MOST_ROWS = 65_000 // (TILE + GAP)  # a JPEG has at most 65,500 lines
_GROUND, _BADGE, _INK = "#1b1b1e", "#000000", "#ffffff"
_MARK = "photosearch contact sheet"  # in the file, so that it may be replaced


def strips(pictures: Sequence[bytes | None], across: int = ACROSS, tile: int = TILE) -> Iterator[Image.Image]:
    """Rows of tiles, each with its number from 1 on; None: a photo that cannot be shown.

    Args:
        pictures: JPEG files
    """
    for start in range(0, len(pictures), across):
        row = pictures[start : start + across]
        strip = Image.new("RGB", (len(row) * (tile + GAP) - GAP, tile), _GROUND)
        for place, jpeg in enumerate(row):
            strip.paste(_tile(jpeg, start + place + 1, tile), (place * (tile + GAP), 0))
        yield strip


def write(path: Path, pictures: Sequence[bytes | None]) -> None:
    """One JPEG of them all.

    Raises:
        KnownError: it cannot be written, or another kind of file is there.
    """
    across = max(ACROSS, math.ceil(len(pictures) / _MOST_ROWS))
    rows = list(strips(pictures, across))
    width, height = max(row.width for row in rows), len(rows) * (TILE + GAP) - GAP
    sheet = Image.new("RGB", (width + 2 * GAP, height + 2 * GAP), _GROUND)
    for number, row in enumerate(rows):
        sheet.paste(row, (GAP, GAP + number * (TILE + GAP)))
    with exported(path, _is_sheet) as file:
        sheet.save(file, "JPEG", quality=88, comment=_MARK)


def _tile(jpeg: bytes | None, number: int, edge: int) -> Image.Image:
    tile = Image.new("RGB", (edge, edge), _GROUND)
    if jpeg is not None:
        with Image.open(io.BytesIO(jpeg)) as picture:
            fitting = ImageOps.contain(picture.convert("RGB"), (edge, edge))
        tile.paste(fitting, ((edge - fitting.width) // 2, (edge - fitting.height) // 2))
    draw = ImageDraw.Draw(tile)
    font = ImageFont.load_default(edge // 14)
    left, top, right, bottom = draw.textbbox((10, 8), str(number), font)
    draw.rounded_rectangle((left - 6, top - 4, right + 6, bottom + 4), 5, _BADGE)
    draw.text((10, 8), str(number), _INK, font)
    return tile


def _is_sheet(path: Path) -> bool:
    try:
        with Image.open(path) as there:
            return bool(there.info.get("comment") == _MARK.encode())
    except (OSError, UnidentifiedImageError):
        return False
