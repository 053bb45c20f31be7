"""What several photos share, as one says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from photosearch.gui.desktop import files
from photosearch.gui.viewer import information_text as told
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n
from photosearch.store.shared import Shared

_MOST = 5  # values of a kind that are told


def facts(shared: Shared) -> Iterator[tuple[str, str]]:
    """Names and values of what is known of all; a value that not all have says how many do."""
    first, last = told.day(shared.first), told.day(shared.last)
    yield tr("Dates"), first if first == last else tr("{first} – {last}", first=first, last=last)
    yield tr("Size"), size_text(shared.size)
    yield tr("Folder"), _values([(files.shown(path), n) for path, n in shared.folders], shared.photos)
    yield tr("Camera"), _values(shared.cameras, shared.photos)
    stars = [
        (tr_n("{n} star", "{n} stars", given) if given else tr("No stars"), n) for given, n in shared.stars
    ]
    yield tr("Rating"), _values(stars, shared.photos)
    yield tr("Favourites"), _values([(tr("Favourite"), shared.favourites)], shared.photos)
    yield tr("Albums"), _values(shared.albums, shared.photos)


def _values(values: Sequence[tuple[str, int]], photos: int) -> str:
    lines = [
        value if count == photos else tr("{value}: {n} of {photos}", value=value, n=count, photos=photos)
        for value, count in values[:_MOST]
        if count
    ]
    if (more := len(values) - _MOST) > 0:
        lines.append(tr_n("and {n} more", "and {n} more", more))
    return "\n".join(lines)
