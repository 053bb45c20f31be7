"""How sure a hit is, from its score."""

import math
from typing import Literal, get_args

import msgspec

from photosearch.core.encoder import Calibration, Logistic
from photosearch.core.photo import Confidence
from photosearch.models.short_queries import is_short

Kind = Literal["short", "sentence", "pictures"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Photos lie nearer to one another than to words. For models without a label of their own for that: with the
# usual bias of about 0.2 it calls photos alike from a cosine of 0.87 strong and from 0.8 likely.
BETWEEN_PHOTOS = Logistic(slope=16.0, offset=-10.4)


def kind_of(sentence: str) -> Kind:
    """What kind of query the words of one are; without words it has pictures alone."""
    if not sentence:
        return "pictures"
    return "short" if is_short(sentence) else "sentence"


def of_kind(calibration: Calibration, kind: Kind) -> Calibration:
    """A model's calibration with the slope and offset that hold for one kind of query."""
    match kind:
        case "short":
            logistic = calibration.short
        case "pictures":
            logistic = calibration.pictures or BETWEEN_PHOTOS
        case "sentence":
            logistic = None
    if logistic is None:
        return calibration
    return msgspec.structs.replace(calibration, slope=logistic.slope, offset=logistic.offset)


def label(score: float, calibration: Calibration) -> Confidence:
    """The logistic label: P(match) = sigmoid(slope * score + offset), cut at `strong` and `likely`."""
    logit = calibration.slope * score + calibration.offset
    probability = 0.5 * (1.0 + math.tanh(0.5 * logit))
    if probability >= calibration.strong:
        return Confidence.STRONG
    if probability >= calibration.likely:
        return Confidence.LIKELY
    return Confidence.WEAK


def levels(calibration: Calibration) -> tuple[float, float]:
    """The scores from which a hit is strong, and from which it is likely: where label() cuts."""
    strong, likely = (
        (math.log(p / (1 - p)) - calibration.offset) / calibration.slope
        for p in (calibration.strong, calibration.likely)
    )
    return strong, likely
