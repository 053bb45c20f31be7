"""Cuts what a person typed into tokens, each with its place in the text."""

import re
import unicodedata
from collections.abc import Collection

import msgspec

from photosearch.core.errors import QueryError
from photosearch.search import chinese

Span = tuple[int, int]  # from and to, in code points of the text as it was typed

MAX_CHARACTERS = 1_000
LEAST_WEIGHT, GREATEST_WEIGHT = 0.1, 5.0

_QUOTES = '"“”„'  # what keyboards and input methods make of a quotation mark
_OPENING, _CLOSING = "「", "」"  # hold any others between them
_KEY = re.compile(r"([^\W\d_]+):")
_WEIGHT = re.compile(r"\^(\d+(?:\.\d*)?|\.\d+)$")
_WEIGHT_HERE = re.compile(r"\^(\d+(?:\.\d*)?|\.\d+)(?!\S)")


class Token(msgspec.Struct, frozen=True):
    """A word, a quoted phrase, words in brackets, or a key with its value."""

    text: str  # NFC, narrow; of a key's token, the value; that of a name is as it was typed
    span: Span  # of all of it, sign, key, quotation marks and weight included
    sign: str = ""  # "", "+" or "-"
    key: str = ""  # in lower case
    form: str = "word"  # "word", "phrase" or "group"; how the value was written
    weight: float | None = None
    value_span: Span = (0, 0)


def tokenize(
    typed: str, keys: Collection[str], weighted: Collection[str], names: Collection[str] = ()
) -> list[Token]:
    """Tokens in the order of the text. A word before a colon that is not among `keys` is a plain word.

    Wide forms of letters, digits and signs, as Chinese input methods make them, are read as the narrow ones.

    Args:
        weighted: those of `keys` whose values may have a weight
        names: those of `keys` whose values name something, and stay as they were typed

    Raises:
        QueryError: a quotation mark or a bracket is not closed, a weight is out of bounds, or the text has
            more than 1,000 characters.
    """
    if len(typed) > MAX_CHARACTERS:
        raise QueryError(
            "The query has {characters:,} characters, and at most {most:,} are read; shorten it.",
            (MAX_CHARACTERS, len(typed)),
            characters=len(typed),
            most=MAX_CHARACTERS,
        )
    return _Lexer(typed, keys, weighted, names).tokens()


def quoted(value: str) -> str:
    """A value as it has to be written: in quotation marks where it could not be read otherwise."""
    read = "".join(map(_narrow, value))
    in_need = any(c.isspace() for c in read) or _WEIGHT.search(read) or read.startswith(_OPENING)
    return in_marks(value) if in_need else value


def written(key: str, value: str) -> str | None:
    """A filter as it has to be written, or None where its value cannot be typed."""
    if not value.isprintable() or any(quote in value for quote in '"“”„＂'):
        return None
    return f"{key}:{quoted(value)}"


def in_marks(value: str) -> str:
    """A value in quotation marks, as far as there are some that it does not hold itself."""
    if not any(_narrow(character) in _QUOTES for character in value):
        return f'"{value}"'
    return value if _CLOSING in value else f"{_OPENING}{value}{_CLOSING}"


