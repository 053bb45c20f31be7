"""Stacks of photos that belong together: one picture in several files, a burst, a RAW file and its JPEG.

Each photo of a stack is like one and the same of them, and not merely like another one: so no chain of small
differences joins what is different, and whoever keeps the best of some copies loses no picture.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.search.alike import Codes, Pairs, joined, pairs_of
from photosearch.search.same_picture import same_picture

# "copies": one picture, resized, compressed, edited or cut. "raw": one shot as a RAW file and as a picture.
# "burst": taken one soon after the other.
StackKind = Literal["copies", "raw", "burst"]

ONE_SHOT = 1.0  # seconds that the times of one shot differ by less than
BURST = 2.0  # seconds between two photos of a burst, at most

_WORTH_COMPARING = 4096  # pairs
_DIGITS = re.compile(r"\d+")


class Photos(NamedTuple):
    """What stacks are told by, row by row."""

    ids: NDArray[np.int64]  # (N,)
    codes: Codes  # of N rows
    miniatures: NDArray[np.uint8]  # (N, MINIATURE_EDGE, MINIATURE_EDGE)
    sizes: NDArray[np.int64]  # (N, 2): width and height, pixels
    taken: NDArray[np.float64]  # (N,): seconds since the epoch by the camera's clock; NaN: not known
    told: NDArray[np.int64]  # (N,): of time, camera and place, how many are known
    raw: NDArray[np.bool_]  # (N,)
    away: NDArray[np.bool_]  # (N,): its drive is not here
    damaged: NDArray[np.bool_]  # (N,): it is shown as far as it goes
    noted: NDArray[np.bool_]  # (N,): the person said something of it
    sharpness: NDArray[np.int64]  # (N,): the more, the sharper, among photos that show the same
    file_sizes: NDArray[np.int64]  # (N,): bytes
    paths: Sequence[bytes]  # N, of one file each


class Stack(NamedTuple):
    """Photos that belong together."""

    kind: StackKind
    ids: tuple[int, ...]  # the best first


def stacks_of(photos: Photos, go_on: Callable[[float], None] = lambda done: None) -> list[Stack]:
    """The stacks among photos, those of copies first; 100,000 photos take half a minute of a core.

    Of a photo's copies only the best can be in another stack too.

    Args:
        go_on: see `pairs_of`
    """
    names = [_Name.of(path) for path in photos.paths]
    copies = _copies(photos, names, pairs_of(photos.codes, go_on))
    left = np.ones(len(photos.ids), dtype=bool)
    for stack in copies:
        left[stack[1:]] = False
    found: list[tuple[StackKind, list[list[int]]]] = [
        ("copies", copies),
        ("raw", _raw_and_picture(photos, names, left)),
        ("burst", _bursts(photos, left)),
    ]
    ids = photos.ids.tolist()
    return [Stack(kind, tuple(ids[row] for row in stack)) for kind, stacks in found for stack in stacks]


def joined_stacks(stacks: Iterable[Stack]) -> list[tuple[int, ...]]:
    """The ids of stacks, the best first, with each photo in one alone.

    Photos that belong to one that is itself in another stack follow it there, as the copies of a shot do
    in its burst.
    """
    stack_of: dict[int, list[int]] = {}
    for stack in stacks:
        together = list(dict.fromkeys(one for leader in stack.ids for one in stack_of.get(leader, [leader])))
        stack_of.update(dict.fromkeys(together, together))
    return [tuple(together) for together in {id(each): each for each in stack_of.values()}.values()]


class _Name(NamedTuple):
    """What the path of a file tells of what it holds."""

    folder: bytes
    stem: str

    @classmethod
    def of(cls, path: bytes) -> _Name:
        folder, name = os.path.split(path)
        return cls(folder, os.fsdecode(os.path.splitext(name)[0]).casefold())  # noqa: PTH122  (bytes)

    def is_of_a_copy_of(self, other: _Name) -> bool:
        """Whether one is called after the other: "img_1" and "img_1 (2)", "img_1-edited"."""
        short, long = sorted((self.stem, other.stem), key=len)
        return long.startswith(short) and not (short[-1:].isdigit() and long[len(short) :][:1].isdigit())

    def is_numbered_as(self, other: _Name) -> bool:
        """Whether they differ in numbers alone: "img_1" and "img_2"."""
        return self.stem != other.stem and _DIGITS.sub("0", self.stem) == _DIGITS.sub("0", other.stem)


def _copies(photos: Photos, names: Sequence[_Name], pairs: Iterator[Pairs]) -> list[list[int]]:
    alike: dict[int, list[int]] = defaultdict(list)
    for first, second in _gathered(_not_apart(photos, some) for some in pairs):
        same = same_picture(photos.miniatures, photos.sizes, first, second)
        for one, other in zip(first[same].tolist(), second[same].tolist(), strict=True):
            if not _may_be_a_burst(photos, names, one, other):
                alike[one].append(other)
                alike[other].append(one)
    worth = (
        photos.away,
        photos.damaged,
        -photos.sizes.prod(axis=1),
        -photos.told,
        -photos.file_sizes,
        np.array([len(name.stem) for name in names]),
        photos.ids,
    )
    return _led(sorted(alike, key=lambda row: tuple(key[row] for key in worth)), alike)


def _not_apart(photos: Photos, pairs: Pairs) -> Pairs:
    """Those that may be one shot: of one time, as far as it is known, and both RAW or both not."""
    apart = np.abs(photos.taken[pairs.first] - photos.taken[pairs.second]) >= ONE_SHOT
    may = ~apart & (photos.raw[pairs.first] == photos.raw[pairs.second])
    return Pairs(pairs.first[may], pairs.second[may])


def _gathered(pairs: Iterable[Pairs]) -> Iterator[Pairs]:
    """The same pairs, so many at a time that it is worth it to compare them."""
    waiting, count = [], 0
    for some in pairs:
        waiting.append(some)
        count += len(some.first)
        if count >= _WORTH_COMPARING:
            yield joined(waiting)
            waiting, count = [], 0
    yield joined(waiting)


def _may_be_a_burst(photos: Photos, names: Sequence[_Name], one: int, other: int) -> bool:
    """Two shots of a burst may differ by less than miniatures show; only their files' names tell."""
    if (photos.sizes[one] != photos.sizes[other]).any():
        return False
    if names[one].is_numbered_as(names[other]):
        return True
    timed = not np.isnan(photos.taken[one] + photos.taken[other])
    return timed and not names[one].is_of_a_copy_of(names[other])


