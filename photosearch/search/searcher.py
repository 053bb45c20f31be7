"""From a query, or a photo, to the photos that answer it best."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Encoder
from photosearch.core.errors import KnownError
from photosearch.core.messages import SearchResult
from photosearch.core.photo import Hit
from photosearch.paths import Library
from photosearch.search.confidence import BETWEEN_PHOTOS, label
from photosearch.search.query import Query
from photosearch.store.reader import Reader
from photosearch.store.vectors import VectorFile

if TYPE_CHECKING:
    from photosearch.search.ranking import Matrix


class Searcher:
    """Searches one library with one model. Thread-safe; the one user of the model's vector file.

    Args:
        device: where the matrix lives, as torch names it.

    Raises:
        KnownError: from any method, when the library is damaged or its disk full.
    """

    def __init__(self, library: Library, encoder: Encoder, device: str = "cpu") -> None:
        from photosearch.search.ranking import Matrix  # loads torch

        self._library = library
        self._encoder = encoder
        self._changing = threading.Lock()  # holds file, matrix and what is living in step
        self._matrix: Matrix = Matrix(device)
        with Reader.open(library) as reader:
            self._file = VectorFile.open(library, encoder.model_id, encoder.dim, reader)
            self._matrix.load(self._file.ids, self._file.vectors, self._file.bias)
            self._matrix.set_living(reader.living())

    def search(self, query: Query, k: int) -> SearchResult:
        """The best k photos for a sentence."""
        started = time.perf_counter()
        vector = self._encoder.encode_texts([query.text])[0]
        encoded = time.perf_counter()
        return self._ranked(query.text, vector, k, self._encoder.calibration, started, encoded)

    def similar(self, photo_id: int, k: int) -> SearchResult:
        """The k photos most like a photo, itself left out. Their score, too, is cosine minus bias.

        Raises:
            KnownError: the photo has no vector of this model.
        """
        started = time.perf_counter()
        vector = self._matrix.vector(photo_id)
        if vector is None:
            raise KnownError("This photo is not indexed yet; try again when indexing has finished.")
        return self._ranked("", vector, k, BETWEEN_PHOTOS, started, started, without=photo_id)

    def photos_added(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> None:
        """Make photos findable whose vectors were just committed: ids (n,), vectors (n, D), bias (n,)."""
        with self._changing:
            self._add(ids, vectors, bias)

    def photos_changed(self) -> None:
        """Look again at which photos still have a file, and at vectors that came by another way."""
        model_id = self._encoder.model_id
        with self._changing, Reader.open(self._library) as reader:
            missing = np.setdiff1d(reader.vector_ids(model_id), self._matrix.ids())
            for rows in reader.vectors_of(missing, model_id):
                self._add(*rows)
            self._matrix.set_living(reader.living())

    def _add(self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        new = self._matrix.add(ids, vectors, bias)
        self._file.append(ids[new], vectors[new], bias[new])

    def _ranked(
        self,
        text: str,
        vector: NDArray[np.float32],
        k: int,
        calibration: Calibration,
        started: float,
        encoded: float,
        without: int | None = None,
    ) -> SearchResult:
        searched = len(self._matrix)
        ids, scores = self._matrix.top(vector, k if without is None else k + 1)
        ranked = time.perf_counter()
        scored = {
            photo_id: score
            for photo_id, score in zip(ids.tolist(), scores.tolist(), strict=True)
            if photo_id != without
        }
        with Reader.open(self._library) as reader:
            photos = reader.photos(list(scored)[:k])
        return SearchResult(
            query=text,
            model=self._encoder.model_id,
            encode_ms=(encoded - started) * 1e3,
            rank_ms=(ranked - encoded) * 1e3,
            searched=searched,
            hits=[
                Hit(
                    photo_id=photo.photo_id,
                    path_bytes=photo.path_bytes,
                    score=scored[photo.photo_id],
                    confidence=label(scored[photo.photo_id], calibration),
                )
                for photo in photos
            ],
        )
