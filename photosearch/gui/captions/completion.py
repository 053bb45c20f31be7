"""How a caption may go on, judged by the person's own earlier ones: words, names, captions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

# A character of a script without spaces counts as a word.
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]|[^\W_]+(?:['’-][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]")
_LEAST = 2  # times a word was written before it is offered
_TOGETHER = 0.6  # of a word's uses, for the word behind it to belong to it
_LONGEST_NAME = 4  # words
_LETTERS_FOR_CAPTION = 4
_ELSEWHERE = 100


class Completion(NamedTuple):
    """A way that a line may go on."""

    text: str  # the whole line, if this is taken
    shown: str  # what would be added, from the beginning of the word that was begun


class Vocabulary:
    """The words, names and captions that the person has written, and how often."""

    def __init__(self, captions: Iterable[str] = ()) -> None:
        self._captions: Counter[str] = Counter()
        self._words: Counter[str] = Counter()  # by the word in lower case
        self._written: defaultdict[str, Counter[str]] = defaultdict(Counter)  # its spellings
        self._after: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for caption in captions:
            self.add(caption)

    def add(self, caption: str) -> None:
        """Count a caption that was written."""
        caption = caption.strip()
        self._captions[caption] += 1
        before: str | None = None
        for word in _WORD.findall(caption):
            key = word.casefold()
            self._words[key] += 1
            # The first word may have its capital from the sentence: any other place says more.
            self._written[key][word] += 1 if before is None else _ELSEWHERE
            if before is not None:
                self._after[before][key] += 1
            before = key

    def complete(self, text: str, most: int = 5) -> list[Completion]:
        """Likely ends of a line, the best first; none where it says nothing yet."""
        words = list(_WORD.finditer(text))
        if not words or not (text[-1].isspace() or words[-1].end() == len(text)):
            return []
        begun = None if text[-1].isspace() else words.pop()
        head = text if begun is None else text[: begun.start()]
        before = words[-1].group().casefold() if words else None
        names = self._going_on(before) if begun is None else self._beginning(begun.group(), before)
        found = [Completion(head + name, name) for name in names]
        found += [Completion(whole, "…" + whole[len(head) :]) for whole in self._captions_like(text)]
        return found[:most]

    def _beginning(self, begun: str, before: str | None) -> list[str]:
        """Words and names that begin so."""
        key = begun.casefold()
        follows = self._follows(before)
        known = [word for word, count in self._words.items() if word.startswith(key) and count >= _LEAST]
        known.sort(key=lambda word: (-follows[word] * 4 - self._words[word], word))
        names = [name for name in map(self._name, known) if len(name) > len(begun)]
        if before is None:  # a sentence begins as the person began it
            return [begun + name[len(begun) :] for name in names]
        return [name for name in names if name[0].isupper() or not begun[0].isupper()]

    def _going_on(self, before: str | None) -> list[str]:
        """Words and names that follow this one."""
        follows = self._follows(before)
        return [self._name(word) for word, count in follows.most_common() if count >= _LEAST]

    def _follows(self, before: str | None) -> Counter[str]:
        return self._after[before] if before is not None and before in self._after else Counter()

    def _captions_like(self, text: str) -> list[str]:
        if len(text.strip()) < _LETTERS_FOR_CAPTION:
            return []
        begun = text.casefold()
        like = [
            caption
            for caption in self._captions
            if len(caption) > len(text) and caption.casefold().startswith(begun)
        ]
        return sorted(like, key=lambda caption: (-self._captions[caption], len(caption)))[:2]

    def _name(self, word: str) -> str:
        """A word as it is written, with the words that nearly always follow it: "Clover Meadow"."""
        name = self._spelt(word)
        for _ in range(_LONGEST_NAME - 1):
            follows = self._after[word].most_common(1) if word in self._after else []
            if not follows or follows[0][1] < max(_LEAST, _TOGETHER * self._words[word]):
                break
            following = follows[0][0]
            unspaced = _UNSPACED.match(word) and _UNSPACED.match(following)
            name += ("" if unspaced else " ") + self._spelt(following)
            word = following
        return name

    def _spelt(self, word: str) -> str:
        return self._written[word].most_common(1)[0][0]
