"""Text as the full-text index takes it, and phrases as it is asked for them."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from photosearch.core.chinese import simplified
from photosearch.core.scripts import UNSPACED

# Emoji (So) are letters here. The index cannot be told apart from its tokenizer: a change needs a migration.
TOKENIZER = "\"unicode61 remove_diacritics 2 categories 'L* N* Co So'\""

_BETWEEN = " \ue000 "  # a token that nobody types, so that no phrase reaches from one text into the next

# Letters of scripts that put no spaces between words, and pictures, are words.
_ALONE = re.compile(f"([{UNSPACED}\u2600-\u27bf\U0001f000-\U0001faff])")
_SHARP, _DOUBLE = re.compile("[ßẞ]"), re.compile("ss", re.IGNORECASE)
SHORTEST_BEGINNING = 3  # letters
_WORD = re.compile(r"[^\W_]+")
_LETTER = r"[^\W\d_]"
_NUMBER_STARTS_OR_ENDS = re.compile(rf"(?<=\d)(?={_LETTER})|(?<={_LETTER})(?=\d)")


def words(texts: Iterable[str]) -> str:
    """Texts for a column of the index; "DSC01234" becomes two words, so that its number can be found."""
    return _BETWEEN.join(_spaced(text) for text in texts)


def words_of_file(path: bytes) -> str:
    """The name of a file for the index; what is not Unicode in it cannot be found."""
    return words([os.path.basename(path).decode("utf-8", errors="replace")])


def phrase(text: str, *, goes_on: bool = False) -> str:
    """An FTS5 query for these words in this order. It finds nothing where `text` has no word.

    Args:
        goes_on: the last word may be the beginning of one
    """
    # The tokenizer takes letters with and without accents for alike, but no ß for ss.
    spellings = dict.fromkeys((text, _SHARP.sub("ss", text), _DOUBLE.sub("ß", text)))
    end = " *" if goes_on else ""
    strings = ['"' + _spaced(one).replace('"', " ") + f'"{end}' for one in spellings]
    return strings[0] if len(strings) == 1 else f"({' OR '.join(strings)})"


def words_begun(text: str) -> str:
    """An FTS5 query for these words in this order, the last of which may go on."""
    return phrase(text, goes_on=_may_go_on(text.split()[-1] if text.split() else ""))


def all_words(text: str) -> str:
    """An FTS5 query for all words of a text in any order, the last of which may go on."""
    *whole, last = list(filter(_is_word, text.split())) or [""]
    return " AND ".join([*map(phrase, whole), phrase(last, goes_on=_may_go_on(last))])


def folded(text: str) -> str:
    """Words with a space before and after each, alike where the index takes them for alike."""
    marked = unicodedata.normalize("NFKD", _spaced(text).casefold())
    plain = "".join(letter for letter in marked if not unicodedata.combining(letter))
    return f" {' '.join(_WORD.findall(plain))} "


def holds(name: str, wanted: Sequence[str]) -> bool:
    """Whether a `folded` name holds all these `folded` words, the last of which may go on."""
    *whole, last = wanted
    return all(word in name for word in whole) and (last.rstrip() if _may_go_on(last) else last) in name


def holds_in_order(name: str, sentence: str) -> bool:
    """Whether a `folded` name holds a `folded` sentence as it is, the last word of which may go on."""
    return (sentence.rstrip() if _may_go_on(sentence.split()[-1]) else sentence) in name


def _is_word(text: str) -> bool:
    """Whether the tokenizer leaves anything of it."""
    return any(kind[0] in "LN" or kind in ("Co", "So") for kind in map(unicodedata.category, text))


def _may_go_on(word: str) -> bool:
    """Too many words begin with one or two letters."""
    return len(word.strip()) >= SHORTEST_BEGINNING


def _spaced(text: str) -> str:
    text = simplified(unicodedata.normalize("NFKC", text)).replace("\0", " ").replace("\ue000", " ")
    return _NUMBER_STARTS_OR_ENDS.sub(" ", _ALONE.sub(r" \1 ", text))
