"""How long a video is, as people say and type it."""

import re

_UNITS = {"h": 3600, "m": 60, "s": 1}
_TYPED = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?(?:(\d{1,6}(?:\.\d+)?)s?)?")


def shown(seconds: float) -> str:
    """0:07, 1:23, 1:02:03."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def typed(text: str) -> float | None:
    """Seconds of "90s", "90", "1m30s", "2h" or "1:30"; None for what is no length."""
    if re.fullmatch(r"\d{1,4}(:\d\d){1,2}", text):
        parts = [int(part) for part in text.split(":")]
        return float(sum(part * 60**place for place, part in enumerate(reversed(parts))))
    found = _TYPED.fullmatch(text.lower())
    if found is None or not any(found.groups()):
        return None
    return sum(float(part or 0) * unit for part, unit in zip(found.groups(), _UNITS.values(), strict=True))