class _Lexer:
    def __init__(
        self, typed: str, keys: Collection[str], weighted: Collection[str], names: Collection[str]
    ) -> None:
        self._as_typed, self._where = _readable(typed)
        self._text = "".join(map(_narrow, self._as_typed))
        self._keys = keys
        self._weighted = weighted
        self._names = names
        self._at = 0

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        while True:
            while self._at < len(self._text) and self._text[self._at].isspace():
                self._at += 1
            if self._at == len(self._text):
                return found
            found.append(self._token())

    def _token(self) -> Token:
        start = self._at
        sign = self._sign()
        following = self._text[self._at :]
        if self._quotes_here():
            phrase, value_span = self._phrase()
            self._refuse_weight()
            return self._made(start, phrase, sign=sign, form="phrase", value_span=value_span)
        if following[0] == "(" and (group := self._group(sign)) is not None:
            text, value_span = group
            weight = self._weight_here()
            return self._made(start, text, sign=sign, form="group", weight=weight, value_span=value_span)
        if (match := _KEY.match(following)) and (key := chinese.english_key(match[1].lower())) in self._keys:
            return self._keyed(start, sign, key, match.end())
        word, value_span = self._word()
        word, weight = self._split_weight(word)
        return self._made(start, word, sign=sign, weight=weight, value_span=value_span)

    def _sign(self) -> str:
        """Take a sign, if one stands right before something; "-", "--" and "- x" are plain words."""
        here, after = self._text[self._at], self._text[self._at + 1 : self._at + 2]
        if here in "+-" and after and not after.isspace() and after not in "+-^":
            self._at += 1
            return here
        if away := chinese.AWAY.match(self._text, self._at):
            self._at = away.end()
            return "-"
        return ""

    def _quotes_here(self) -> bool:
        return self._at < len(self._text) and self._text[self._at] in _QUOTES + _OPENING

    def _keyed(self, start: int, sign: str, key: str, length: int) -> Token:
        self._at += length
        form, weight = "word", None
        source = self._as_typed if key in self._names else self._text
        if self._quotes_here():
            form = "phrase"
            value, value_span = self._phrase(source, exact=key in self._names)
            if key in self._weighted:
                weight = self._weight_here()
            else:
                self._refuse_weight()
        else:
            value, value_span = self._word(source, exact=key in self._names)
            if key in self._weighted:
                value, weight = self._split_weight(value)
        return self._made(start, value, sign=sign, key=key, form=form, weight=weight, value_span=value_span)

    def _phrase(self, source: str = "", *, exact: bool = False) -> tuple[str, Span]:
        """What stands between two quotation marks; the first one is here."""
        opening = self._at
        closing = _CLOSING if self._text[opening] == _OPENING else _QUOTES
        end = opening + 1
        while end < len(self._text) and self._text[end] not in closing:
            end += 1
        if end == len(self._text):
            raise QueryError(
                "This quotation mark is not closed; write another one where the phrase ends.",
                self._typed_span(opening, end),
                instead=self._closed(opening, _CLOSING if closing == _CLOSING else '"'),
            )
        self._at = end + 1
        phrase = (source or self._text)[opening + 1 : end]
        phrase = phrase if exact else _tidy(phrase)
        if not phrase.strip():
            raise QueryError(
                'Write a phrase between the quotation marks, such as "Pelican Cove".',
                self._typed_span(opening, end + 1),
            )
        return phrase, self._typed_span(opening + 1, end)

    def _group(self, sign: str) -> tuple[str, Span] | None:
        """Words in brackets, if these are a group: with a sign before or a weight after."""
        opening, end = self._at, self._text.find(")", self._at)
        weighted = end >= 0 and _WEIGHT_HERE.match(self._text, end + 1)
        if not sign and not weighted:
            return None
        if end < 0:
            raise QueryError(
                "This bracket is not closed; write ) where its words end.",
                self._typed_span(opening, len(self._text)),
                instead=self._closed(opening, ")"),
            )
        words = _tidy(self._text[opening + 1 : end])
        if not words:
            raise QueryError(
                "Write words between the brackets, such as -(red car).", self._typed_span(opening, end + 1)
            )
        self._at = end + 1
        return words, self._typed_span(opening + 1, end)

    def _closed(self, opening: int, mark: str) -> str | None:
        begun = self._as_typed[opening:].rstrip()
        return f"{begun}{mark}" if begun[1:].strip() else None

    def _word(self, source: str = "", *, exact: bool = False) -> tuple[str, Span]:
        start = self._at
        while self._at < len(self._text) and not self._text[self._at].isspace():
            self._at += 1
        word = (source or self._text)[start : self._at]
        return word if exact else _tidy(word), self._typed_span(start, self._at)

    def _split_weight(self, word: str) -> tuple[str, float | None]:
        """ "beach^2" -> "beach", 2."""
        match = _WEIGHT.search("".join(map(_narrow, word)))
        if not match or match.start() == 0:
            return word, None
        length = match.end() - match.start()
        return word[: match.start()], self._checked(match[1], self._at - length, self._at)

    def _weight_here(self) -> float | None:
        match = _WEIGHT_HERE.match(self._text, self._at)
        if not match:
            return None
        start, self._at = self._at, match.end()
        return self._checked(match[1], start, self._at)

    def _refuse_weight(self) -> None:
        if match := _WEIGHT_HERE.match(self._text, self._at):
            raise QueryError(
                "This is true of a photo or it is not, and takes no weight; weights are for words: beach^2.",
                self._typed_span(self._at, match.end()),
            )

    def _checked(self, written: str, start: int, end: int) -> float:
        weight = float(written)
        if not LEAST_WEIGHT <= weight <= GREATEST_WEIGHT:
            raise QueryError(
                "A weight is a number from {least:g} to {greatest:g}, as in beach^2.",
                self._typed_span(start, end),
                least=LEAST_WEIGHT,
                greatest=GREATEST_WEIGHT,
            )
        return weight

    def _made(
        self,
        start: int,
        text: str,
        *,
        sign: str = "",
        key: str = "",
        form: str = "word",
        weight: float | None = None,
        value_span: Span,
    ) -> Token:
        return Token(
            text=text,
            span=self._typed_span(start, self._at),
            sign=sign,
            key=key,
            form=form,
            weight=weight,
            value_span=value_span,
        )

    def _typed_span(self, start: int, end: int) -> Span:
        return self._where[start], self._where[end - 1] + 1 if end > start else self._where[start]


def _readable(typed: str) -> tuple[str, list[int]]:
    """The text as it is read, and the place in `typed` of each of its characters and of its end.

    Control characters are left out. Bytes of an argument that are not Unicode arrive as lone surrogates,
    which no tokenizer takes: they become U+FFFD.
    """
    characters: list[str] = []
    where: list[int] = []
    for place, character in enumerate(typed):
        if unicodedata.category(character) == "Cc" and not character.isspace():
            continue
        if "\ud800" <= character <= "\udfff":
            character = "\ufffd"
        for one in unicodedata.normalize("NFC", character):  # the Kelvin sign is a K
            characters.append(one)
            where.append(place)
    return "".join(characters), [*where, len(typed)]


def _narrow(character: str) -> str:
    """One character for one: "：" is ":", "２" is "2", and so on."""
    if "\uff01" <= character <= "\uffdc":
        return unicodedata.normalize("NFKC", character)
    return "-" if character in "−﹣" else character


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))
