"""Folders and albums by the names that a person calls them."""

import os
import re
import unicodedata
from collections.abc import Sequence

from photosearch.core.chinese import simplified
from photosearch.core.errors import QueryError, Sentence
from photosearch.core.file_names import whole_paths
from photosearch.core.query import AnyFilter, InAlbum, InFolder
from photosearch.search.filters import Named, closest
from photosearch.search.tokens import written
from photosearch.store.reader import Reader

SHOWN = 5  # names that an error lists


def resolved(named: Named, reader: Reader) -> AnyFilter:
    """The filter that is meant in this library.

    Raises:
        QueryError: it has no folder or album of this name.
    """
    if named.kind == "album":
        return InAlbum(album_id=_album(named, reader), negated=named.negated)
    return InFolder(paths_bytes=tuple(_folders(named, reader)), negated=named.negated)


def _folders(named: Named, reader: Reader) -> list[bytes]:
    """Folders whose path ends in this name, else whose own name begins with it; a whole path is itself."""
    if whole := whole_paths(named.name):
        return whole
    known = [folder.path for folder in reader.subfolders()]
    wanted = _parts(named.name)
    if found := [folder for folder in known if _parts(os.fsdecode(folder))[-len(wanted) :] == wanted]:
        return found
    if len(wanted) == 1 and (
        found := [folder for folder in known if _parts(os.fsdecode(folder))[-1:][0].startswith(wanted[0])]
    ):
        return found
    if not known:
        raise QueryError("No folder of the library is called “{name}”.", named.span, name=named.name)
    raise QueryError(
        "No folder of the library is called “{name}”; there is {names}.",
        named.span,
        instead=_meant(named, _names(known)),
        name=named.name,
        names=_among(_names(known)),
    )


def _album(named: Named, reader: Reader) -> int:
    albums = sorted((name, album_id) for album_id, name in reader.album_names())
    wanted = _alike(named.name)
    for name, album_id in albums:
        if _alike(name) == wanted:
            return album_id
    if not albums:
        raise QueryError("There is no album “{name}”.", named.span, name=named.name)
    names = [name for name, _ in albums]
    raise QueryError(
        "There is no album “{name}”; there is {names}.",
        named.span,
        instead=_meant(named, names),
        name=named.name,
        names=_among(names),
    )


def _meant(named: Named, names: Sequence[str]) -> str | None:
    """The filter with the name that was probably meant: one much like it, else one that begins so."""
    wanted, known = _alike(named.name), {_alike(name): name for name in names}
    meant = closest(wanted, known) or next((name for name in known if name.startswith(wanted)), None)
    text = written(named.kind, known[meant]) if meant else None
    return f"-{text}" if text and named.negated else text


def _parts(path: str) -> list[str]:
    return [_alike(part) for part in re.split(r"[/\\]", path) if part] or [""]


def _alike(name: str) -> str:
    """Names are the same whatever their case, the widths of their letters, and the way Chinese is written."""
    return simplified(unicodedata.normalize("NFKC", name).casefold())


def _names(folders: Sequence[bytes]) -> list[str]:
    return [re.split(r"[/\\]", os.fsdecode(folder))[-1] for folder in folders]


def _among(names: Sequence[str]) -> str | Sentence:
    listed = ", ".join(names[:SHOWN])
    return Sentence("{listed} and more", listed=listed) if len(names) > SHOWN else listed
