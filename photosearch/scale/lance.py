"""All parts as one data set of Lance, which is a database of LanceDB with these tables.

photos.lance          each part is a version, and a fragment; later rows go before earlier ones
failed.lance          what gave no picture
archives.lance        archives whose photos are all in
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa

from photosearch.core.errors import KnownError
from photosearch.scale import schema
from photosearch.scale.rows import Header
from photosearch.scale.tables import Photos, Writing, marked

_PHOTOS, _FAILED, _ARCHIVES = "photos", "failed", "archives"
_SUFFIX = ".lance"
_ROWS_AT_ONCE = 4096  # of stamps


def prepare(folder: Path, header: Header) -> None:
    """See Format; workers then only add to tables, which any number of them may do at once."""
    tables = {_PHOTOS: schema.photos(header), _FAILED: schema.FAILED, _ARCHIVES: schema.STAMPS}
    with _explained(folder):
        database = lancedb.connect(folder)
        for name, columns in tables.items():
            database.create_table(name, schema=columns, exist_ok=True)


@contextlib.contextmanager
def writing(folder: Path, name: str, header: Header) -> Iterator[Writing]:
    """See Format; a part is kept in memory until it is whole."""
    waiting: dict[str, list[pa.Table]] = {_FAILED: [], _PHOTOS: [], _ARCHIVES: []}
    yield Writing(waiting[_PHOTOS].append, waiting[_FAILED].append)
    if header.shard:
        waiting[_ARCHIVES].append(schema.stamps_table([header.shard]))
    database = lancedb.connect(folder)
    # In this order: a kill between two makes the part be done anew, and costs nothing else.
    for table, rows in waiting.items():
        if rows:
            with _explained(folder / f"{table}{_SUFFIX}"):
                database.open_table(table).add(pa.concat_tables(rows))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Photos]:
    """See Format."""
    with _explained(path):
        table = _table(path)
        header = marked(path, table.schema)
        shards = tuple(
            schema.stamp_of(row)
            for batch in _batches(path.with_name(f"{_ARCHIVES}{_SUFFIX}"), _ROWS_AT_ONCE)
            for row in batch.to_pylist()
        )

        def batches(at_once: int, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
            return _batches(path, at_once, columns)

        yield Photos(header, table.count_rows(), shards, batches)


def failures(folder: Path) -> Iterator[pa.RecordBatch]:
    """See Format."""
    path = folder / f"{_FAILED}{_SUFFIX}"
    with _explained(path):
        yield from _batches(path, _ROWS_AT_ONCE)


def _batches(path: Path, at_once: int, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    if not path.is_dir():
        return
    query = _table(path).search()
    if columns:
        query = query.select(columns)
    yield from query.limit(None).to_batches(at_once)


def _table(path: Path) -> Any:
    return lancedb.connect(path.parent).open_table(path.stem)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, RuntimeError, ValueError) as error:  # as Lance tells damage and disks
        raise KnownError(
            "{path} cannot be read or written: {reason}.", path=path, reason=str(error)[:200]
        ) from error
