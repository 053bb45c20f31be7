"""What several photos share, as one says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from photosearch.gui.desktop import files
from photosearch.gui.library.places import Place
from photosearch.gui.viewer import information_text as told
from photosearch.gui.viewer.fact import Piece, joined
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n
from photosearch.search.tokens import written
from photosearch.store.shared import Shared

_MOST = 5  # values of a kind that are told


def facts(shared: Shared) -> Iterator[tuple[str, list[Piece]]]:
    """Names and values of what is known of all; a value that not all have says how many do."""
    first, last = told.day(shared.first), told.day(shared.last)
    same = Piece(first, f"date:{shared.first[:10]}")
    yield tr("Dates"), [same if first == last else Piece(tr("{first} – {last}", first=first, last=last))]
    yield tr("Size"), [Piece(size_text(shared.size))]
    folders = [(Piece(files.shown(path), Place("folder", path=path)), n) for path, n in shared.folders]
    yield tr("Folder"), _values(folders, shared.photos)
    cameras = [(Piece(camera, written("camera", camera)), n) for camera, n in shared.cameras]
    yield tr("Camera"), _values(cameras, shared.photos)
    stars = [
        (Piece(tr_n("{n} star", "{n} stars", given) if given else tr("No stars")), n)
        for given, n in shared.stars
    ]
    yield tr("Rating"), _values(stars, shared.photos)
    yield tr("Favourites"), _values([(Piece(tr("Favourite")), shared.favourites)], shared.photos)
    albums = [(Piece(name, Place("album", album_id)), n) for album_id, name, n in shared.albums]
    yield tr("Albums"), _values(albums, shared.photos)


def _values(values: Sequence[tuple[Piece, int]], photos: int) -> list[Piece]:
    """A line each; as a whole it leads to the photos that share the value."""
    lines = [
        value
        if count == photos
        else Piece(tr("{value}: {n} of {photos}", value=value.text, n=count, photos=photos), value.leads_to)
        for value, count in values[:_MOST]
        if count
    ]
    if (more := len(values) - _MOST) > 0:
        lines.append(Piece(tr_n("and {n} more", "and {n} more", more)))
    return joined(lines, "\n")
