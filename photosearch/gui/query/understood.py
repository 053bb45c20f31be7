"""What a question was understood to mean, piece by piece, in words: the chips under the field."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Literal, NamedTuple

from photosearch import i18n
from photosearch.core import search_messages, tags
from photosearch.core.file_names import path_of
from photosearch.core.teaching import LearntUse
from photosearch.core.towns import town_at
from photosearch.gui.data.engine_link import Question
from photosearch.gui.desktop.files import shown
from photosearch.i18n import tr
from photosearch.search.chinese import chinese_value
from photosearch.search.filters import USUAL_KILOMETRES
from photosearch.search.query import TOWARDS

Span = tuple[int, int]

_SIGNED = re.compile(r"(?P<sign>[+-]?)(?P<rest>.*?)(?:\^(?P<weight>\d+(?:\.\d*)?|\.\d+))?$", re.DOTALL)
_KEYED = re.compile(r"(?P<key>[a-z]+):(?P<value>.*)$", re.DOTALL)


class Understood(NamedTuple):
    """A piece of a question that can be taken out of it, or a word of the person's own in it.

    Attributes:
        span: of its text in what was typed, in code points; None: it was not typed
        picture: what it is like: id of a photo, path of a file, or the file itself
    """

    kind: Literal["text", "similar", "picture", "marks", "word", "scope"]
    text: str
    span: Span | None = None
    picture: int | str | bytes | None = None
    place: int = 0  # among several of its kind
    word: LearntUse | None = None


def understood(
    question: Question, pieces: Sequence[search_messages.Piece], learnt: Sequence[LearntUse] = ()
) -> list[Understood]:
    """Return the pieces of a question that get a chip: all but its plain words.

    Those of the text come first, in its order, then what was not typed, then words learnt.
    """
    if isinstance(question, search_messages.Similar):
        return [Understood("similar", tr("Similar to this photo"), picture=question.photo_id)]
    found = [_of_piece(piece) for piece in pieces if piece.kind != "words"]
    for place, image in enumerate(question.images):
        found.append(Understood("picture", tr("Like this picture"), picture=image, place=place))
    if question.liked or question.disliked:
        found.append(Understood("marks", _marks(len(question.liked), len(question.disliked))))
    return found + list({use.name: _of_word(use) for use in learnt}.values())


def filters(result: search_messages.SearchResult) -> list[tuple[Understood, int]]:
    """Return the filters of a question, and how many photos would pass without each, where none does."""
    left = result.without_piece or (0,) * len(result.pieces)
    return [
        (_of_piece(piece), count)
        for piece, count in zip(result.pieces, left, strict=True)
        if piece.kind == "filter"
    ]


def _of_word(use: LearntUse) -> Understood:
    phrase = use.phrase or tr("its photos")
    return Understood("word", tr("{name} = {phrase}", name=use.name, phrase=phrase), word=use)


def _of_piece(piece: search_messages.Piece) -> Understood:
    match = _SIGNED.match(piece.text)
    assert match is not None  # even nothing matches
    negated, weight = match["sign"] == "-", match["weight"]
    what = _unquoted(match["rest"])
    times = f" ×{float(weight):g}" if weight else ""
    match piece.kind:
        case "towards":
            return Understood("text", what + (times or f" ×{TOWARDS:g}"), piece.span)
        case "away":
            return Understood("text", tr("away from: {what}", what=what) + times, piece.span)
        case "like":
            written = _unquoted(match["rest"].partition(":")[2])
            path = path_of(written) or written
            name = " ".join(shown(os.fsencode(PurePath(path).name)).split())
            text = tr("unlike: {what}", what=name) if negated else tr("like: {what}", what=name)
            return Understood("text", text + times, piece.span, path)
    # A filter has no weight: a ^ in it is its own.
    text = _filter(piece.text.removeprefix("-"))
    return Understood("text", tr("not {what}", what=text) if negated else text, piece.span)


def _filter(text: str) -> str:
    keyed = _KEYED.match(text)
    if keyed is None:
        return f"“{_unquoted(text)}”"
    key, value = keyed["key"], _unquoted(keyed["value"])
    if key == "near":
        value = _around(value)
    elif key == "tag":
        value = tags.said(value, i18n.language())
    elif i18n.language() == "zh_CN":
        value = chinese_value(key, value)
    return tr("{key}: {value}", key=key_name(key), value=value)


def _around(value: str) -> str:
    """What a person knows of a place by its coordinates: the town, or where on the Earth it is."""
    try:
        latitude, longitude, *kilometres = map(float, value.lower().removesuffix("km").split(","))
        town = town_at(latitude, longitude)
    except ValueError:
        return value
    where = town.said(i18n.language()) if town else _on_earth(latitude, longitude)
    return tr("{n} km around {town}", n=_to_three_digits([*kilometres, USUAL_KILOMETRES][0]), town=where)


def _to_three_digits(number: float) -> str:
    """Of those that count: 5,050, 12.3 or 0.123."""
    decimals = 2 - math.floor(math.log10(number))
    written = f"{round(number, decimals):,.{max(0, decimals)}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _on_earth(latitude: float, longitude: float) -> str:
    return f"{abs(latitude):.2f}° {'NS'[latitude < 0]}, {abs(longitude):.2f}° {'EW'[longitude < 0]}"


def key_name(key: str) -> str:
    """Return a filter's word as the window speaks; the query language knows it so, too."""
    names = {
        "date": tr("date"),
        "after": tr("after"),
        "before": tr("before"),
        "folder": tr("folder"),
        "album": tr("album"),
        "tag": tr("tag"),
        "camera": tr("camera"),
        "type": tr("type"),
        "rating": tr("rating"),
        "has": tr("has"),
        "place": tr("place"),
        "text": tr("text"),
        "near": tr("near"),
        "orientation": tr("orientation"),
        "length": tr("length"),
        "away": tr("away"),
    }
    return names.get(key, key)


def _marks(liked: int, disliked: int) -> str:
    if not disliked:
        return tr("like {n}", n=liked)
    if not liked:
        return tr("unlike {n}", n=disliked)
    return tr("like {liked}, unlike {disliked}", liked=liked, disliked=disliked)


def _unquoted(text: str) -> str:
    if len(text) > 1 and (text[0], text[-1]) in (('"', '"'), ("「", "」"), ("(", ")")):
        return text[1:-1]
    return text
