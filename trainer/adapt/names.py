"""Which of a person's words are names of their own: said by them far more often than people commonly do."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from photosearch.core.scripts import HAN, UNSPACED
from photosearch.core.stop_words import STOP_WORDS
from trainer.adapt.general_words import NgramCounts, Spoken, ngrams, words_of

LEAST_CAPTIONS = 4
CONTRAST = 20.0  # how many times as frequent as in general captions
COHESION = 0.6  # a part of a name seldom stands alone
MOST_NAMES = 200

# A single Chinese character; "words" of other scripts without spaces, which are whole clauses.
_NO_NAME = re.compile(f"^[{HAN}]$|(?![{HAN}])[{UNSPACED}]")


class Name(NamedTuple):
    """A name of the person's own, and where it stands."""

    name: str  # as the person most often writes it
    rows: tuple[int, ...]  # of the captions that have it, rising


def find_names(captions: Sequence[str], general: NgramCounts) -> list[Name]:
    """The person's names, the most frequent first.

    N-grams of 1 to 3 words in at least 4 captions and 20 times as frequent as in general captions. "Pelican
    Cove" takes the place of "Pelican", which seldom stands without it; "Rusty runs" does not, for Rusty does
    much else.
    """
    captions = [unicodedata.normalize("NFC", caption) for caption in captions]
    spoken = [words_of(caption) for caption in captions]
    texts = [[one.word for one in words] for words in spoken]
    counts = Counter(ngram for words in texts for ngram in {text for *_, text in ngrams(words)})
    distinct = {ngram for ngram in counts if _is_distinct(ngram, counts[ngram], len(captions), general)}
    kept = {ngram for ngram in distinct if _holds_together(ngram, distinct, counts)}
    rows, spellings = _occurrences(captions, spoken, {ngram: counts[ngram] for ngram in kept})
    names = [
        Name(spellings[ngram].most_common(1)[0][0], tuple(found))
        for ngram, found in rows.items()
        if _is_distinct(ngram, len(found), len(captions), general)
    ]
    return sorted(names, key=lambda name: (-len(name.rows), name.name))[:MOST_NAMES]


def _is_distinct(ngram: str, count: int, captions: int, general: NgramCounts) -> bool:
    often = count >= LEAST_CAPTIONS and count / captions >= CONTRAST * general.rate(ngram)
    return often and any(map(str.isalpha, ngram)) and not _NO_NAME.search(ngram)


def _holds_together(ngram: str, distinct: set[str], counts: Counter[str]) -> bool:
    """Whether it is no chance meeting of a name with other words, nor of common words."""
    words = ngram.split()
    if len(words) == 1:
        return True
    own = [word for word in words if word in distinct]
    if own:  # "dirt Old Comet" has few of the places of "Comet", "Uncle Bob" all of those of "Bob"
        return any(counts[ngram] > COHESION * counts[word] for word in own)
    parts = [text for *_, text in ngrams(words) if text != ngram]
    best = max((part for part in parts if part in distinct), key=lambda part: counts[part], default="")
    if best:
        return counts[ngram] > COHESION * counts[best]
    return any(counts[ngram] > COHESION * counts[word] for word in words if word not in STOP_WORDS)


def _occurrences(
    captions: Sequence[str], spoken: Sequence[Sequence[Spoken]], names: dict[str, int]
) -> tuple[dict[str, list[int]], dict[str, Counter[str]]]:
    """Where each name stands, and how it is spelt; of names that overlap the longest, then the commonest.

    Args:
        names: and in how many captions each is
    """
    rows: dict[str, list[int]] = defaultdict(list)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for row, words in enumerate(spoken):
        taken: set[int] = set()
        found = [place for place in ngrams([one.word for one in words]) if place[2] in names]
        for first, last, text in sorted(found, key=lambda place: (place[0] - place[1], -names[place[2]])):
            if taken.intersection(range(first, last)):
                continue
            taken.update(range(first, last))
            if not rows[text] or rows[text][-1] != row:
                rows[text].append(row)
            written = captions[row][words[first].start : words[last - 1].end]
            spellings[text][" ".join(written.split())] += 1
    return rows, spellings
