"""The values of filters: what may stand after `date:`, `rating:` and the like."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from photosearch.core import length
from photosearch.core.errors import QueryError, Sentence
from photosearch.core.query import (
    FORMATS,
    AnyFilter,
    Away,
    Dated,
    Fact,
    Favourite,
    Has,
    Lasts,
    Near,
    OfType,
    Rated,
    TakenAt,
    TakenWith,
    Turned,
    Written,
)
from photosearch.search import dates
from photosearch.search.chinese import english_value, said_values
from photosearch.search.tokens import Span

USUAL_KILOMETRES = 10.0
MOST_STARS = 5

_STARS = re.compile(r"(>=|<=|>|<|=)?([0-5])")
_FACTS: dict[str, Fact] = {
    "gps": "gps",
    "place": "gps",
    "caption": "caption",
    "keywords": "keywords",
    "rating": "rating",
    "camera": "camera",
    "text": "text",
}


class Named(msgspec.Struct, frozen=True):
    """A folder, an album or a tag by its name; only the library knows which one that is."""

    kind: str  # "folder", "album" or "tag"
    name: str
    negated: bool
    span: Span


class Key(NamedTuple):
    """A filter's word: what it takes, shown in errors and in help, and how that is read."""

    example: str
    read: Callable[[str, bool, date], list[AnyFilter] | Sentence]  # the filters, or what to write instead
    values: Sequence[str] = ()  # that can be suggested


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of these that was probably meant; None where none is much like it."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.75)
    return found[0] if found else None


def read_filter(
    key: str, value: str, negated: bool, span: Span, value_span: Span, today: date
) -> list[AnyFilter]:
    """The filters that `key:value` means; a photo must pass them all.

    Raises:
        QueryError: the value is none for this key.
    """
    if not value:
        raise QueryError(
            "Write a value right after {key}:, such as {example}", span, key=key, example=KEYS[key].example
        )
    found = KEYS[key].read(english_value(key, value), negated, today)
    if isinstance(found, Sentence):
        meant = closest(value.lower(), KEYS[key].values)
        if meant and meant[0].isalpha() and "," not in value:
            found = Sentence(
                "There is no {key}:{value}; did you mean {key}:{meant}?", key=key, value=value, meant=meant
            )
        elif not value.isascii() and (said := said_values(key)):
            found = Sentence("Write one of {filters}.", filters=", ".join(said))
        raise QueryError(found, value_span, instead=meant)
    return found


