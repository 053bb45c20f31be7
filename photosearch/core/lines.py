"""A line of text as it stands in a photo."""

import re
from collections.abc import Iterable

import msgspec

Corner = tuple[float, float]
Box = tuple[Corner, Corner, Corner, Corner]
# A hyphen, hard or soft, at a line's end amid a word in Latin letters, which goes on in lower case.
_BROKEN = re.compile("(?<=[A-Za-zÀ-ÖØ-öø-ɏ])[-\xad\u2010]\\s*\n\\s*(?=[a-zß-öø-ÿ])")
_LEVEL = 0.4  # of a line's height, that the middle of another in the same row may stand higher or lower


class Line(msgspec.Struct, frozen=True):
    """A line of text in a photo."""

    text: str
    # Of the upright photo, 0 to 1 from its left and from its top: where the text begins above and ends above,
    # where it ends below and begins below.
    box: Box
    confidence: float  # 0 to 1


def rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines in their order, those together that stand beside each other, as a thing and its price do."""
    found: list[list[Line]] = []
    for line in lines:
        if found and _goes_on(found[-1][-1], line):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def as_text(lines: Iterable[Line]) -> str:
    """Lines to paste elsewhere: row below row, in a row with tabs between, which tables take as columns."""
    return "\n".join("\t".join(line.text for line in row) for row in rows(lines))


def running(texts: Iterable[str]) -> str:
    """Texts of lines, a line each, with words whole again that go on in the next line behind a hyphen."""
    return _BROKEN.sub("", "\n".join(texts))


def _goes_on(line: Line, other: Line) -> bool:
    """Whether another begins where a line has ended, each about as high as the other's middle."""
    along, down = _seen_from(line, _middle(other))
    back, up = _seen_from(other, _middle(line))
    return along > 1 and back < 0 and abs(down - 0.5) < _LEVEL and abs(up - 0.5) < _LEVEL


def _seen_from(line: Line, point: Corner) -> Corner:
    """How far along a line and down from it a point stands: 0 where the line begins, 1 where it ends."""
    (x, y), (right_x, right_y), _, (low_x, low_y) = line.box
    a, b, c, d = right_x - x, right_y - y, low_x - x, low_y - y
    area = a * d - b * c
    if not area:
        return 0.0, 0.0
    across, below = point[0] - x, point[1] - y
    return (across * d - below * c) / area, (below * a - across * b) / area


def _middle(line: Line) -> Corner:
    return sum(x for x, _ in line.box) / 4, sum(y for _, y in line.box) / 4
