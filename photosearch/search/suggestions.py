"""How a query that has begun might go on: filters, what there is to search by, and former searches."""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from photosearch.core.messages import Suggestion
from photosearch.core.query import FORMATS
from photosearch.search import dates
from photosearch.search.chinese import KEYS as KEYS_IN_CHINESE
from photosearch.search.chinese import english_key
from photosearch.search.query import ALBUM, FOLDER, WORDS
from photosearch.search.tokens import quoted
from photosearch.store.rows import Facets

VALUES: dict[str, Sequence[str]] = {
    "type": tuple(FORMATS),
    "has": ("gps", "caption", "keywords", "rating", "camera", "favourite"),
    "orientation": ("portrait", "landscape", "square"),
    "away": ("yes", "no"),
    "rating": (">=3", ">=4", "5"),
}

FORMER, EACH = 8, 3  # suggestions for an empty field: former searches, and values of each kind

_LAST = re.compile(r'(?P<minus>-?)(?:(?P<key>[^\W\d_]+)[:：])?"?(?P<begun>[^\s"]*)$')


def suggestions(
    typed: str, facets: Facets, folders: Sequence[tuple[bytes, int]], most: int
) -> list[Suggestion]:
    """At most `most`, those that fit best first.

    Args:
        typed: what stands before the cursor; its last word is what is completed
        folders: paths of all folders of the library, with how many photos each holds
    """
    match = _LAST.search(typed)
    assert match is not None  # even nothing matches
    before, minus = typed[: match.start()], match["minus"]
    key, begun = english_key((match["key"] or "").lower()), match["begun"].casefold()
    found: Iterator[Suggestion]
    if key in WORDS:
        found = _values(key, begun, facets, folders)
    elif typed.strip():
        found = _anything(typed.strip().casefold(), begun, facets, folders)
    else:
        found = _to_begin_with(facets, folders)
    completed = (
        suggestion
        if suggestion.kind in ("recent", "saved")
        else Suggestion(
            suggestion.kind, f"{before}{minus}{suggestion.text}", suggestion.shown, suggestion.photos
        )
        for suggestion in found
    )
    return list(islice((suggestion for suggestion in completed if suggestion.text != typed), most))


def _to_begin_with(facets: Facets, folders: Sequence[tuple[bytes, int]]) -> Iterator[Suggestion]:
    """Some of each kind: what the library can be searched by."""
    yield from islice(_former("", facets), FORMER)
    for key in ("date", FOLDER, ALBUM, "camera"):
        yield from islice(_values(key, "", facets, folders), EACH)


def _anything(
    whole: str, begun: str, facets: Facets, folders: Sequence[tuple[bytes, int]]
) -> Iterator[Suggestion]:
    yield from _former(whole, facets)
    if not begun:
        return
    for key in WORDS:
        if key.startswith(begun):
            yield Suggestion("filter", f"{key}:", f"{key}:")
    for key in KEYS_IN_CHINESE:
        if key.startswith(begun):
            yield Suggestion("filter", f"{key}:", f"{key}:")
    for key in ("date", FOLDER, ALBUM, "camera"):
        yield from _values(key, begun, facets, folders)


def _former(whole: str, facets: Facets) -> Iterator[Suggestion]:
    for search in facets.saved_searches:
        if search.name.casefold().startswith(whole):
            yield Suggestion("saved", search.text, search.name)
    for text in facets.recent_searches:
        if text.casefold().startswith(whole):
            yield Suggestion("recent", text, text)


def _values(
    key: str, begun: str, facets: Facets, folders: Sequence[tuple[bytes, int]]
) -> Iterator[Suggestion]:
    if key in ("date", "after", "before"):
        for year in facets.years:
            if year.value.startswith(begun):
                yield _value("date", key, year.value, year.photos)
        for word in dates.RELATIVE:
            if begun and word.startswith(begun):
                yield _value("date", key, word, None)
    elif key == FOLDER:
        for path, photos in folders:
            name = os.path.basename(os.fsdecode(path))  # noqa: PTH119  (a path of bytes)
            if name.casefold().startswith(begun) and name.isprintable():
                yield _value("folder", key, name, photos)
    elif key == ALBUM:
        for album in facets.albums:
            if album.name.casefold().startswith(begun):
                yield _value("album", key, album.name, album.photos)
    elif key == "camera":
        for camera in facets.cameras:
            if begun in camera.value.casefold():
                yield _value("camera", key, camera.value, camera.photos)
    else:
        for value in VALUES.get(key, ()):
            if value.startswith(begun):
                yield _value("value", key, value, None)


def _value(kind: str, key: str, value: str, photos: int | None) -> Suggestion:
    text = f"{key}:{quoted(value)}"
    return Suggestion(kind, text, text, photos)  # type: ignore[arg-type]
