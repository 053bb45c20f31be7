"""Which lines in a photo hold the words that were asked for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from photosearch.core.errors import QueryError
from photosearch.core.lines import Line, running
from photosearch.core.query import AnyFilter, Says, Written
from photosearch.core.scripts import UNSPACED
from photosearch.search.query import parse
from photosearch.store.words import folded, holds

_UNCUT = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


class _Word(NamedTuple):
    """A word, and the lines that it stands in."""

    text: str
    places: set[int]


def sought(typed: str) -> list[str]:
    """The texts that what was typed looks for in photos; none where it is no query."""
    try:
        query = parse(typed)
    except QueryError:
        return []
    return asked_for(query.sentence, query.filters)


def asked_for(sentence: str, filters: Sequence[AnyFilter]) -> list[str]:
    """The texts that a query looks for in photos, each of which may be of several words."""
    phrases = [one.phrase for one in filters if isinstance(one, Says | Written) and not one.negated]
    return [text for text in (sentence, *phrases) if text.strip()]


def holding(lines: Sequence[Line], texts: Sequence[str]) -> list[int]:
    """The places of the lines that hold one of the texts, which may go on from line to line.

    Where its words do not stand in their order, they are the lines that hold all of them, else any. A text
    that is not written here at all has none: all its words have to be.
    """
    spellings = (_words(lines, joined=False), _words(lines, joined=True))

    def standing(wanted: str) -> set[int]:
        return set().union(*(_standing(words, wanted.split()) for words in spellings))

    places: set[int] = set()
    for text in texts:
        wanted = [word for typed in text.split() if (word := folded(typed)).strip()]
        if not wanted:
            continue
        if in_order := standing(" ".join(wanted)):
            places |= in_order
        elif all(each := [standing(word) for word in wanted]):
            places |= set.intersection(*each) or set.union(*each)
    return sorted(places)


def around(line: Line, texts: Sequence[str], most: int) -> str:
    """A line as it is shown: of a long one about so many characters around the first of the texts in it."""
    if len(line.text) <= most:
        return line.text
    begins, ends = _first_in(line, texts)
    start = max(0, min(begins - max(0, most - (ends - begins)) // 2, len(line.text) - most))
    before, behind = "…" if start else "", "…" if start + most < len(line.text) else ""
    return f"{before}{line.text[start : start + most].strip()}{behind}"


def _first_in(line: Line, texts: Sequence[str]) -> tuple[int, int]:
    """Where the first of the texts stands, from and to, else the first of their words; else the beginning."""
    spans = [word.span() for word in _UNCUT.finditer(line.text)]

    def holds_one(start: int, end: int) -> bool:
        return bool(holding([replace(line, text=line.text[start:end])], texts))

    last = bisect_left(spans, True, key=lambda span: holds_one(0, span[1]))
    if last == len(spans):
        words = [word for text in texts for word in text.split()]
        return (0, 0) if words == list(texts) else _first_in(line, words)
    end = spans[last][1]
    first = bisect_left(spans[: last + 1], True, key=lambda span: not holds_one(span[0], end)) - 1
    return spans[first][0], end


def _words(lines: Sequence[Line], *, joined: bool) -> list[_Word]:
    """As they are looked for, in their order.

    Args:
        joined: make one of those that go on in the next line behind a hyphen
    """
    words: list[_Word] = []
    before = ""
    for place, line in enumerate(lines):
        own = [_Word(word, {place}) for word in folded(line.text).split()]
        if joined and words and own and "\n" not in running([before, line.text]):
            begun = words.pop()
            own[0] = _Word(begun.text + own[0].text, begun.places | own[0].places)
        words += own
        before = line.text
    return words


def _standing(words: Sequence[_Word], wanted: Sequence[str]) -> set[int]:
    """The lines in which these words stand side by side, the last of which may go on."""
    *whole, last = wanted
    goes_on = holds(f" {last}s ", [f" {last} "])
    places: set[int] = set()
    for end, word in enumerate(words[len(whole) :], len(whole)):
        if word.text == last or (goes_on and word.text.startswith(last)):
            before = words[end - len(whole) : end]
            if [one.text for one in before] == whole:
                places |= word.places.union(*(one.places for one in before))
    return places
