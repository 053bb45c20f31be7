"""Queries of a word or two: models are asked for them in several ways, and score them unlike sentences."""

from collections.abc import Sequence

from photosearch.core.chinese import word_spans
from photosearch.core.scripts import is_english

MOST_WORDS = 2

_ARTICLES = frozenset(("a", "an", "the"))


def is_short(text: str) -> bool:
    """Whether a text has one or two words; articles do not count."""
    return 0 < len(_words(text)) <= MOST_WORDS


def asked(text: str, prompts: Sequence[str]) -> tuple[str, ...]:
    """What a model is to be asked for a text: of a short English one each prompt, "{}" being its words.

    Args:
        prompts: the model's own; none: every text is asked as it is
    """
    if not (prompts and is_short(text) and is_english(text)):
        return (text,)
    words = " ".join(_words(text))
    return tuple(prompt.replace("{}", words) for prompt in prompts)


def _words(text: str) -> list[str]:
    words = (text[start:end] for start, end in word_spans(text))
    return [word for word in words if word.lower() not in _ARTICLES]
