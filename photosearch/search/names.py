"""Photos whose names, captions and lines of text hold the words of a query, whatever they show."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.photo import Place
from photosearch.store.reader import Reader
from photosearch.store.words import folded, holds, holds_in_order

MOST = 2_000  # photos that are looked up in each place, so that a search takes no longer for a common word
ALL = -1  # as SQLite has it
_GROUPS = ("folder", "album", "camera")


Ids = NDArray[np.int64]


class Found(NamedTuple):
    """Photos (n,) of which one place holds the words."""

    place: Place
    ids: Ids
    name: str = ""  # of the folder or the album


class NamedPhotos(NamedTuple):
    """Photos by where the words stand."""

    found: tuple[Found, ...] = ()  # a photo that is in several places counts for the first
    word_for_word: Ids = np.empty(0, np.int64)  # where they stand side by side and in order
    loosely: Ids = np.empty(0, np.int64)  # where a folder's, album's or camera's name says little of each

    @property
    def ids(self) -> Ids:
        """Of all of them, in no order, perhaps repeated (N,)."""
        return _together(each.ids for each in self.found)

    def places(self, ids: Ids) -> dict[int, Place]:
        """Where the words stand for those among these photos that are found."""
        places: dict[int, Place] = {}
        for place, found, _ in reversed(self.found):
            places |= dict.fromkeys(ids[np.isin(ids, found)].tolist(), place)
        return places

    def of(self, photo_id: int) -> Found | None:
        """Where the words stand for a photo; None: nowhere."""
        return next((each for each in self.found if photo_id in each.ids), None)


def _together(ids: Iterable[Ids]) -> Ids:
    return np.concatenate([np.empty(0, np.int64), *ids])


NONE = NamedPhotos()


def first_of_each(ids: Ids) -> NDArray[np.intp]:
    """Where each photo stands first (n,), ascending."""
    # Ids count photos from 1 on: a table of all is small, and much faster than to sort.
    places = np.arange(len(ids))
    first = np.empty(ids.max(initial=0) + 1, dtype=np.intp)
    first[ids[::-1]] = places[::-1]  # what is written last stays
    return np.flatnonzero(first[ids] == places)


class FolderName(NamedTuple):
    """A folder and what it is called, `folded`: of ten thousand that takes as long as the whole search."""

    path: bytes
    folded: str


def folder_names(paths: Iterable[bytes]) -> list[FolderName]:
    """What folders are called."""
    return [FolderName(path, folded(os.fsdecode(os.path.basename(path)))) for path in paths]


def named(sentence: str, folders: Sequence[FolderName], reader: Reader, most: int) -> NamedPhotos:
    """Photos of which one place holds all words: file name, caption and keywords, a folder's name, an album's
    a town's or a camera's, or what is written in the photo.

    Args:
        folders: all of the library
        most: photos in each place; ALL: however many

    Raises:
        KnownError: the library is damaged, or its disk fails.
    """
    words = [word for typed in sentence.split() if (word := folded(typed)).strip()]
    if not words:
        return NONE
    whole = folded(sentence)
    exactly: list[Ids] = []
    found: list[Found] = []
    look_ups: tuple[tuple[Place, Callable[..., Ids]], ...] = (
        ("name", reader.with_name),
        ("caption", reader.with_caption),
        ("text", reader.with_lines),
    )
    for place, look_up in look_ups:
        if (ids := look_up(sentence, most, word_for_word=False)).size:
            exactly.append(look_up(sentence, most, word_for_word=True))
            found += [Found(place, exactly[-1]), Found(place, ids)]
    for path, name in folders:
        if holds(name, words):
            found.append(Found("folder", reader.in_folder(path, most), os.fsdecode(os.path.basename(path))))
            if holds_in_order(name, whole):
                exactly.append(found[-1].ids)
    for album_id, album in reader.album_names():
        if holds(name := folded(album), words):
            found.append(Found("album", reader.in_album(album_id, most), album))
            if holds_in_order(name, whole):
                exactly.append(found[-1].ids)
    for town_id, name in reader.town_names(words[-1].rstrip()):
        if holds(name, words):
            found.append(Found("place", reader.in_town(town_id, most)))
            if holds_in_order(name, whole):
                exactly.append(found[-1].ids)
    cameras = {camera: folded(camera) for camera in reader.cameras()}
    called_so = [c for c, name in cameras.items() if holds(name, words) and not holds(_maker(name), words)]
    if called_so:  # one look-up, as a word may mean thirty models
        found.append(Found("camera", reader.with_cameras(called_so, most)))
        if all(whole in cameras[camera] for camera in called_so):
            exactly.append(found[-1].ids)
    word_for_word = _together(exactly)
    grouped = _together(each.ids for each in found if each.place in _GROUPS)
    alone = _together(each.ids for each in found if each.place not in _GROUPS)
    # Who types several words of a name in their order means that folder.
    meant = np.concatenate([alone, word_for_word]) if len(words) > 1 else alone
    return NamedPhotos(tuple(found), word_for_word, np.setdiff1d(grouped, meant))


def _maker(camera: str) -> str:
    """What says too little alone, as an apple is no iPhone's photo; empty where there is only a model."""
    maker, _, model = camera.strip().partition(" ")
    return f" {maker} " if model else ""
