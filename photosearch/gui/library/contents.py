"""What the library has besides its photos: folders, albums, saved searches and things, with their names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from photosearch import i18n
from photosearch.core.errors import QueryError
from photosearch.core.messages import FolderStatus
from photosearch.core.query import Favourite
from photosearch.core.tags import Tag
from photosearch.gui.desktop import files
from photosearch.gui.library.places import Place
from photosearch.i18n import tr
from photosearch.search.named import folders_called
from photosearch.search.query import parse
from photosearch.store.reader import Reader
from photosearch.store.rows import Album, FolderCount, LiveAlbum, SavedSearch
from photosearch.store.tags import TagCount


class Contents(NamedTuple):
    """What the sidebar tells of a library."""

    photos: int = 0
    favourites: int = 0
    folders: tuple[FolderCount, ...] = ()  # with all below them, by path
    added: frozenset[bytes] = frozenset()  # of these, the ones that the person added
    failures: dict[bytes, int] = {}  # noqa: RUF012 (never changed): files that could not be read, by added folder
    damaged: int = 0  # files whose photos are shown as far as they go
    albums: tuple[Album, ...] = ()
    live: tuple[LiveAlbum, ...] = ()
    searches: tuple[SavedSearch, ...] = ()  # that are no albums
    tags: tuple[TagCount, ...] = ()  # see TagReader.tag_counts
    tags_off: tuple[str, ...] = ()  # taken off the list

    def name_of(self, place: Place) -> str:
        """Return what a place is called; empty for one that holds all photos."""
        match place.kind:
            case "folder":
                return folder_name(place.path)
            case "album":
                return album.name if (album := self.album(place)) else ""
            case "live":
                return live.name if (live := self.live_album(place)) else ""
            case "tag":
                return tag.said(i18n.language()) if (tag := self.tag(place)) else ""
            case "favourites":
                return tr("Favourites")
        return ""

    def count_of(self, place: Place) -> int | None:
        """How many photos its row says that a place has; None where it has no row that says so."""
        match place.kind:
            case "all":
                return self.photos
            case "favourites":
                return self.favourites
            case "folder":
                return next((folder.photos for folder in self.folders if folder.path == place.path), None)
            case "album":
                return album.photos if (album := self.album(place)) else None
        return None

    def has(self, place: Place) -> bool:
        """Whether the library has this place, or no longer."""
        match place.kind:
            case "album":
                return self.album(place) is not None
            case "live":
                return self.live_album(place) is not None
            case "tag":
                return self.tag(place) is not None
            case "folder":
                return any(folder.path == place.path for folder in self.folders)
        return True

    def folder_asked(self, text: str) -> Place | None:
        """Return the folder whose photos are all that a query asks for; None where there is none."""
        try:
            query = parse(text)
        except QueryError:
            return None
        if len(query.pieces) != 1 or not query.named:
            return None
        (named,) = query.named
        if named.kind != "folder" or named.negated:
            return None
        known = [folder.path for folder in self.folders]
        found = [path for path in folders_called(named.name, known) if path in known]
        return Place("folder", path=found[0]) if len(found) == 1 else None

    def is_away(self, path: bytes) -> bool:
        """Whether a folder's photos cannot be reached now."""
        return any(folder.path == path and folder.away for folder in self.folders)

    def album(self, place: Place) -> Album | None:
        """Return the album that the person fills at a place; None where there is none."""
        return next((album for album in self.albums if album.album_id == place.album_id), None)

    def live_album(self, place: Place) -> LiveAlbum | None:
        """Return the album that fills itself at a place; None where there is none."""
        if place.kind != "live":
            return None
        return next((album for album in self.live if album.search_id == place.search_id), None)

    def tag(self, place: Place) -> Tag | None:
        """Return the thing that a place shows; None where it shows none."""
        return next((tag for tag, _ in self.tags if tag.name == place.tag), None)


def read_contents(reader: Reader) -> Contents:
    """Read what the sidebar shows."""
    added = {folder.folder_id: folder.path for folder in reader.folders()}
    return Contents(
        photos=len(reader.living()),
        favourites=len(reader.matching([Favourite()])),
        folders=tuple(reader.subfolders()),
        added=frozenset(added.values()),
        failures=dict(Counter(added[failure.folder_id] for failure in reader.failures())),
        damaged=len(reader.damaged()),
        albums=tuple(reader.albums()),
        live=tuple(reader.live_albums()),
        searches=tuple(search for search in reader.saved_searches() if not search.live),
        tags=tuple(reader.tag_counts()),
        tags_off=tuple(sorted(reader.tags_off())),
    )


def gone(folders: Sequence[FolderStatus]) -> frozenset[bytes]:
    """Those of folders that are not there, while their drives are."""
    return frozenset(folder.path_bytes for folder in folders if folder.state == "gone")


def why_not_here(*, gone: bool) -> str:
    """Why a folder is not here: that was `gone` which holds it, or its drive is away."""
    if gone:
        return tr("It is not there any more: renamed, moved or deleted. The photos stay here.")
    return tr("Its drive is not connected. The photos stay here.")


def folder_name(path: bytes) -> str:
    """Return what a folder is called."""
    return files.shown(os.path.basename(path)) or files.shown(path)  # noqa: PTH119 (bytes)
