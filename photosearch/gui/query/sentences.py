"""Sentences that one can search for, in a language that the model reads."""

from __future__ import annotations

from photosearch.core.scripts import reads
from photosearch.i18n import tr


def sentences(languages: tuple[str, ...]) -> list[str]:
    """Return some of them; in English where the model reads other letters than the window speaks.

    Args:
        languages: codes of those that the model reads; none: unknown
    """
    own = [tr("two dogs on a beach"), tr("a birthday cake with candles"), tr("sunset over the sea")]
    if all(reads(languages, sentence) for sentence in own):
        return own
    return ["two dogs on a beach", "a birthday cake with candles", "sunset over the sea"]
