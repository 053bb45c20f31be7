"""Photos of the library by what a table calls them: the end of a path, or the whole."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from photosearch.captions.files import composed, is_read_as_it_is, parts_of
from photosearch.core.file_names import path_of, uri_of


class Match(NamedTuple):
    """Photos whose paths end as a name does, each by one of its files; those that share most of it."""

    photos: dict[int, bytes]  # path by photo id
    shared: int  # folders and file name that the paths have in common with the name

    @property
    def photo_id(self) -> int | None:
        """The one that is meant; None where there are none or several."""
        return next(iter(self.photos)) if len(self.photos) == 1 else None


class PhotoNames:
    """Every file of a library by the end of its path.

    Of files that are called alike, the one wins that shares the most folders with the name: "beach/1.jpg" is
    /a/beach/1.jpg and not /a/lake/1.jpg. Upper and lower case, and how accents are written, decide only
    between files that differ in them. A `file:` URI means that path, where there is one.
    """

    def __init__(self, files: Iterable[tuple[bytes, int]]) -> None:
        """
        Args:
            files: (path, id of the photo that it holds)
        """
        self._files: dict[str, list[tuple[bytes, int]]] = {}
        for path, photo_id in files:
            self._files.setdefault(_alike(parts_of(os.fsdecode(path))[-1]), []).append((path, photo_id))

    def find(self, name: str) -> Match:
        """The photos whose paths share most with the end of `name`; one, where it is clear."""
        whole = path_of(name)
        parts = parts_of(whole or name)
        candidates = self._files.get(_alike(parts[-1]), []) if parts else []
        best: tuple[int, int] = (0, 0)
        photos: dict[int, bytes] = {}
        for path, photo_id in candidates:
            known = os.fsdecode(path)
            if known == whole:
                return Match({photo_id: path}, len(parts))
            shared = _shared(parts, parts_of(known))
            if shared > best:
                best, photos = shared, {}
            if shared == best:
                photos.setdefault(photo_id, path)
        return Match(photos, best[0])

    def name_of(self, path: bytes, photo_id: int, folder: bytes) -> str:
        """The shortest path that means this file and no other photo and that a table can hold; else its URI.

        The path begins at `folder` or above it.
        """
        parts = parts_of(os.fsdecode(path))
        for start in range(len(parts_of(os.fsdecode(folder))), 0, -1):
            name = "/".join(parts[start:])
            if is_read_as_it_is(name) and self.find(name).photo_id == photo_id:
                return name
        return uri_of(os.fsdecode(path))


def _shared(name: list[str], path: list[str]) -> tuple[int, int]:
    """How many parts at the end are the same: whatever their case, and exactly."""
    alike = exact = 0
    for one, other in zip(reversed(name), reversed(path), strict=False):
        if _alike(one) != _alike(other):
            break
        alike += 1
        exact += one == other
    return alike, exact


def _alike(part: str) -> str:
    return composed(part).casefold()
