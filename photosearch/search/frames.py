"""The frames of videos, where they are scored for a query: each video counts by its best one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.search.matrix import Matrix
from photosearch.search.ranking import FRAME, Ranking
from photosearch.store.reader import Reader


class VideoFrames:
    """The frames of one model's videos, beside the matrix of photos. Thread-safe for queries.

    Args:
        device: where they live, as torch names it.
    """

    def __init__(self, model_id: str, device: str = "cpu") -> None:
        self._model_id = model_id
        self._matrix = Matrix(device)
        self._frames = np.empty(0, dtype=FRAME)  # by id
        self._last = 0  # of what was read

    def __bool__(self) -> bool:
        """Are there any?"""
        return self._frames.size > 0

    @property
    def photos(self) -> NDArray[np.int64]:
        """Ids of the videos (n,), ascending."""
        return np.unique(self._frames["photo_id"])

    def read(self, reader: Reader) -> bool:
        """Take in those that were written since the last time; -> whether there are any.

        Raises:
            KnownError: the library is damaged, or its disk fails.
        """
        before = self._last
        while (new := reader.frame_vectors(self._model_id, self._last)).frames.size:
            frames = np.empty(len(new.frames), dtype=FRAME)
            frames["frame_id"], frames["photo_id"], frames["at_ms"] = new.frames, new.photos, new.at_ms
            self._frames = np.sort(np.concatenate([self._frames, frames]), order="frame_id")
            self._matrix.add(new.frames, new.vectors, new.bias)
            self._last = new.last
        return self._last > before

    def set_living(self, photos: NDArray[np.int64]) -> None:
        """Only frames of these photos can be found from now on."""
        if self:
            frames = self._frames
            self._matrix.set_living(frames["frame_id"][np.isin(frames["photo_id"], photos, kind="table")])

    def rank(self, query: NDArray[np.float32], among: NDArray[np.int64] | None = None) -> Ranking:
        """All living videos for a unit vector (D,), each by its best frame.

        Args:
            among: only these photos, by id; None: all
        """
        frames, wanted = self._frames, None
        if among is not None:
            wanted = frames["frame_id"][np.isin(frames["photo_id"], among, kind="table")]
        ranking = self._matrix.rank(query, wanted)
        return ranking.best_of_each(self._frames)  # as they are now: some may have come meanwhile

    def best(self, query: NDArray[np.float32], photo_id: int) -> tuple[NDArray[np.float32], float] | None:
        """Vector (D,) and bias of a living video's best frame; None of what is none."""
        frames = self._frames["frame_id"][self._frames["photo_id"] == photo_id]
        ids, _ = self._matrix.top(query, 1, frames) if len(frames) else (frames, None)
        if not len(ids):
            return None
        vector, bias = self._matrix.vector(int(ids[0])), self._matrix.bias(int(ids[0]))
        assert vector is not None and bias is not None
        return vector, bias
