"""A part as a Parquet file.

part-<when the run began>-<number>.parquet          photos; later parts go before earlier ones
failed/part-….parquet                               what gave no picture, by the same run
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from photosearch.core.errors import KnownError
from photosearch.core.writing import written_whole
from photosearch.scale import schema
from photosearch.scale.rows import Header
from photosearch.scale.tables import Photos, Writing, marked

_FAILED = "failed"
_COMPRESSION = "zstd"
# What is not damaged but meant to harm: names of columns are short, and there are a few dozen.
_SAFE: dict[str, Any] = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 1 << 20}


def prepare(folder: Path, header: Header) -> None:
    """See Format; there is nothing to do."""


@contextlib.contextmanager
def writing(folder: Path, name: str, header: Header) -> Iterator[Writing]:
    """See Format; rows of photos go to the disk as they come."""
    file_name = f"{name}.parquet"

    def failed(table: pa.Table) -> None:  # before the part has its name, by which all of it is done
        (folder / _FAILED).mkdir(exist_ok=True)
        with written_whole(folder / _FAILED / file_name, again=True) as file:
            pq.write_table(table, file, compression=_COMPRESSION)

    # After a worker was killed the same part is written again.
    with (
        written_whole(folder / file_name, again=True) as file,
        pq.ParquetWriter(file, schema.photos(header), compression=_COMPRESSION) as photos,
    ):
        yield Writing(photos.write_table, failed)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Photos]:
    """See Format."""
    with _parquet(path) as parquet:
        header = marked(path, parquet.schema_arrow)

        def batches(at_once: int, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
            yield from parquet.iter_batches(at_once, columns=columns)

        shards = (header.shard,) if header.shard else ()
        yield Photos(header, parquet.metadata.num_rows, shards, batches)


def failures(folder: Path) -> Iterator[pa.RecordBatch]:
    """See Format."""
    for path in sorted((folder / _FAILED).glob("part-*.parquet")):
        with _parquet(path) as parquet:
            yield from parquet.iter_batches()


@contextlib.contextmanager
def _parquet(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path, **_SAFE) as parquet:
            yield parquet
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise KnownError(
            "{path} cannot be read, as it is damaged or no Parquet; remove it, and what was in it is done "
            "anew.",
            path=path,
        ) from error
