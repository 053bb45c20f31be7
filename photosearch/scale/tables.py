"""What a folder keeps vectors in: Parquet files, or tables of Lance. Both have the columns of schema."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from photosearch.core.errors import KnownError
from photosearch.scale import schema
from photosearch.scale.rows import Header, Stamp


class Batches(Protocol):
    """Reads rows in order, `at_once` in a batch; all columns, or some."""

    def __call__(self, at_once: int, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]: ...


class Photos(NamedTuple):
    """A file or table of photos that is open."""

    header: Header
    rows: int
    shards: tuple[Stamp, ...]  # archives of which all photos are there
    batches: Batches


class Writing(NamedTuple):
    """Take rows of a part: photos any number of times, then, where there are any, failures once."""

    photos: Callable[[pa.Table], object]
    failed: Callable[[pa.Table], object]


class Format(Protocol):
    """How parts are kept. What raises KnownError says which file is damaged, OSError is the disk's."""

    def prepare(self, folder: Path, header: Header) -> None:
        """Make a folder ready for workers."""

    def writing(self, folder: Path, name: str, header: Header) -> AbstractContextManager[Writing]:
        """A part, which is there once the context is left without an error."""

    def opened(self, path: Path) -> AbstractContextManager[Photos]:
        """One of these, to be read."""

    def failures(self, folder: Path) -> Iterator[pa.RecordBatch]:
        """What gave no picture."""


def marked(path: Path, columns: pa.Schema) -> Header:
    """What a file or table of photos says of itself.

    Raises:
        KnownError: it is none of ours.
    """
    try:
        return schema.header_of(columns)
    except KnownError as error:
        raise KnownError("{path} cannot be read: {reason}.", path=path, reason=error.sentence) from None
