"""How people commonly caption photos: counts of words and short phrases, and phrases that a model knows."""

import functools
import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from photosearch.core.chinese import simplified, word_spans
from photosearch.core.scripts import HAN
from photosearch.core.stop_words import STOP_WORDS
from photosearch.paths import resources

LONGEST = 3  # words in an n-gram
NGRAMS = "ngrams.txt.gz"
PHRASES, CHINESE_PHRASES = "phrases.txt", "phrases.zh.txt"

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Spoken(NamedTuple):
    """A word of a text, and where it stands."""

    word: str  # case-folded, without its possessive
    start: int
    end: int


class NgramCounts(NamedTuple):
    """Counts of 1- to 3-grams over general captions."""

    captions: int  # that were counted, in each language
    counts: dict[str, int]  # of n-grams, in lower case

    def count(self, phrase: str) -> int:
        """How many captions have it, however it is written; 0: it is not among the n-grams."""
        return self.counts.get(" ".join(spoken.word for spoken in words_of(phrase)), 0)

    def rate(self, ngram: str) -> float:
        """How often a caption has it; a little above zero for what was never seen."""
        return (self.counts.get(ngram, 0) + 0.5) / self.captions


def words_of(text: str) -> list[Spoken]:
    """The words of a text in their order, numbers among them; traditional Chinese ones as the simplified."""
    found = []
    for first, last in word_spans(text):
        for match in _WORD.finditer(text, first, last):
            word = re.sub(r"['’]s$", "", match[0], flags=re.IGNORECASE)
            found.append(Spoken(simplified(word.casefold()), match.start(), match.start() + len(word)))
    return found


def ngrams(words: list[str]) -> Iterator[tuple[int, int, str]]:
    """(first, past the last, text) of each 1- to 3-gram that neither begins nor ends with a function word."""
    for size in range(1, LONGEST + 1):
        for first in range(len(words) - size + 1):
            part = words[first : first + size]
            if part[0] not in STOP_WORDS and part[-1] not in STOP_WORDS:
                yield first, first + size, " ".join(part)


def count_ngrams(captions: Iterable[str]) -> Counter[str]:
    """How many captions have each n-gram."""
    counts: Counter[str] = Counter()
    for caption in captions:
        counts.update({text for _, _, text in ngrams([spoken.word for spoken in words_of(caption)])})
    return counts


def write_ngrams(captions: int, counts: Counter[str], least: int = 2) -> bytes:
    """The bytes of the resource: the number of captions, then `ngram TAB count` by line, compressed."""
    kept = sorted((ngram, count) for ngram, count in counts.items() if count >= least)
    lines = [str(captions), *(f"{ngram}\t{count}" for ngram, count in kept)]
    return gzip.compress("\n".join(lines).encode(), mtime=0)


@functools.cache
def general_captions() -> NgramCounts:
    """The counts that ship with the program, read once."""
    data = gzip.decompress((resources() / "teaching" / NGRAMS).read_bytes()).decode()
    first, *lines = data.split("\n")
    pairs = (line.split("\t") for line in lines)
    return NgramCounts(int(first), {ngram: int(count) for ngram, count in pairs})


@functools.cache
def general_phrases(name: str = PHRASES) -> tuple[str, ...]:
    """What a name may be translated into, in English or, from CHINESE_PHRASES, in Chinese."""
    return tuple((resources() / "teaching" / name).read_text("utf-8").split("\n")[:-1])


def without_gaps(ngram: str) -> str:
    """An n-gram as it is written: Chinese words stand side by side."""
    return re.sub(f"(?<=[{HAN}]) (?=[{HAN}])", "", ngram)