def _dated(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    first, dots, last = value.partition("..")
    start = dates.span_of(first, today) if first else None
    end = dates.span_of(last, today) if last else None
    if (first and not start) or (last and not end) or not (first or last):
        return _no_date(value)
    if not dots:
        assert start
        return [Dated(start=start[0], end=start[1], negated=negated)]
    if start and end and start[0] >= end[1]:
        return Sentence("The first day comes after the last; write {example}", example=KEYS["date"].example)
    return [Dated(start=start and start[0], end=end and end[1], negated=negated)]


def _after(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    span = dates.span_of(value, today)
    return [Dated(start=span[1], negated=negated)] if span else _no_date(value)


def _before(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    span = dates.span_of(value, today)
    return [Dated(end=span[0], negated=negated)] if span else _no_date(value)


def _no_date(value: str) -> Sentence:
    return Sentence(
        "“{value}” is no date; write a year, a month or a day (2023, 2023-06, 2023-06-14), two of them "
        "with .. between, or {words} or {last}.",
        value=value,
        words=", ".join(dates.RELATIVE[:-1]),
        last=dates.RELATIVE[-1],
    )


def _camera(value: str, negated: bool, today: date) -> list[AnyFilter]:
    return [TakenWith(camera=value, negated=negated)]


def _place(value: str, negated: bool, today: date) -> list[AnyFilter]:
    return [TakenAt(place=value, negated=negated)]


def _text(value: str, negated: bool, today: date) -> list[AnyFilter]:
    return [Written(phrase=value, negated=negated)]


def _type(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    names = [name.lower() for name in value.split(",")]
    if unknown := [name for name in names if name not in FORMATS]:
        return Sentence(
            "“{value}” is no type of photo; write one of {formats}.",
            value=unknown[0],
            formats=", ".join(FORMATS),
        )
    formats = dict.fromkeys(each for name in names for each in FORMATS[name])
    return [OfType(formats=tuple(formats), negated=negated)]


def _rating(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    match = _STARS.fullmatch(value)
    if match is None:
        return Sentence("A rating is a number of stars from 0 to 5; write rating:4, rating:>=3 or rating:<2.")
    sign, stars = match[1] or "=", int(match[2])
    at_least = {">=": stars, ">": stars + 1, "=": stars, "<=": 0, "<": 0}[sign]
    below = {">=": MOST_STARS + 1, ">": MOST_STARS + 1, "=": stars + 1, "<=": stars + 1, "<": stars}[sign]
    if at_least > MOST_STARS or below == 0:
        return Sentence(
            "Ratings go from 0 to 5 stars, so no photo could pass; write rating:4, rating:>=3 or rating:<2."
        )
    found: list[AnyFilter] = []
    if at_least > 0:
        found.append(Rated(stars=at_least, negated=negated))
    if below <= MOST_STARS:
        found.append(Rated(stars=below, negated=not negated))
    if not found:
        return Sentence("Every photo has 0 to 5 stars; write rating:4, rating:>=3 or rating:<2.")
    if negated and len(found) > 1:
        return Sentence("Say on which side of it: rating:<{stars} or rating:>{stars}.", stars=stars)
    return found


def _has(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    what = value.lower()
    if what in ("favourite", "favorite"):
        return [Favourite(negated=negated)]
    if what in _FACTS:
        return [Has(fact=_FACTS[what], negated=negated)]
    return Sentence("Write one of has:{facts} or has:favourite.", facts=", has:".join(_FACTS))


def _near(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    parts = value.lower().removesuffix("km").split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 2:
        numbers.append(USUAL_KILOMETRES)
    if len(numbers) != 3:
        return Sentence(
            "Write latitude, longitude and kilometres with commas between and no spaces: near:48.86,2.35,5"
        )
    latitude, longitude, kilometres = numbers
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 < kilometres <= 20_040):
        return Sentence(
            "A latitude goes from -90 to 90, a longitude from -180 to 180, and the distance is more than 0 "
            "kilometres: near:48.86,2.35,5"
        )
    return [Near(latitude=latitude, longitude=longitude, kilometres=kilometres, negated=negated)]


def _orientation(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    match value.lower():
        case "portrait" | "landscape" | "square" as orientation:
            return [Turned(orientation=orientation, negated=negated)]
    return Sentence("Write orientation:portrait, orientation:landscape or orientation:square.")


def _length(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    first, dots, last = value.partition("..")
    sign, text = (value[0], value[1:].removeprefix("=")) if value[0] in "<>" else ("", first)
    seconds, end = length.typed(text), length.typed(last) if dots else None
    if seconds is None or (dots and (sign or end is None or end <= seconds)) or not (sign or dots):
        return Sentence("Write a length as length:>1m, length:<30s or length:1m..5m.")
    if sign == "<":
        return [Lasts(at_least=0.0, below=seconds, negated=negated)]
    return [Lasts(at_least=seconds, below=end, negated=negated)]


def _away(value: str, negated: bool, today: date) -> list[AnyFilter] | Sentence:
    match value.lower():
        case "yes":
            return [Away(negated=negated)]
        case "no":
            return [Away(negated=not negated)]
    return Sentence("Write away:yes for photos on drives that are not here, or away:no for the others.")


KEYS: dict[str, Key] = {
    "date": Key("date:2023-06..2023-08", _dated, dates.RELATIVE),
    "after": Key("after:2023-06-14", _after, dates.RELATIVE),
    "before": Key("before:2023", _before, dates.RELATIVE),
    "camera": Key("camera:canon", _camera),
    "type": Key("type:jpeg", _type, ("video", *(name for name in FORMATS if name != "video"))),
    "rating": Key("rating:>=3", _rating, (">=3", ">=4", "5")),
    "has": Key(
        "has:gps", _has, ("gps", "place", "caption", "keywords", "rating", "camera", "text", "favourite")
    ),
    "place": Key("place:lisbon", _place),
    "text": Key("text:receipt", _text),
    "near": Key("near:48.86,2.35,5", _near),
    "orientation": Key("orientation:portrait", _orientation, ("portrait", "landscape", "square")),
    "length": Key("length:>1m", _length, (">1m", "<30s", ">10m")),
    "away": Key("away:yes", _away, ("yes", "no")),
}
