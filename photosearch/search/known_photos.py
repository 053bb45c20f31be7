"""What one model knows of a library's photos, by which they are ranked: vectors, and frames of videos."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.search.frames import VideoFrames
from photosearch.search.ranking import Ranking
from photosearch.search.resident import ResidentVectors
from photosearch.search.stored import StoredVectors
from photosearch.search.stores import Ids, StoreGone
from photosearch.search.stores.chosen import opened
from photosearch.search.stores.chosen import standing as standing_of
from photosearch.store.reader import OpenReaders, Reader

MOST_LACKING = 50_000  # photos that a store may lack and answer all the same; they are in memory

_log = logging.getLogger(__name__)


class VectorIndex(Protocol):
    """Where the vectors of photos are scored for a query. Thread-safe for queries."""

    def ids(self) -> Ids:
        """Of all photos, living or not (N,)."""

    def vector(self, photo_id: int) -> NDArray[np.float32] | None:
        """A photo's own vector (D,); None if there is none."""

    def bias(self, photo_id: int) -> float | None:
        """What is taken off a photo's cosines; None if it is not there."""

    def rank(
        self,
        query: NDArray[np.float32],
        among: Ids | None = None,
        also: Ids | None = None,
        level: float = np.inf,
    ) -> Ranking:
        """Score all living photos for a unit vector (D,), or those that may be the best of them.

        Args:
            among: only these photos, by id; None: all
            also: photos that are to be scored, however far down they are
            level: photos of this score and above are to be scored, as far as that is possible
        """

    def add(self, ids: Ids, vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> object:
        """Take in living photos whose vectors are committed: ids (n,), vectors (n, D), bias (n,)."""

    def set_living(self, ids: Ids) -> None:
        """Only these photos can be found from now on."""

    def rank_elsewhere(self, ids: Ids) -> None:
        """These photos (n,) are never to be found here from the next change on; their vectors still are."""


_Asked = tuple[NDArray[np.float32], Ids | None, Ids | None, float]  # see VectorIndex.rank()


class _Last(NamedTuple):
    """What was asked last, after how many changes, and what came of it."""

    asked: _Asked
    changes: int
    ranking: Ranking


def _are_same(one: _Asked, other: _Asked) -> bool:
    return all(
        mine is theirs or (mine is not None and theirs is not None and np.array_equal(mine, theirs))
        for mine, theirs in zip(one, other, strict=True)
    )


class KnownPhotos:
    """The photos that a model knows. Thread-safe.

    Args:
        device: where they are scored, as torch names it.

    Raises:
        KnownError: from any method, when the library is damaged or its disk full.
    """

    def __init__(self, library: Library, encoder: Encoder, device: str, readers: OpenReaders) -> None:
        self._library, self._readers, self._device = library, readers, device
        self._model_id, self._dim = encoder.model_id, encoder.dim
        self._changing = threading.Lock()  # holds index, frames and what is living in step
        self._frames = VideoFrames(encoder.model_id, device)
        self._changes = 0  # times that other photos may be found since
        self._last: _Last | None = None
        with Reader.open(library) as reader:
            self._index: VectorIndex = self._stored(reader) or self._resident(reader)
            self._read_frames(reader)
            living = reader.living()
            self._index.set_living(living)
            self._frames.set_living(living)

    def ids(self) -> Ids:
        """Of all of them, living or not (N,)."""
        return self._index.ids()

    def vector_of(self, photo_id: int) -> NDArray[np.float32] | None:
        """A photo's vector (D,), L2-normed; None where it has none of this model."""
        return self._index.vector(photo_id)

    def shown(self, photo_id: int, vector: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """Vector (D,) and bias of a photo, and of a video those of the frame that answers a vector best.

        Raises:
            KnownError: it has none of this model.
        """
        if frame := self._frames.best(vector, photo_id):
            return frame
        photo, bias = self.vector_of(photo_id), self._index.bias(photo_id)
        if photo is None or bias is None:
            raise KnownError("This photo is not indexed yet; try again when indexing has finished.")
        return photo, bias

    @property
    def index(self) -> VectorIndex:
        """Where vectors are scored at present."""
        return self._index

    def use(self, index: StoredVectors | None) -> None:
        """Have vectors scored elsewhere from the next query on; None: in memory."""
        with self._change(), Reader.open(self._library) as reader:
            if index is None and isinstance(self._index, ResidentVectors):
                return
            self._read_frames(reader)
            new = index or self._resident(reader)
            new.rank_elsewhere(self._frames.photos)
            self._look(new, reader)
            self._index = new  # as a query may come at any moment, only when it is in step

    def rank(
        self,
        vector: NDArray[np.float32],
        among: Ids | None = None,
        also: Ids | None = None,
        level: float = np.inf,
    ) -> Ranking:
        """All living photos for a unit vector (D,), videos by their best frames; see VectorIndex.rank().

        Asked the same again it is the same ranking, unless photos came or changed: a list goes on so.
        """
        asked, changes, last = (vector, among, also, level), self._changes, self._last
        if last is not None and last.changes == changes and _are_same(last.asked, asked):
            return last.ranking
        ranking = self._rank(vector, among, also, level)
        self._last = _Last(asked, changes, ranking)
        return ranking

    def _rank(
        self, vector: NDArray[np.float32], among: Ids | None, also: Ids | None, level: float
    ) -> Ranking:
        try:
            ranking = self._index.rank(vector, among, also, level)
        except StoreGone as error:
            _log.warning("Vectors are searched in memory. %s", error)
            self.use(None)
            ranking = self._index.rank(vector, among, also, level)
        return ranking.with_those_of(self._frames.rank(vector, among)) if self._frames else ranking

    def came(self, ids: Ids, vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        """Make photos findable whose vectors were just committed: ids (n,), vectors (n, D), bias (n,)."""
        with self._change():
            with self._readers.one() as reader:
                self._read_frames(reader)
            self._index.add(ids, vectors, bias)

    def changed(self) -> None:
        """Look again at which photos still have a file, and at vectors that came by another way."""
        with self._change(), Reader.open(self._library) as reader:
            self._read_frames(reader)
            self._look(self._index, reader)

    @contextlib.contextmanager
    def _change(self) -> Iterator[None]:
        """One change at a time; what was ranked until it ends, or fails, is not what is there now."""
        with self._changing:
            try:
                yield
            finally:
                self._last = None  # whose vectors may be let go of
                self._changes += 1

    def _look(self, index: VectorIndex, reader: Reader) -> None:
        there, living = reader.vector_ids(self._model_id), reader.living()
        there = there[np.isin(there, living, kind="table")]
        missing = there[~np.isin(there, index.ids(), kind="table")]
        for rows in reader.vectors_of(missing, self._model_id):
            index.add(*rows)
        index.set_living(living)
        self._frames.set_living(living)

    def _resident(self, reader: Reader) -> ResidentVectors:
        return ResidentVectors(self._library, self._model_id, self._dim, reader, self._device)

    def _stored(self, reader: Reader) -> StoredVectors | None:
        """None where memory is to answer, or is to until a store is filled or there again."""
        try:
            if not (standing := standing_of(self._library, reader, self._model_id)):
                return None
            index = StoredVectors(
                opened(self._library, self._model_id, self._dim, standing.store),
                standing.store,
                standing.effort,
                self._model_id,
                self._readers,
            )
            lacking = index.lacks(reader)
            if len(lacking) > MOST_LACKING:
                return None
            for rows in reader.vectors_of(lacking, self._model_id):
                index.add(*rows)
            return index
        except KnownError as error:
            _log.warning("Vectors are searched in memory. %s", error)
            return None

    def _read_frames(self, reader: Reader) -> None:
        """Take in frames of videos that are new; from then on their videos are found by frames alone."""
        if self._frames.read(reader):
            self._index.rank_elsewhere(self._frames.photos)
