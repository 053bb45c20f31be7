"""A line of text as it stands in a photo."""

import msgspec

Corner = tuple[float, float]
Box = tuple[Corner, Corner, Corner, Corner]


class Line(msgspec.Struct, frozen=True):
    """A line of text in a photo."""

    text: str
    # Of the upright photo, 0 to 1 from its left and from its top: where the text begins above and ends above,
    # where it ends below and begins below.
    box: Box
    confidence: float  # 0 to 1
