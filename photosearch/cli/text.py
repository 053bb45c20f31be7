"""What commands print: for people, and as JSON for programs."""

import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any

from photosearch.core.errors import Sentence
from photosearch.i18n import translated

ZERO_WIDTH_JOINER = "\u200d"  # holds emoji together


def escaped(text: str) -> str:
    """Text that a terminal shows as it is: control characters and broken bytes become \\x1b, \\udcff."""
    return "".join(
        c if c.isprintable() or c == ZERO_WIDTH_JOINER else c.encode("unicode_escape").decode() for c in text
    )


_quiet = False  # -q: people are told nothing but what they asked for, and errors
_in_json = False  # --json: stdout has one object, and nothing else


def be_quiet(quiet: bool, *, in_json: bool) -> None:
    """From now on say() and note() tell nothing where quiet is asked for, and say() nothing in JSON."""
    global _quiet, _in_json
    _quiet, _in_json = quiet, in_json


def is_quiet() -> bool:
    """Whether the person asked for quiet."""
    return _quiet


def say(text: str) -> None:
    """Tell what was done, unless quiet or JSON was asked for."""
    if not (_quiet or _in_json):
        print(text)


def note(sentence: Sentence) -> None:
    """As complain(), of what is worth knowing, unless quiet was asked for."""
    if not _quiet:
        complain(sentence)


def complain(sentence: Sentence) -> None:
    """Say on stderr, in the person's language, what is wrong."""
    print(f"photosearch: {escaped(translated(sentence))}", file=sys.stderr)


def as_json(value: Any) -> str:
    """One line of text, so that any path survives any terminal: odd bytes become \\udcxx escapes.

    Where stdout does not speak UTF-8 it is ASCII.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    line = json.dumps(value, ensure_ascii=encoding != "utf8")
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def print_paths(paths: Iterable[bytes], end: bytes) -> None:
    """Each ended by `end`: as they are, for programs; on a terminal only what it can show."""
    if sys.stdout.isatty() and end == b"\n":
        print("\n".join(escaped(os.fsdecode(path)) for path in paths))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(b"".join(path + end for path in paths))


def row(name: Sentence | None, value: str) -> str:
    """A line of a table of two columns: what something is called, in the person's language, and what it is.

    Args:
        name: None: it goes on with what the line above calls so
    """
    return f"{padded(translated(name) if name else '', 9)} {escaped(value)}"


def columns(text: str) -> int:
    """How wide a terminal shows it."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def padded(text: str, width: int) -> str:
    """With blanks behind it, so that a terminal shows it this wide."""
    return text + " " * (width - columns(text))


def count(number: int, one: str, many: str | None = None) -> str:
    """count(1, "photo") -> "1 photo"; count(2000, "photo") -> "2,000 photos"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def rate(per_second: float) -> Sentence:
    """rate(0.4) -> "0.4 a second"; rate(20.4) -> "20 a second"."""
    return Sentence("{number} a second", number=f"{per_second:,.{1 if per_second < 9.95 else 0}f}")


def size(number_of_bytes: float) -> str:
    """In decimal units, as disks are sold."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number_of_bytes < 1000 or unit == "GB":
            return f"{number_of_bytes:,.0f} {unit}" if unit == "bytes" else f"{number_of_bytes:,.1f} {unit}"
        number_of_bytes /= 1000
    raise AssertionError


def duration(seconds: float) -> str:
    """duration(4.25) -> "4.2 s"; duration(75) -> "1 min 15 s"; duration(7500) -> "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = math.ceil(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
