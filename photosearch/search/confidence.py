"""How sure a hit is, from its score."""

import math

from photosearch.core.encoder import Calibration
from photosearch.core.photo import Confidence

# Photos lie nearer to one another than to words. Not fitted to a model: with the usual bias of about 0.2 it
# calls photos alike from a cosine of 0.87 strong and from 0.8 likely.
BETWEEN_PHOTOS = Calibration(slope=16.0, offset=-10.4, strong=0.6, likely=0.3)


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
