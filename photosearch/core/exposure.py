"""How long a photo was exposed, as people say it."""

from fractions import Fraction


def shutter(seconds: float) -> str:
    """1/250, 0.5, 30: below a third of a second as a fraction, as on the camera's dial."""
    if seconds >= 0.3:
        return f"{round(seconds, 1):g}"
    return str(Fraction(1, max(1, round(1 / seconds))))
