"""Vectors in LanceDB, an embedded store that reads what a query needs from its files."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("LANCEDB_LOG", "error")  # what it warns of is for programmers

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import IvfSq
from lancedb.query import LanceVectorQueryBuilder
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.search.stores import Ids, StoreDamaged, StoreGone, width

_TABLE = "photos"
_ROWS_A_PARTITION = 4096
_CACHED_BYTES = 256 << 20  # of the index
INDEXED = 20_000  # rows from which they are; fewer are all looked at
_GROWN = 10  # hundredths of the rows that are worth indexing
_LISTED_AT_ONCE = 65_536
_SYSTEM = re.compile(r"\(os error (?!2\))")  # what it did not do is no damage; 2: there is no such file
_PLACE = re.compile(r", \S+\.rs:\d+:\d+.*", re.DOTALL)  # in LanceDB's sources, that it ends with
_KEPT = timedelta(hours=1)  # of files that were replaced, which a query may still read


class LanceStore:
    """One folder, of one model.

    Args:
        dim: D of its vectors
        indexed: rows from which they are indexed

    Raises:
        KnownError: it cannot be written.
        StoreDamaged: what is there is none, or not whole.
    """

    efforts = (8, 32, 128)  # partitions that are looked at

    def __init__(self, folder: Path, dim: int, indexed: int = INDEXED) -> None:
        self._folder, self._dim, self._width, self._indexed = folder, dim, width(dim), indexed
        self._schema = pa.schema([("photo_id", pa.int64()), ("vector", pa.list_(pa.float16(), self._width))])
        self._is_open = False
        with self._explained():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            session = lancedb.Session(index_cache_size_bytes=_CACHED_BYTES)
            database = lancedb.connect(folder, session=session)
            self._table = database.create_table(_TABLE, schema=self._schema, exist_ok=True)
            self._is_open = True

    def ids(self) -> Ids:
        """See VectorStore."""
        found = [np.empty(0, np.int64)]
        with self._explained():
            rows = self._table.search().select(["photo_id"]).limit(None)
            found += [batch.column(0).to_numpy() for batch in rows.to_batches(_LISTED_AT_ONCE)]
        return np.concatenate(found)

    def add(self, ids: Ids, points: NDArray[np.float16]) -> None:
        """See VectorStore."""
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(points.reshape(-1)), self._width)
        with self._explained():
            self._table.add(pa.Table.from_arrays([pa.array(ids), vectors], schema=self._schema))

    def remove(self, ids: Ids) -> None:
        """See VectorStore."""
        with self._explained():
            self._table.delete(f"photo_id IN ({', '.join(map(str, ids.tolist()))})")

    def nearest(self, point: NDArray[np.float32], k: int, effort: int) -> Ids:
        """See VectorStore."""
        with self._explained():  # what is cached answers for a deleted table, too
            query = self._table.search(point, vector_column_name="vector", query_type="vector")
            assert isinstance(query, LanceVectorQueryBuilder)
            query = query.distance_type("dot").nprobes(effort).limit(k).select(["photo_id", "_distance"])
            ids: Ids = query.to_arrow()["photo_id"].to_numpy()
        return ids

    def build(self) -> bool:
        """See VectorStore."""
        with self._explained():
            rows = self._table.count_rows()
            index = next((one.name for one in self._table.list_indices()), None)
            stats = self._table.index_stats(index) if index else None
            new = rows - (stats.num_indexed_rows if stats else 0)
            if rows < self._indexed or new <= rows * _GROWN // 100:
                return False
            if stats is None or new > stats.num_indexed_rows:  # the partitions are for half as many
                codes = IvfSq(distance_type="dot", num_partitions=max(1, rows // _ROWS_A_PARTITION))
                self._table.create_index("vector", config=codes, replace=True)
            self._table.optimize(cleanup_older_than=_KEPT)
        return True

    def check(self) -> int:
        """See VectorStore."""
        self._look()
        anew = LanceStore(self._folder, self._dim)  # what is cached answers for a damaged table, too
        anew.nearest(np.zeros(self._width, np.float32), 1, self.efforts[0])
        return len(anew.ids())

    def close(self) -> None:
        """See VectorStore."""

    def _look(self) -> None:
        """
        Raises:
            StoreGone: it was deleted.
        """
        if self._is_open and not (self._folder / f"{_TABLE}.lance").exists():
            raise StoreGone("The vectors in {folder} were deleted.", folder=self._folder)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
            self._look()
        except (OSError, RuntimeError, ValueError) as error:  # as LanceDB reports disks and damage
            self._look()
            reason = _PLACE.sub("", str(error))[:200]
            if isinstance(error, OSError) or _SYSTEM.search(str(error)):
                raise KnownError(
                    "The vectors in {folder} cannot be read or written; see to that folder and its disk, or "
                    "go back to memory: photosearch vectors use memory. LanceDB says: {reason}",
                    folder=self._folder,
                    reason=reason,
                ) from error
            raise StoreDamaged(
                "The vectors in {folder} are damaged, and filled anew from the library once they are needed, "
                "or at once: photosearch vectors now. LanceDB says: {reason}",
                folder=self._folder,
                reason=reason,
            ) from error
