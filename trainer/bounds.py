"""The bounds of a recipe's numbers; msgspec holds them when a recipe is read."""

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(gt=0)]
Several = Annotated[int, msgspec.Meta(ge=2)]
Steps = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
UnitInterval = Annotated[float, msgspec.Meta(ge=0, le=1)]
Fraction = Annotated[float, msgspec.Meta(ge=0, lt=1)]  # 0 leaves it out
ProperFraction = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]  # 1 is all of it
