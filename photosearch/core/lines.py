"""A line of text as it stands in a photo."""

import msgspec

Corner = tuple[float, float]


class Line(msgspec.Struct, frozen=True):
    """A line of text in a photo."""

    text: str
    # Of the upright photo, 0 to 1 from its left and from its top: where the text begins above and ends above,
    # where it ends below and begins below.
    box: tuple[Corner, Corner, Corner, Corner]
    confidence: float  # 0 to 1
