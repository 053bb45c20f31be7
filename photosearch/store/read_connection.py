"""A library opened for reading, and how it is asked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from photosearch.paths import Library
from photosearch.store.connect import explained, open_for_reading

Column = Literal["camera", "format"]
# From each value on to the next by the index, without a look at what lies between.
_VALUES: dict[Column, str] = {
    "camera": """WITH RECURSIVE found (value) AS (
        SELECT min(camera) FROM photos WHERE held
        UNION ALL SELECT (SELECT min(camera) FROM photos WHERE held AND camera > value) FROM found
        WHERE value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL""",
    "format": """WITH RECURSIVE found (value) AS (
        SELECT min(format) FROM photos
        UNION ALL SELECT (SELECT min(format) FROM photos WHERE format > value) FROM found
        WHERE value IS NOT NULL
    ) SELECT value FROM found WHERE value IS NOT NULL""",
}
_WITH_VALUES: dict[Column, str] = {
    "camera": """SELECT group_concat(photo_id) FROM photos
        WHERE held AND camera IN (SELECT value FROM json_each(?))""",
    "format": """SELECT group_concat(photo_id) FROM photos
        WHERE format IN (SELECT value FROM json_each(?))""",
}


def json_of(ids: Sequence[int] | NDArray[np.int64]) -> str:
    """Integers as json_each() takes them, all in one bound value."""
    return json.dumps(np.asarray(ids, dtype=np.int64).tolist())


class ReadConnection:
    """A read-only connection. A context manager."""

    def __init__(self, library: Library, database: sqlite3.Connection) -> None:
        self._library = library
        self._database = database

    @classmethod
    def open(cls, library: Library, *, one_thread: bool = True) -> Self:
        """Open a library to read it.

        Args:
            one_thread: only the thread that calls may use it; False: any, one at a time

        Raises:
            NoLibrary: nothing was indexed here yet.
            KnownError: the library is damaged, or of a newer program.
        """
        return cls(library, open_for_reading(library, one_thread=one_thread))

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def version(self) -> int:
        """A number that is another one once somebody else has changed the library since this was opened."""
        version: int = self._value("PRAGMA data_version")
        return version

    def living(self) -> NDArray[np.int64]:
        """Ids of photos that at least one file holds, ascending (N,)."""
        # Ids are given in turn, and no row is ever deleted: it is read what is not there any more. All by one
        # statement, as photos come between two; each by its own SELECT, or SQLite looks at each row.
        (last,), (photos,), gone = self._integers(
            """SELECT CAST(coalesce((SELECT max(photo_id) FROM photos), 0) AS TEXT),
            CAST((SELECT count(*) FROM photos) AS TEXT),
            (SELECT group_concat(photo_id) FROM photos WHERE NOT held)"""
        )
        if photos != last:
            (ids,) = self._integers("SELECT group_concat(photo_id) FROM photos WHERE held")
            return np.sort(ids)
        held = np.ones(last + 1, dtype=bool)
        held[0] = False
        held[gone] = False
        return np.flatnonzero(held)

    def _with_value(self, column: Column, wanted: Callable[[str], bool]) -> NDArray[np.int64]:
        """Photos by a column of few values, which are looked through here: SQLite folds only ASCII."""
        values = list(filter(wanted, self._values(column)))
        (ids,) = self._integers(_WITH_VALUES[column], json.dumps(values))
        return ids

    def _values(self, column: Column) -> list[str]:
        return [value for (value,) in self._rows(_VALUES[column])]

    def _rows(self, sql: str, *bound: object) -> list[Any]:
        with explained(self._library):
            return self._database.execute(sql, bound).fetchall()

    def _value(self, sql: str, *bound: object) -> Any:
        """The first column of the first row; None without one."""
        rows = self._rows(sql, *bound)
        return rows[0][0] if rows else None

    def _integers(self, sql: str, *bound: object) -> list[NDArray[np.int64]]:
        """Columns of integers that SQLite joined with commas: faster than a Python object for each."""
        (row,) = self._rows(sql, *bound)
        return [np.fromstring(joined or "", dtype=np.int64, sep=",") for joined in row]

    def _numbers(self, sql: str, fields: Sequence[str], *bound: object) -> NDArray[np.void]:
        """Rows of numbers, by field, from eight hexadecimal digits each in texts that SQLite joined (N,)."""
        joined = self._value(sql, *bound) or ""
        with explained(self._library):
            return np.frombuffer(bytes.fromhex(joined), dtype=[(field, ">u4") for field in fields])
