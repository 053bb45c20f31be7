"""Which lines in a photo hold the words that were asked for."""

from collections.abc import Sequence

from photosearch.core.errors import QueryError
from photosearch.core.lines import Line
from photosearch.core.query import AnyFilter, Says, Written
from photosearch.search.query import parse
from photosearch.store.words import folded, holds


def sought(typed: str) -> list[str]:
    """The texts that what was typed looks for in photos; none where it is no query."""
    try:
        query = parse(typed)
    except QueryError:
        return []
    return asked_for(query.sentence, query.filters)


def asked_for(sentence: str, filters: Sequence[AnyFilter]) -> list[str]:
    """The texts that a query looks for in photos, each of which may be of several words."""
    phrases = [one.phrase for one in filters if isinstance(one, Says | Written) and not one.negated]
    return [text for text in (sentence, *phrases) if text.strip()]


def holding(lines: Sequence[Line], texts: Sequence[str]) -> list[int]:
    """The places of the lines that hold one of the texts; of a text that no line holds alone, its words.

    A text that is not written here at all has none: all its words have to be.
    """
    names = [folded(line.text) for line in lines]
    whole = " ".join(names)
    places: set[int] = set()
    for text in texts:
        wanted = [word for typed in text.split() if (word := folded(typed)).strip()]
        if not wanted or not holds(whole, wanted):
            continue
        alone = {place for place, name in enumerate(names) if holds(name, wanted)}
        parts = {place for place, name in enumerate(names) if any(holds(name, [word]) for word in wanted)}
        places |= alone or parts
    return sorted(places)
