"""What commands print: for people, and as JSON for programs."""

import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any, Literal

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


def worded(sentence: Sentence) -> str:
    """A sentence in the person's language, as a terminal shows it."""
    return escaped(translated(sentence))


def say(told: Sentence | str) -> None:
    """Tell what was done, unless quiet or JSON was asked for; a text is in the person's language already."""
    if not (_quiet or _in_json):
        print(worded(told) if isinstance(told, Sentence) else told)


def note(sentence: Sentence) -> None:
    """As complain(), of what is worth knowing, unless quiet was asked for."""
    if not _quiet:
        complain(sentence)


def complain(sentence: Sentence) -> None:
    """Say on stderr, in the person's language, what is wrong."""
    print(f"photosearch: {worded(sentence)}", file=sys.stderr)


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


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence, one behind the other."""
    return translated(Sentence(", ")).join(parts)


def summed_up(done: Sentence, others: Iterable[tuple[int, Sentence]]) -> str:
    """What a command did, and, of `others`, what it did any number of besides, in one sentence."""
    told = listed(worded(other) for number, other in others if number)
    return worded(
        Sentence("{done}; {others}.", done=done, others=told) if told else Sentence("{done}.", done=done)
    )


def count(
    n: int,
    thing: Literal[
        "album",
        "caption",
        "favourite",
        "file",
        "model",
        "new photo",
        "photo",
        "rating",
        "stack",
        "video",
        "worker",
    ],
) -> str:
    """count(1, "photo") -> "1 photo"; count(2000, "photo") -> "2,000 photos", in the person's language."""
    one = n == 1
    return translated(
        {
            "album": Sentence("{n:,} album" if one else "{n:,} albums", n=n),
            "caption": Sentence("{n:,} caption" if one else "{n:,} captions", n=n),
            "favourite": Sentence("{n:,} favourite" if one else "{n:,} favourites", n=n),
            "file": Sentence("{n:,} file" if one else "{n:,} files", n=n),
            "model": Sentence("{n:,} model" if one else "{n:,} models", n=n),
            "new photo": Sentence("{n:,} new photo" if one else "{n:,} new photos", n=n),
            "photo": Sentence("{n:,} photo" if one else "{n:,} photos", n=n),
            "rating": Sentence("{n:,} rating" if one else "{n:,} ratings", n=n),
            "stack": Sentence("{n:,} stack" if one else "{n:,} stacks", n=n),
            "video": Sentence("{n:,} video" if one else "{n:,} videos", n=n),
            "worker": Sentence("{n:,} worker" if one else "{n:,} workers", n=n),
        }[thing]
    )


def share(done: int | str, whole: str) -> str:
    """share(1, count(2, "photo")) -> "1 of 2 photos"."""
    shown = f"{done:,}" if isinstance(done, int) else done
    return translated(Sentence("{done} of {whole}", done=shown, whole=whole))


def rate(per_second: float) -> Sentence:
    """rate(0.4) -> "0.4 a second"; rate(20.4) -> "20 a second"."""
    return Sentence("{number} a second", number=f"{per_second:,.{1 if per_second < 9.95 else 0}f}")


def size(number_of_bytes: float) -> str:
    """In decimal units, as disks are sold."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number_of_bytes < 1000 or unit == "GB":
            if unit == "bytes":
                return translated(Sentence("{n:,.0f} bytes", n=number_of_bytes))
            return f"{number_of_bytes:,.1f} {unit}"
        number_of_bytes /= 1000
    raise AssertionError


def duration(seconds: float) -> str:
    """duration(4.25) -> "4.2 s"; duration(75) -> "1 min 15 s"; duration(7500) -> "2 h 5 min"."""
    if seconds < 60:
        return translated(Sentence("{seconds:.1f} s", seconds=seconds))
    minutes, rest = divmod(math.ceil(seconds), 60)
    if minutes < 60:
        return translated(Sentence("{minutes} min {seconds} s", minutes=minutes, seconds=rest))
    return translated(Sentence("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60))


def left(seconds: float) -> str:
    """left(75) -> "1 min 15 s left"."""
    return translated(Sentence("{time} left", time=duration(seconds)))
