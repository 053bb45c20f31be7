"""Finding the person's own names in a text, and putting in their place what the model knows."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from photosearch.core.chinese import simplified
from photosearch.core.scripts import UNSPACED
from photosearch.core.teaching import Word

# Letters of scripts without spaces are no part of a neighbouring word.
_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_NO_WORD_BEFORE = rf"(?<![^\W{UNSPACED}])(?<!\w-)"
_NO_WORD_AFTER = rf"(?![^\W{UNSPACED}]|[\u0300-\u036f]|-\w)"  # a combining mark goes on with the letter
_POSSESSIVE = r"(?:['’]s\b)?"


class Rewriter:
    """Replaces names, in any case and as whole words only; of names that overlap, the longest.

    "Rusty's" becomes "brown dog's"; what was put in is not looked at again. Traditional and simplified
    Chinese are alike; a text in which a name was replaced is simplified.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = sorted(words, key=lambda word: len(word.name), reverse=True)
        self._names = re.compile("|".join(map(_pattern, self._words)) or r"(?!)", re.IGNORECASE)

    def rewrite(self, text: str) -> str:
        """The text itself where no name is in it. Empty where nothing is left."""
        rewritten = self._names.sub(self._replacement, alike := simplified(text))
        if rewritten == alike:
            return text
        return " ".join(rewritten.split())

    def uses(self, text: str) -> Iterator[tuple[Word, tuple[int, int]]]:
        """Names in a text that mean something, and where they stand."""
        for match in self._names.finditer(simplified(text)):
            word = self._word(match)
            if word.has_effect:
                yield word, match.span(match.lastindex or 0)

    def _word(self, match: re.Match[str]) -> Word:
        return self._words[(match.lastindex or 0) - 1]

    def _replacement(self, match: re.Match[str]) -> str:
        word = self._word(match)
        name_ends = match.end(match.lastindex or 0)
        if word.phrase:
            return word.phrase + match.string[name_ends : match.end()]
        return " " if word.has_effect else match[0]


def _pattern(word: Word) -> str:
    """One group: the name. As written and in both forms of Unicode, with any space between its words."""
    name = simplified(word.name)
    forms = {name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))}
    spelt = "|".join(sorted(r"\s+".join(map(re.escape, form.split())) for form in forms))
    before = "" if _UNSPACED_LETTER.match(word.name[:1]) else _NO_WORD_BEFORE
    after = "" if _UNSPACED_LETTER.match(word.name[-1:]) else _NO_WORD_AFTER
    return f"{before}({spelt}){after}{_POSSESSIVE}"
