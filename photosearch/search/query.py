"""The query language: what a person typed -> Query. docs/search.md describes it for people.

    two dogs on a beach          words: one sentence
    +beach  beach^2  -people     towards, twice as much, away from; brackets hold several words: -(red car)
    "Pelican Cove"               an exact phrase of caption, keywords or file name
    like:~/photo.jpg             what is like a picture; like:file:///… names any file
    date:2023-06..2023-08        filters; - before one turns it round

`name:` before anything else is plain text ("at 3:15", "https://…"), unless it is nearly a filter's name.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Literal

import msgspec

from photosearch.core.chinese import simplified
from photosearch.core.errors import QueryError
from photosearch.core.file_names import moved, path_of, uri_of, whole_paths
from photosearch.core.query import AnyFilter, Says
from photosearch.core.search_messages import Piece
from photosearch.search import chinese
from photosearch.search.filters import KEYS, Named, read_filter
from photosearch.search.tokens import Span, Token, in_marks, quoted, tokenize

LIKE, FOLDER, ALBUM, TAG = "like", "folder", "album", "tag"
WORDS = (LIKE, FOLDER, ALBUM, TAG, *KEYS)  # that may stand before a colon
TOWARDS = 2.0  # the weight of +beach

_NAMED = {FOLDER: "folder:holidays", ALBUM: 'album:"Summer 2023"', TAG: "tag:dog"}  # examples
_FROM_HERE = re.compile(r"\.{1,2}(?:[/\\]|$)")
_ALMOST = re.compile(r"([A-Za-z]{3,}|[^\W\d_A-Za-z]{2,}):[^/\s]")
_CHINESE_WORDS = [word for word in chinese.KEYS if len(word) > 1]


class WeightedWords(msgspec.Struct, frozen=True):
    """Words that count more or less than others."""

    text: str
    weight: float  # 1: as any other; negative: away from it
    span: Span


class LikeFile(msgspec.Struct, frozen=True):
    """A picture as an example, by the path of its file as it was typed, or its URI."""

    path: str
    weight: float  # negative: away from it
    span: Span


class Query(msgspec.Struct, frozen=True):
    """What was understood. All spans are places in the text as it was typed, in code points."""

    pieces: tuple[Piece, ...] = ()
    sentence: str = ""  # all words that are asked for, in the order of the text; empty: none
    words: tuple[
        WeightedWords, ...
    ] = ()  # those of the sentence with a weight of their own, and those to keep away from
    like: tuple[LikeFile, ...] = ()
    filters: tuple[AnyFilter, ...] = ()
    named: tuple[Named, ...] = ()  # filters that only the library can make out
    liked: tuple[int, ...] = ()  # ids of photos marked as right
    disliked: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The query as it would be typed; parsing it gives the same query."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def ranks(self) -> bool:
        """Whether some photos answer it better than others; filters alone only choose."""
        return bool(self.sentence or self.words or self.like or self.liked or self.disliked)


def parse(typed: str, today: date | None = None, base: Callable[[], Path] | None = None) -> Query:
    """Understand what was typed: its words, weights, filters and example pictures.

    Args:
        today: what relative dates count from; None: the present day
        base: says the folder that `folder:.` means and that paths go from, so that the query's text means the
            same from anywhere; asked only where it is needed. None: paths are as they were typed

    Raises:
        QueryError: a part cannot be understood; or nothing but punctuation was typed, or more than 1,000
            characters.
    """
    tokens = _tokens(typed)
    if not tokens or all(unicodedata.category(sign).startswith(("P", "Z", "C")) for sign in typed):
        raise QueryError("Type what the photo shows, for example: two dogs on a beach", (0, len(typed)))
    query = _QueryBuilder(today or date.today(), base)
    for token in tokens:
        query.add(token)
    return query.made()


def of_path(key: Literal["like", "folder"], path: str) -> str:
    """What to type for a picture or a folder; a name that cannot be typed stands there as its URI."""
    return f"{key}:{quoted(_typable(path))}"


def _typable(path: str) -> str:
    try:
        read = [piece.path for piece in parse(f"{LIKE}:{quoted(path)}").like]
    except QueryError:
        read = []
    return path if read == [path] and path.isprintable() else uri_of(path)


def relocated(typed: str, old: bytes, new: bytes, *, stayed: Sequence[bytes] = ()) -> str:
    """The text, with what it names by its whole path in a folder that has moved named where that is now.

    Args:
        old, new: absolute paths of the folder, before and after
        stayed: folders inside it that have not moved, such as a drive's
    """
    try:
        tokens = _tokens(typed)
    except QueryError:
        return typed
    for token in reversed(tokens):
        if token.key not in (LIKE, FOLDER):
            continue
        for path in whole_paths(token.text):
            if any(moved(path, folder, folder) for folder in stayed):
                continue
            if now := moved(path, old, new):
                named = of_path("like" if token.key == LIKE else "folder", os.fsdecode(now))
                before, after = typed[: token.span[0]], typed[token.span[1] :]
                typed = f"{before}{token.sign}{named}{_weight(token)}{after}"
                break
    return typed


def without(typed: str, span: Span) -> str:
    """The text without the part at `span`, as when its chip is removed."""
    before, after = typed[: span[0]].rstrip(), typed[span[1] :].lstrip()
    return f"{before} {after}".strip()


def _tokens(typed: str) -> list[Token]:
    return tokenize(typed, WORDS, weighted=(LIKE,), names=(LIKE, FOLDER, ALBUM, TAG))


class _QueryBuilder:
    """Takes the tokens one by one."""

    def __init__(self, today: date, base: Callable[[], Path] | None) -> None:
        self._today = today
        self._base = base
        self._run: list[Token] = []  # plain words that stand together
        self._pieces: list[Piece] = []
        self._sentence: list[str] = []
        self._words: list[WeightedWords] = []
        self._like: list[LikeFile] = []
        self._filters: list[AnyFilter] = []
        self._named: list[Named] = []

    def add(self, token: Token) -> None:
        if token.key or token.form == "phrase":
            self._end_run()
            self._add_filter(token)
            return
        if token.form == "word":
            _refuse_almost_a_filter(token)
        if token.sign or token.weight is not None:
            self._end_run()
            self._add_word(token)
        else:
            self._run.append(token)

    def made(self) -> Query:
        self._end_run()
        return Query(
            pieces=tuple(self._pieces),
            sentence=" ".join(self._sentence),
            words=tuple(self._words),
            like=tuple(self._like),
            filters=tuple(self._filters),
            named=tuple(self._named),
        )

    def _end_run(self) -> None:
        if self._run:
            text = " ".join(token.text for token in self._run)
            self._pieces.append(Piece("words", text, (self._run[0].span[0], self._run[-1].span[1])))
            self._sentence.append(text)
            self._run = []

    def _add_word(self, token: Token) -> None:
        away = token.sign == "-"
        usual = TOWARDS if token.sign == "+" else 1.0
        weight = usual if token.weight is None else token.weight
        text = f"({token.text})" if token.form == "group" else token.text
        self._add("away" if away else "towards", f"{token.sign}{text}{_weight(token)}", token)
        self._words.append(WeightedWords(token.text, -weight if away else weight, token.span))
        if not away:
            self._sentence.append(token.text)

    def _add_filter(self, token: Token) -> None:
        negated = token.sign == "-"
        minus = "-" if negated else ""
        if token.form == "phrase" and not token.key:
            self._add("filter", f"{minus}{in_marks(token.text)}", token)
            self._filters.append(Says(phrase=token.text, negated=negated))
            return
        if token.key == LIKE:
            if not token.text:
                raise QueryError(
                    "Write the path of a picture right after like:, such as like:~/lake.jpg", token.span
                )
            if self._base and not path_of(token.text):
                token = self._from_base(token)
            weight = 1.0 if token.weight is None else token.weight
            self._add("like", f"{minus}{LIKE}:{quoted(token.text)}{_weight(token)}", token)
            self._like.append(LikeFile(token.text, -weight if negated else weight, token.span))
            return
        if token.key in (FOLDER, ALBUM, TAG):
            if not token.text:
                raise QueryError(
                    "Write a name right after {key}:, such as {example}",
                    token.span,
                    key=token.key,
                    example=_NAMED[token.key],
                )
            if token.key == FOLDER and self._base and _FROM_HERE.match(token.text):
                token = self._from_base(token)
            self._named.append(Named(token.key, token.text, negated, token.span))
        else:
            self._filters += read_filter(
                token.key, token.text, negated, token.span, token.value_span, self._today
            )
        self._add("filter", f"{minus}{token.key}:{quoted(token.text)}", token)

    def _from_base(self, token: Token) -> Token:
        assert self._base is not None
        typed = os.path.expanduser(token.text)  # noqa: PTH111 (raises nothing where there is no such user)
        whole = typed if os.path.isabs(typed) else self._base() / typed  # noqa: PTH117  (text, of any kind)
        path = os.path.normpath(whole)
        return msgspec.structs.replace(token, text=_typable(path))

    def _add(self, kind: Literal["towards", "away", "like", "filter"], text: str, token: Token) -> None:
        self._pieces.append(Piece(kind, text, token.span))


def _weight(token: Token) -> str:
    return "" if token.weight is None else f"^{token.weight:g}"


def _is_a_slip_of(typed: str, word: str) -> bool:
    """Whether one letter more, less or other makes it the word, or two neighbours that change places.

    Of the last, the word's last letter may be lacking: "dta" is "date".
    """
    alike = (letters[0] == letters[1] for letters in zip(typed, word, strict=False))
    same = sum(takewhile(bool, alike))
    left, right = typed[same:], word[same:]
    swapped = left[1:2] + left[:1] + left[2:]
    is_swapped = len(left) > 1 and swapped in (right, right[:-1])
    return is_swapped or left[1:] in (right, right[1:]) or left == right[1:]


def _refuse_almost_a_filter(token: Token) -> None:
    """ "dta:2023" and "日其：2023" are slips of the finger; "3:15", "note:this" and "https://…" are words.

    Raises:
        QueryError
    """
    match = _ALMOST.match(token.text)
    typed = simplified(match[1].lower()) if match else ""
    meant = next((word for word in (*WORDS, *_CHINESE_WORDS) if _is_a_slip_of(typed, word)), None)
    if match and meant:
        start = token.value_span[0]
        raise QueryError(
            "There is no filter {word}:, did you mean {meant}:? Put a space after the colon to look "
            "for the word.",
            (start, start + len(match[1]) + 1),
            instead=f"{meant}:",
            word=match[1],
            meant=meant,
        )
