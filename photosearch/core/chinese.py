"""Chinese text: its words, which no spaces part, and its two ways of writing as one."""

import functools
import gzip
import math
import re
from collections.abc import Iterator

from photosearch.core.scripts import HAN
from photosearch.paths import resources

LONGEST_WORD = 4  # characters, of those in the word list

_RUN = re.compile(f"[{HAN}]+|[^\\s{HAN}]+")

Span = tuple[int, int]


def simplified(text: str) -> str:
    """The text with each traditional character as its simplified one; as long as it was."""
    return text.translate(_simplified_characters())


def word_spans(text: str) -> Iterator[Span]:
    """Where words stand: whatever spaces part, and of Chinese the likeliest words.

    A run of Chinese is cut where the product of its words' frequencies is greatest; what no list knows, such
    as a name, is cut into characters.
    """
    for match in _RUN.finditer(text):
        if re.match(f"[{HAN}]", match[0]):
            yield from _likeliest(simplified(match[0]), match.start())
        else:
            yield match.span()


def _likeliest(run: str, start: int) -> list[Span]:
    """The words of a run of characters, from left to right; `start` is its place in the text."""
    words, unknown = _words()
    best = [0.0]  # the logarithm of the best way to each place
    begins = [0]  # where the last word of that way begins
    for end in range(1, len(run) + 1):
        ways = (
            (best[begin] + words.get(run[begin:end], unknown if end - begin == 1 else -math.inf), begin)
            for begin in range(max(0, end - LONGEST_WORD), end)
        )
        likelihood, begin = max(ways)
        best.append(likelihood)
        begins.append(begin)
    spans: list[Span] = []
    end = len(run)
    while end:
        spans.append((start + begins[end], start + end))
        end = begins[end]
    return spans[::-1]


@functools.cache
def _simplified_characters() -> dict[int, str]:
    pairs = (resources() / "chinese" / "simplified.txt").read_text("utf-8").split()
    return {ord(pair[0]): pair[1] for pair in pairs}


@functools.cache
def _words() -> tuple[dict[str, float], float]:
    """Each word's logarithm of frequency, and that of a character which is not among them."""
    data = gzip.decompress((resources() / "chinese" / "words.txt.gz").read_bytes()).decode()
    counts = {word: int(count) for word, count in (line.split("\t") for line in data.split("\n")[:-1])}
    total = math.log(sum(counts.values()))
    return {word: math.log(count) - total for word, count in counts.items()}, -total
