"""Sentences that one can search for, in a language that the model reads."""

from __future__ import annotations

from photosearch.core.scripts import reads
from photosearch.i18n import tr


def sentences(languages: tuple[str, ...]) -> list[str]:
    """Return some of them.

    Args:
        languages: codes of those that the model reads; none: unknown
    """
    return [
        in_words(tr("two dogs on a beach"), "two dogs on a beach", languages),
        in_words(tr("a birthday cake with candles"), "a birthday cake with candles", languages),
        in_words(tr("sunset over the sea"), "sunset over the sea", languages),
    ]


def in_words(own: str, english: str, languages: tuple[str, ...]) -> str:
    """Return a query as the window speaks, or in English where the model reads other letters than these."""
    return own if reads(languages, own) else english
