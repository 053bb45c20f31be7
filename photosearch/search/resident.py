"""A model's photos in memory: the matrix, and the flat file that it is mapped from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.paths import Library
from photosearch.search.matrix import Matrix
from photosearch.search.ranking import Ranking
from photosearch.store.connect import NotWritable
from photosearch.store.reader import Reader
from photosearch.store.vectors import VectorFile


class ResidentVectors(Matrix):
    """The matrix of all vectors of a model, in step with their file, of which it is the one user.

    Args:
        device: where the matrix lives, as torch names it.

    Raises:
        KnownError: from any method, when the library is damaged or its disk full.
    """

    def __init__(self, library: Library, model_id: str, dim: int, reader: Reader, device: str) -> None:
        super().__init__(device)
        try:
            self._file: VectorFile | None = VectorFile.open(library, model_id, dim, reader)
            self.load(self._file.ids, self._file.vectors, self._file.bias)
        except NotWritable:  # it is a cache, which can be done without
            self._file = None
            for rows in reader.vectors(model_id):
                super().add(*rows)

    def rank(
        self,
        query: NDArray[np.float32],
        among: NDArray[np.int64] | None = None,
        also: NDArray[np.int64] | None = None,
        level: float = np.inf,
    ) -> Ranking:
        """See VectorIndex; all are scored."""
        return super().rank(query, among)

    def add(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """See Matrix."""
        new = super().add(ids, vectors, bias)
        if self._file is not None:
            self._file.append(ids[new], vectors[new], bias[new])
        return new