def _led(order: Sequence[int], alike: dict[int, list[int]]) -> list[list[int]]:
    """Groups, each led by the first in the order that is in none yet, and of those alone that are like it."""
    place = {row: at for at, row in enumerate(order)}
    taken: set[int] = set()
    groups = []
    for row in order:
        if row in taken:
            continue
        group = [row, *sorted(set(alike[row]) - taken, key=place.__getitem__)]
        if len(group) > 1:
            taken.update(group)
            groups.append(group)
    return groups


def _raw_and_picture(photos: Photos, names: Sequence[_Name], left: NDArray[np.bool_]) -> list[list[int]]:
    """RAW files with the pictures that the camera wrote beside them."""
    if not photos.raw.any():
        return []
    called: dict[_Name, list[int]] = defaultdict(list)
    for row in np.flatnonzero(left).tolist():
        called[names[row]].append(row)
    groups = []
    for rows in called.values():
        raws = [row for row in rows if photos.raw[row]]
        if not raws:
            continue
        time = photos.taken[raws[0]]
        shots = [row for row in rows if row == raws[0] or not abs(photos.taken[row] - time) >= BURST]
        if any(not photos.raw[row] for row in shots):
            groups.append(sorted(shots, key=lambda row: (photos.raw[row], not photos.noted[row], row)))
    return groups


def _bursts(photos: Photos, left: NDArray[np.bool_]) -> list[list[int]]:
    """Pictures taken one soon after the other, each like the first of them."""
    rows = np.flatnonzero(left & ~np.isnan(photos.taken) & ~photos.raw)
    rows = rows[np.lexsort((rows, photos.taken[rows]))]
    groups: list[list[int]] = []
    for run in np.split(rows, np.flatnonzero(np.diff(photos.taken[rows]) > BURST) + 1):
        waiting = run
        while len(waiting) > 1:
            alike = np.r_[True, photos.codes.are_alike(waiting[0], waiting[1:])]
            if alike.sum() > 1:
                groups.append(waiting[alike].tolist())
            waiting = waiting[~alike]
    worth = (
        photos.away,
        photos.damaged,
        ~photos.noted,
        -photos.sharpness,
        -photos.sizes.prod(axis=1),
        photos.ids,
    )
    return [sorted(group, key=lambda row: tuple(key[row] for key in worth)) for group in groups]
