"""The vectors of one model as one flat file that can be mapped: a cache of SQLite, rebuilt when in doubt.

`vectors/<model_id>.f16` holds the rows (N, D) float16, `<model_id>.rows` beside it photo ids and biases.
Rows are only ever appended, in the order in which they came.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.paths import Library
from photosearch.store.connect import explained
from photosearch.store.reader import Reader

_ROW = np.dtype([("photo_id", "<i8"), ("bias", "<f4")])

# A power cut can leave blocks of zeros in what was not flushed yet. That is always less than the tail which
# open() compares with SQLite: UNFLUSHED of earlier appends and UNFLUSHED of the present one.
UNFLUSHED = 2048  # rows
TAIL = 2 * UNFLUSHED
SAMPLES = 256  # rows before the tail that are compared too, for a library that was put back from a copy


class VectorFile:
    """Rows as they were when the file was opened: `ids` (N,), `vectors` (N, D) mapped, `bias` (N,).

    Appended rows are for the next time. For one process at a time; not thread-safe.
    """

    ids: NDArray[np.int64]
    vectors: NDArray[np.float16]
    bias: NDArray[np.float32]

    def __init__(self, library: Library, model_id: str, dim: int) -> None:
        self._library = library
        self._dim = dim
        self._vectors_path = library.vectors / f"{model_id}.f16"
        self._rows_path = library.vectors / f"{model_id}.rows"
        self._unflushed = 0
        with explained(library):
            library.vectors.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._vectors_path.touch()
            self._rows_path.touch()
            # A torn append leaves part of a row, or rows in the first file only.
            self._begin_with(
                min(
                    self._vectors_path.stat().st_size // (2 * dim),
                    self._rows_path.stat().st_size // _ROW.itemsize,
                )
            )

    @classmethod
    def open(cls, library: Library, model_id: str, dim: int, reader: Reader) -> VectorFile:
        """Open the file, with what it lacks added from SQLite, or all of it made anew if it disagrees.

        Raises:
            KnownError: the disk is full, or the library cannot be written or is damaged.
        """
        file = cls(library, model_id, dim)
        known = reader.vector_ids(model_id)
        if not file._agrees(known, model_id, reader):
            file._begin_with(0)
        missing = known[~np.isin(known, file.ids, kind="table")]
        for rows in reader.vectors_of(missing, model_id):
            file.append(*rows)
        file._map()
        return file

    @staticmethod
    def remove(library: Library, model_id: str) -> None:
        """Delete the files of a model that nobody uses."""
        with explained(library):
            for ending in ("f16", "rows"):
                (library.vectors / f"{model_id}.{ending}").unlink(missing_ok=True)

    def append(self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        """Add rows: ids (n,), vectors (n, D), bias (n,).

        Raises:
            KnownError: the disk is full or fails; what was written of the rows is overwritten by the next.
        """
        rows = np.empty(len(ids), dtype=_ROW)
        rows["photo_id"] = ids
        rows["bias"] = bias
        for start in range(0, len(ids), UNFLUSHED):
            part = slice(start, start + UNFLUSHED)
            self._unflushed += len(rows[part])
            flush = self._unflushed >= UNFLUSHED
            with explained(self._library):
                self._write(self._vectors_path, vectors[part].astype("<f2").tobytes(), 2 * self._dim, flush)
                self._write(self._rows_path, rows[part].tobytes(), _ROW.itemsize, flush)
            self._count += len(rows[part])
            if flush:
                self._unflushed = 0

    def _write(self, path: Path, data: bytes, row_bytes: int, flush: bool) -> None:
        with path.open("r+b") as file:
            file.seek(self._count * row_bytes)
            file.write(data)
            if flush:
                file.flush()
                os.fsync(file.fileno())

    def _begin_with(self, count: int) -> None:
        """Keep the first rows only."""
        self._count = 0
        self._map()  # a mapped file cannot be cut on Windows
        with explained(self._library):
            os.truncate(self._rows_path, count * _ROW.itemsize)
            os.truncate(self._vectors_path, count * 2 * self._dim)
        self._count = count
        self._map()

    def _map(self) -> None:
        if self._count == 0:
            self.ids, self.bias = np.empty(0, np.int64), np.empty(0, np.float32)
            self.vectors = np.empty((0, self._dim), np.float16)
            return
        with explained(self._library):
            rows = np.fromfile(self._rows_path, dtype=_ROW, count=self._count)
            # Copy-on-write, for torch takes no arrays that are read-only; nobody writes to it.
            self.vectors = np.memmap(
                self._vectors_path, dtype="<f2", mode="c", shape=(self._count, self._dim)
            )
        self.ids = np.ascontiguousarray(rows["photo_id"])
        self.bias = np.ascontiguousarray(rows["bias"])

    def _agrees(self, known: NDArray[np.int64], model_id: str, reader: Reader) -> bool:
        """Whether no row is foreign, and the newest and a sample of the others are as in SQLite."""
        if self._count == 0:
            return True
        if not np.diff(np.sort(self.ids)).all() or not np.isin(self.ids, known, kind="table").all():
            return False
        sample = np.unique(
            np.r_[
                np.linspace(0, self._count - 1, min(self._count, SAMPLES)).astype(np.int64),
                np.arange(max(self._count - TAIL, 0), self._count),
            ]
        )
        place = 0
        for ids, vectors, bias in reader.vectors_of(self.ids[sample], model_id):
            rows = sample[place : place + len(ids)]
            if (
                vectors.tobytes() != self.vectors[rows].tobytes()
                or bias.tobytes() != self.bias[rows].tobytes()
            ):
                return False
            place += len(ids)
        return place == len(sample)
