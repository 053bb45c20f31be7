"""Queries as arguments of commands: words, and pictures by the names of their files."""

import os
import sys
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from photosearch.cli.text import columns, escaped, note
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.reading import exists
from photosearch.i18n import translated
from photosearch.search.query import of_path, parse

Span = tuple[int, int]

_SEPARATORS = (os.sep, os.altsep or os.sep)
LONGEST_SHOWN = 200  # characters of a query in which the place of an error is pointed to


def as_typed(argument: str) -> str:
    """An argument as part of a query: the name of a file that is there means what is like it.

    Raises:
        KnownError: it can only be the path of a picture, and none is there.
    """
    path = Path(os.path.expanduser(argument))  # noqa: PTH111 (raises nothing at ~50)
    named = path.suffix or path.parent != Path()
    if named and os.path.isfile(path):  # noqa: PTH113 (nor at what is too long for a name)
        return of_path("like", argument)
    is_filter = argument.startswith("-") or any(colon in argument for colon in ":：")
    if path.suffix.lower() in PHOTO_EXTENSIONS and not is_filter:
        if _is_path(argument) and not exists(path):
            raise KnownError("There is no file {path}.", path=argument)
        note(Sentence("There is no file {file}; its name is looked for as words.", file=argument))
    return argument


def _is_path(argument: str) -> bool:
    """Whether a name of a picture cannot be meant as words: it goes through folders."""
    begins = argument.startswith(("./", "../", "~/", "/"))
    return begins or (any(mark in argument for mark in _SEPARATORS) and not any(map(str.isspace, argument)))


def understood(text: str, *, here: bool = False) -> str:
    """A query as it means the same from any folder; `here`: of the present one alone.

    Raises:
        QueryError: it cannot be understood.
    """
    return parse(f"{text} folder:." if here else text, base=Path.cwd).text


def place_typed(place: Span, parts: Sequence[tuple[Span, str]], typed: str) -> Span:
    """Where that was typed which stands at a place of a query as it is asked.

    Args:
        parts: where each was typed, and what is asked in its place; blanks join these
    """
    at = 0
    for where, asked in parts:
        if place[0] <= at + len(asked):
            same = typed[where[0] : where[1]] == asked
            return (where[0] + place[0] - at, min(where[0] + place[1] - at, where[1])) if same else where
        at += len(asked) + 1
    return place


def places_of(arguments: Sequence[str]) -> list[Span]:
    """Where each argument is in all of them, joined by blanks."""
    ends = list(accumulate(arguments, lambda end, argument: end + 1 + len(argument), initial=-1))
    return [(end - len(argument), end) for argument, end in zip(arguments, ends[1:], strict=True)]


def complain_of(error: QueryError, text: str) -> int:
    """Say what is wrong with a query, and where; -> the exit status."""
    told = f"photosearch: {escaped(translated(error.sentence))}"
    shown = text.strip() and len(text) <= LONGEST_SHOWN
    print(f"{told}\n{pointed(text, error.span)}" if shown else told, file=sys.stderr)
    return 1


def pointed(text: str, span: Span) -> str:
    """The query, and a line below that points to a part of it."""
    before, part = escaped(text[: span[0]]), escaped(text[span[0] : span[1]])
    return f"  {escaped(text)}\n  {' ' * columns(before)}{'^' * max(1, columns(part))}"
