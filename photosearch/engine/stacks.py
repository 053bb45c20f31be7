"""Finds photos that belong together, behind queries."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from photosearch.core import messages, stack_messages
from photosearch.core.errors import Cancelled
from photosearch.core.photo import identity_of, is_raw, is_video
from photosearch.core.stack_messages import FindStacks, PhotoStack, StackedFile, StackProgress, Stacks
from photosearch.engine.handlers import Handlers
from photosearch.engine.looks import MissingLooks
from photosearch.engine.models import ModelSlots
from photosearch.paths import Library
from photosearch.search.alike import Codes, codes_of
from photosearch.search.stacks import Photos, Stack, joined_stacks, stacks_of
from photosearch.store.reader import Reader
from photosearch.store.rows import PhotoFile
from photosearch.store.stacking import Stackable

_SECONDS_BETWEEN_REPORTS = 0.1


class StackFinder:
    """Looks for stacks, and answers FindStacks; one at a time.

    Args:
        looks: makes those that are missing, before any are compared.
        publish: tells of how far it is.
        wait_for_queries: returns when none is being answered.
    """

    def __init__(
        self,
        library: Library,
        models: ModelSlots,
        looks: MissingLooks,
        publish: Callable[[messages.AnyEvent], None],
        wait_for_queries: Callable[[], None],
    ) -> None:
        self._library = library
        self._models = models
        self._looks = looks
        self._publish = publish
        self._wait_for_queries = wait_for_queries
        self._one_at_a_time = threading.Lock()
        self._closing = False
        self._reported_at = -math.inf

    def serve(self, handlers: Handlers) -> None:
        """Take the request that is answered here."""
        handlers.answer(stack_messages.FindStacks, self._find)

    def close(self) -> None:
        """End what runs soon; whoever waits for it gets Cancelled."""
        self._closing = True

    def _find(self, request: FindStacks) -> Stacks:
        """
        Raises:
            KnownError: the library cannot be read, or there is no model.
            Cancelled: the engine is closing.
        """
        library, stacks = self._look()
        found: list[tuple[stack_messages.Kind, tuple[int, ...]]] = [
            (stack.kind, stack.ids) for stack in stacks
        ]
        copied = {photo_id for kind, ids in found if kind == "copies" for photo_id in ids}
        found += [
            ("identical", (one,))
            for one, of in library.files.items()
            if len(of) > 1 and one not in copied and _are_several(of)
        ]
        told = [
            PhotoStack(kind, _stacked(kind, ids, library)) for kind, ids in found if kind in request.kinds
        ]
        told.sort(key=lambda stack: (-stack.to_win, stack.files[0].path_bytes))
        count = len(library.photos.ids)
        return Stacks(tuple(told), count, sum(map(_is_compared, library.rows.values())) - count)

    def stacks(self) -> list[tuple[int, ...]]:
        """The ids of photos that belong together, the best first; each photo is in one of them alone.

        Raises:
            KnownError: the library cannot be read, or there is no model.
            Cancelled: the engine is closing.
        """
        return joined_stacks(self._look()[1])

    def _look(self) -> tuple[_Library, list[Stack]]:
        with self._one_at_a_time:
            while self._looks.make_some():
                self._go_on(0.0)
            library = _read(self._library, self._models.answering.info().model_id)
            return library, stacks_of(library.photos, self._go_on)

    def _go_on(self, done: float) -> None:
        """
        Raises:
            Cancelled: the engine is closing.
        """
        if self._closing:
            raise Cancelled
        self._wait_for_queries()
        if time.monotonic() >= self._reported_at + _SECONDS_BETWEEN_REPORTS:
            self._reported_at = time.monotonic()
            self._publish(StackProgress(done))


class _Library(NamedTuple):
    """The photos of a library that files hold."""

    rows: dict[int, Stackable]
    files: dict[int, list[PhotoFile]]
    noted: Collection[int]
    photos: Photos


def _read(library: Library, model_id: str) -> _Library:
    with Reader.open(library) as reader:
        files, noted = reader.files_of_photos(), reader.noted()
        rows = {row.photo_id: row for row in reader.stackable() if row.photo_id in files}
        return _Library(rows, files, noted, _photos(reader, model_id, rows, files, noted))


def _photos(
    reader: Reader,
    model_id: str,
    rows: dict[int, Stackable],
    files: dict[int, list[PhotoFile]],
    noted: Collection[int],
) -> Photos:
    """Those photos of which a look and a vector of this model are known."""
    looks = reader.looks()
    place = np.full(int(looks.ids[-1]) + 1 if looks.ids.size else 0, -1, dtype=np.intp)
    place[looks.ids] = np.arange(looks.ids.size)
    place[[photo_id for photo_id in looks.ids.tolist() if not _is_compared(rows.get(photo_id))]] = -1
    bits, known, most = [], [np.empty(0, np.intp)], 0
    for ids, vectors, _ in reader.vectors(model_id):
        here = np.flatnonzero(ids < len(place))
        here = here[place[ids[here]] >= 0]
        if here.size:
            known.append(place[ids[here]])
            codes = codes_of(vectors[here], looks.fingerprints[known[-1]])
            bits.append(codes.bits)
            most = codes.most
    order = np.concatenate(known)
    found = [rows[photo_id] for photo_id in looks.ids[order].tolist()]
    shown = [files[row.photo_id][0] for row in found]
    return Photos(
        ids=looks.ids[order],
        codes=Codes(np.concatenate(bits) if bits else np.empty((0, 1), np.uint8), most),
        miniatures=looks.miniatures[order],
        sizes=np.array([(row.width, row.height) for row in found], dtype=np.int64).reshape(-1, 2),
        taken=np.array([_seconds(row.taken_at) for row in found], dtype=np.float64),
        told=np.array([row.told for row in found], dtype=np.int64),
        raw=np.array([is_raw(row.format) for row in found], dtype=bool),
        away=np.array([file.away for file in shown], dtype=bool),
        damaged=np.array([row.damaged for row in found], dtype=bool),
        noted=np.array([row.photo_id in noted for row in found], dtype=bool),
        sharpness=np.array([row.thumbnail_bytes for row in found], dtype=np.int64),
        file_sizes=np.array([file.size for file in shown], dtype=np.int64),
        paths=[file.path for file in shown],
    )


def _is_compared(row: Stackable | None) -> bool:
    """Not what no file holds; nor a video, of which the poster tells too little."""
    return row is not None and not is_video(row.format)


def _are_several(files: Sequence[PhotoFile]) -> bool:
    """Whether these are more than names of one file."""
    return len({identity_of(file.path) or file.path for file in files}) > 1


def _seconds(taken_at: str | None) -> float:
    """NaN where it is not known to the second."""
    if taken_at is None or len(taken_at) < len("2024-07-14T12:00:00"):
        return math.nan
    try:
        return datetime.fromisoformat(taken_at).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return math.nan


def _stacked(kind: stack_messages.Kind, ids: Sequence[int], library: _Library) -> tuple[StackedFile, ...]:
    """Their files; one of the best photo stays, and one of each that the person said something of.

    So does one of each that is better than the best in something, as a damaged photo with more pixels is.
    So does every other name of a file that stays, be it a link to it or what the link leads to.
    """
    rows, files, noted, _ = library
    held = [(photo_id, file) for photo_id in ids for file in files[photo_id]]
    staying = {
        files[photo_id][0].path
        for photo_id in ids
        if kind in ("raw", "burst")
        or photo_id == ids[0]
        or photo_id in noted
        or _excels(rows[photo_id], rows[ids[0]])
    }
    identities = {file.path: identity_of(file.path) for _, file in held}
    kept = {identities[path] for path in staying} - {None}
    some_may_go = kind in ("identical", "copies") and not files[ids[0]][0].away
    return tuple(
        StackedFile(
            photo_id=photo_id,
            path_bytes=file.path,
            size=file.size,
            mtime_ns=file.mtime_ns,
            width=rows[photo_id].width,
            height=rows[photo_id].height,
            format=rows[photo_id].format,
            noted=photo_id in noted,
            away=file.away,
            spare=some_may_go
            and not file.away
            and file.path not in staying
            and identities[file.path] not in kept,
        )
        for photo_id, file in held
    )


def _excels(photo: Stackable, best: Stackable) -> bool:
    """Whether something of a photo would be lost if only its best copy were left."""
    return photo.width * photo.height > best.width * best.height or photo.told > best.told
