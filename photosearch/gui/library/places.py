"""Places in the library that can be looked at without a query: all of it, a folder, an album."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from photosearch.core.query import AnyFilter, Favourite, InFolder
from photosearch.gui.grid.timeline import Timeline, read_timeline
from photosearch.i18n import tr
from photosearch.store.reader import Reader


@dataclass(frozen=True)
class Place:
    """Something of the library that can be looked at without a query."""

    kind: Literal["all", "favourites", "recent", "folder", "album"]
    album_id: int = 0
    path: bytes = b""  # of the folder


ALL = Place("all")


def read(reader: Reader, place: Place) -> Timeline:
    """Read the photos of a place: newest first under their days, in an album's own order, or as they came."""
    match place.kind:
        case "all":
            return read_timeline(reader)
        case "recent":
            return Timeline(*reader.recently_added(), ())
        case "album":
            return Timeline(*reader.album_photos(place.album_id), ())
    asked: AnyFilter = InFolder((place.path,)) if place.kind == "folder" else Favourite()
    return read_timeline(reader, reader.matching([asked]))


def nothing_here(place: Place) -> tuple[str, str]:
    """Return a title and an explanation for a place without photos."""
    match place.kind:
        case "favourites":
            return tr("No favourites yet"), tr("Press F on a photo that you like, and it is here.")
        case "album":
            return tr("This album is empty"), tr("Drag photos from the grid onto its name in the sidebar.")
        case "folder":
            return tr("No photos in this folder"), tr("New ones appear by themselves.")
    return tr("Nothing was added yet"), tr("What you add last is here first.")
