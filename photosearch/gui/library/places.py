"""Places in the library that can be looked at without a query: all of it, a folder, an album."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from photosearch.core.query import AnyFilter, Favourite, InAlbum, InFolder, InLiveAlbum, Tagged
from photosearch.gui.grid.sections import days_name
from photosearch.gui.grid.timeline import Timeline, read_timeline, undivided, with_first
from photosearch.i18n import tr, tr_n
from photosearch.search.query import of_path
from photosearch.search.tokens import written
from photosearch.store.reader import Reader


@dataclass(frozen=True)
class Place:
    """Something of the library that can be looked at without a query."""

    kind: Literal["all", "favourites", "recent", "folder", "album", "live", "tag"]
    album_id: int = 0
    path: bytes = b""  # of the folder
    search_id: int = 0  # of the album that fills itself
    tag: str = ""  # its name, as the library has it

    @property
    def filters(self) -> tuple[AnyFilter, ...]:
        """What a photo passes that is at this place; none where each is."""
        match self.kind:
            case "folder":
                return (InFolder((self.path,)),)
            case "album":
                return (InAlbum(self.album_id),)
            case "live":
                return (InLiveAlbum(self.search_id),)
            case "tag":
                return (Tagged((self.tag,)),)
            case "favourites":
                return (Favourite(),)
        return ()


ALL, FAVOURITES, RECENT = Place("all"), Place("favourites"), Place("recent")
Order = Literal["own", "newest", "oldest"]  # the first is an album's


def read(reader: Reader, place: Place, order: Order, seen: int = 0) -> Timeline:
    """Read the photos of a place: under their days, in an album's own order, or the last that came first.

    Args:
        seen: the highest id of a photo that the person had seen in an album that fills itself, whose new ones
            stand first
    """
    oldest_first = order == "oldest"
    match place.kind:
        case "all":
            return read_timeline(reader, oldest_first=oldest_first)
        case "recent":
            return undivided(reader, reader.recently_added())
        case "album":
            shown = reader.album_photos(place.album_id)
            if order == "own":
                return undivided(reader, shown)
            return read_timeline(reader, shown[0], oldest_first=oldest_first)
        case "live":
            new = reader.new_in_live_album(place.search_id, seen)
            within = reader.matching(place.filters)
            title = tr("New since you looked")
            return with_first(reader, new, title, within, oldest_first=oldest_first)
    timeline = read_timeline(reader, reader.matching(place.filters), oldest_first=oldest_first)
    return timeline._replace(moments=reader.tag_moments(place.filters))


def as_query(place: Place, name: str) -> str | None:
    """Return what to type for a place that is called so, or None where that cannot be typed."""
    match place.kind:
        case "folder":
            return of_path("folder", os.fsdecode(place.path))
        case "album" | "live":
            return written("album", name)
        case "tag":
            return written("tag", name)
        case "favourites":
            return "has:favourite"
    return ""


def line(place: Place, timeline: Timeline, count: int | None = None) -> str:
    """Say how many photos a place has, and of a part of the library from when; empty where there are none.

    Args:
        count: that the sidebar shows of it, which was read at another moment; None: it shows none
    """
    if not len(timeline.ids):
        return ""
    photos = tr_n("{n} photo", "{n} photos", count or len(timeline.ids))
    if place == ALL:
        return photos
    return tr("{photos} · {dates}", photos=photos, dates=days_name(timeline.newest, timeline.oldest))


def nothing_here(place: Place) -> tuple[str, str]:
    """Return a title and an explanation for a place without photos."""
    match place.kind:
        case "favourites":
            return tr("No favourites yet"), tr("Press F on a photo that you like, and it is here.")
        case "album":
            return tr("This album is empty"), tr("Drag photos from the grid onto its name in the sidebar.")
        case "live":
            return tr("No photo fits this album yet"), tr("Those that fit come by themselves.")
        case "tag":
            return tr("No photo is tagged so"), tr("New ones appear by themselves.")
        case "folder":
            return tr("No photos in this folder"), tr("New ones appear by themselves.")
    return tr("Nothing was added yet"), tr("What you add last is here first.")
