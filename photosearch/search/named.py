"""What a query's filters mean in a library: its folders, albums and tags by their names."""

import os
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.chinese import simplified
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.core.file_names import whole_paths
from photosearch.core.query import AnyFilter, InAlbum, InFolder, InLiveAlbum, Says, Tagged
from photosearch.search.filters import Named, closest
from photosearch.search.query import Query
from photosearch.search.tokens import written
from photosearch.store.folders import FileChoice
from photosearch.store.reader import Reader
from photosearch.store.words import all_words, phrase

SHOWN = 5  # names that an error lists


def meant(query: Query, reader: Reader) -> list[AnyFilter]:
    """All filters of a query, as they are meant in this library.

    Raises:
        QueryError: it has no folder, album or tag of a name in the query.
    """
    return [*query.filters, *(resolved(named, reader) for named in query.named)]


def filtered(query: Query, reader: Reader) -> NDArray[np.int64] | None:
    """Ids of the photos that all filters of a query let through (N,); None: it has no filter.

    Raises:
        QueryError: there is no folder, album or tag of a name in it.
        KnownError: the library is damaged, or its disk fails.
    """
    filters = meant(query, reader)
    return reader.matching(filters) if filters else None


def file_choice(sentence: str, filters: Sequence[AnyFilter]) -> FileChoice:
    """The file by which a photo is shown to who asks so: one in the folders asked for, or of the name."""
    asked = [one for one in filters if not one.negated]
    folders = [path for one in asked if isinstance(one, InFolder) for path in one.paths_bytes]
    names = [phrase(one.phrase, goes_on=True) for one in asked if isinstance(one, Says)]
    if sentence.strip():
        names.append(all_words(sentence))
    return FileChoice(folders, " OR ".join(f"({each})" for each in names))


def resolved(named: Named, reader: Reader) -> AnyFilter:
    """The filter that is meant in this library.

    Raises:
        QueryError: it has no folder, album or tag of this name.
    """
    if named.kind == "album":
        return _album(named, reader)
    if named.kind == "tag":
        return Tagged(tags=_tags(named, reader), keyword=named.name, negated=named.negated)
    return InFolder(paths_bytes=tuple(_folders(named, reader)), negated=named.negated)


def refuse_live_albums(query: Query, reader: Reader, own: str = "") -> None:
    """No album that fills itself looks in another, nor in itself.

    Args:
        own: the name that the album of this query is to have

    Raises:
        KnownError: the query names such an album.
    """
    for named in query.named:
        if named.kind != "album":
            continue
        found = _album_called(named, reader)
        if isinstance(found, InLiveAlbum) or (found is None and _alike(named.name) == _alike(own)):
            raise KnownError(
                "“{name}” fills itself, and no other such album can look in it; write what it looks for "
                "instead.",
                name=named.name,
            )


def folders_called(name: str, known: Sequence[bytes]) -> list[bytes]:
    """Folders whose path ends in this name, else whose own name begins with it; a whole path is itself."""
    if whole := whole_paths(name):
        return whole
    wanted = _parts(name)
    if found := [folder for folder in known if _parts(os.fsdecode(folder))[-len(wanted) :] == wanted]:
        return found
    if len(wanted) > 1:
        return []
    return [folder for folder in known if _parts(os.fsdecode(folder))[-1].startswith(wanted[0])]


def _folders(named: Named, reader: Reader) -> list[bytes]:
    known = [] if whole_paths(named.name) else [folder.path for folder in reader.subfolders()]
    if found := folders_called(named.name, known):
        return found
    if not known:
        raise QueryError("No folder of the library is called “{name}”.", named.span, name=named.name)
    if meant := _meant(named, _names(known)):
        raise QueryError(
            "No folder of the library is called “{name}”; did you mean {meant}?",
            named.span,
            instead=meant,
            name=named.name,
            meant=meant,
        )
    raise QueryError(
        "No folder of the library is called “{name}”; there is {names}.",
        named.span,
        name=named.name,
        names=_among(_names(known)),
    )


def _albums(named: Named, reader: Reader) -> dict[str, InAlbum | InLiveAlbum]:
    """The filter that each album would be, by its name."""
    plain = {name: InAlbum(album_id, negated=named.negated) for album_id, name in reader.album_names()}
    live = {name: InLiveAlbum(id_, negated=named.negated) for id_, name in reader.live_album_names()}
    return plain | live  # each has a name of its own


def _album_called(named: Named, reader: Reader) -> InAlbum | InLiveAlbum | None:
    albums, wanted = _albums(named, reader), _alike(named.name)
    return next((albums[name] for name in sorted(albums) if _alike(name) == wanted), None)


def _album(named: Named, reader: Reader) -> InAlbum | InLiveAlbum:
    if found := _album_called(named, reader):
        return found
    names = sorted(_albums(named, reader))
    if not names:
        raise QueryError("There is no album “{name}”.", named.span, name=named.name)
    if meant := _meant(named, names):
        raise QueryError(
            "There is no album “{name}”; did you mean {meant}?",
            named.span,
            instead=meant,
            name=named.name,
            meant=meant,
        )
    raise QueryError(
        "There is no album “{name}”; there is {names}.",
        named.span,
        name=named.name,
        names=_among(names),
    )


def _tags(named: Named, reader: Reader) -> tuple[str, ...]:
    """Those of this name; none where it is a keyword of some file's alone."""
    if tags := reader.tags_called(named.name):
        return tuple(tags)
    if reader.with_keyword(phrase(named.name)).size:
        return ()
    if settings.value(settings.TAGS, reader.setting(settings.TAGS)) != settings.YES:
        raise QueryError(
            "Tags are switched off, and no file has the keyword “{name}”; switch them on in the settings or "
            "by photosearch tags on.",
            named.span,
            name=named.name,
        )
    if meant := _meant(named, [name for tag in reader.tags() for name in tag.names]):
        raise QueryError(
            "There is no tag “{name}”, and no file has this keyword; did you mean {meant}?",
            named.span,
            instead=meant,
            name=named.name,
            meant=meant,
        )
    raise QueryError(
        "There is no tag “{name}”, and no file has this keyword; look for the word alone, or add the tag.",
        named.span,
        name=named.name,
    )


def _meant(named: Named, names: Sequence[str]) -> str | None:
    """The filter with the name that was probably meant: one much like it, or that begins much like it."""
    wanted, known = _alike(named.name), {_alike(name): name for name in names}
    begun = {" ".join(name.split()[: len(wanted.split())]): whole for name, whole in known.items()}
    meant = closest(wanted, known) or next((name for name in known if name.startswith(wanted)), None)
    if meant is None and (beginning := closest(wanted, begun)):
        known, meant = begun, beginning
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
