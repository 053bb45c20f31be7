"""A folder of Parquet files of photos: each is written whole, and what lies in one is done.

part-<when the run began>-<number>.parquet          photos; later parts go before earlier ones
failed/part-….parquet                               what gave no picture, by the same run
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock
import pyarrow as pa
import pyarrow.parquet as pq

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.writing import clear_unfinished, written_whole
from photosearch.scale import schema
from photosearch.scale.rows import FailedRow, Header, PhotoRow, Stamp

_ROWS_AT_ONCE = 512  # in a row group: about 15 MB of thumbnails
_FAILED = "failed"
# What is not damaged but meant to harm: names of columns are short, and there are a few dozen.
_SAFE: dict[str, Any] = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 1 << 20}


class PartWriter:
    """One part while it is written: a context manager, which names it where all went well.

    Raises:
        KnownError: the folder cannot be written.
    """

    def __init__(self, folder: Path, name: str, header: Header) -> None:
        self._folder, self._name, self._header = folder, name, header
        self._photos: list[PhotoRow] = []
        self._failed: list[FailedRow] = []
        self._undo = contextlib.ExitStack()
        self.seconds = 0.0  # that writing took until now

    def __enter__(self) -> Self:
        with _explained(self._folder), contextlib.ExitStack() as undo:
            self._folder.mkdir(parents=True, exist_ok=True)
            # After a worker was killed the same part is written again.
            file = undo.enter_context(written_whole(self._folder / self._name, again=True))
            self._parquet = undo.enter_context(
                pq.ParquetWriter(file, schema.photos(self._header), compression="zstd")
            )
            self._undo = undo.pop_all()
        return self

    def add(self, photo: PhotoRow) -> None:
        """Take a photo."""
        self._photos.append(photo)
        if len(self._photos) == _ROWS_AT_ONCE:
            began = time.perf_counter()
            with _explained(self._folder):
                self._write()
            self.seconds += time.perf_counter() - began

    def fail(self, failed: FailedRow) -> None:
        """Take a file that gave no picture."""
        self._failed.append(failed)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        began = time.perf_counter()
        with _explained(self._folder):
            if error:
                self._undo.__exit__(kind, error, trace)
                return
            with self._undo:
                self._write()
                if self._failed:  # first: once the part has its name, all of it is done
                    (self._folder / _FAILED).mkdir(exist_ok=True)
                    with written_whole(self._folder / _FAILED / self._name, again=True) as file:
                        pq.write_table(schema.failed_table(self._failed), file, compression="zstd")
        self.seconds += time.perf_counter() - began

    def _write(self) -> None:
        if self._photos:
            self._parquet.write_table(schema.photos_table(self._photos, self._header))
            self._photos.clear()


class Done:
    """What the finished parts of a folder hold, and what is known to fail.

    Args:
        header: of what is to be written there

    Raises:
        KnownError: a part cannot be read, or is of another model.
    """

    def __init__(self, folder: Path, header: Header) -> None:
        self._stamps: set[Stamp] = set()
        for path in part_files(folder):
            with opened(path) as (parquet, there):
                if there.model_id != header.model_id:
                    raise KnownError(
                        "{folder} holds vectors of the model {there}, not of {model}; name another folder, "
                        "or the same model.",
                        folder=folder,
                        there=there.model,
                        model=header.model,
                    )
                if there.shard:
                    self._stamps.add(there.shard)
                self._take(parquet, lambda row: True)
        for path in part_files(folder / _FAILED):
            with _parquet(path) as parquet:
                self._take(parquet, lambda row: not row["passing"], "passing")

    def __contains__(self, stamp: Stamp) -> bool:
        return stamp in self._stamps

    def _take(self, parquet: pq.ParquetFile, counts: Callable[[dict[str, Any]], bool], *more: str) -> None:
        for batch in parquet.iter_batches(columns=["path", "path_bytes", "size", "mtime_ns", *more]):
            self._stamps.update(
                Stamp(schema.path_of(row), row["size"], row["mtime_ns"])
                for row in batch.to_pylist()
                if counts(row)
            )


@contextlib.contextmanager
def kept_for_us(folder: Path) -> Iterator[None]:
    """Keep other commands off the folder, which is made, and clear away what a killed one left.

    Raises:
        KnownError: another command has it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except FileExistsError:
        raise KnownError("{path} is a file; name a folder.", path=folder) from None
    except filelock.Timeout:
        raise KnownError("Another command is writing to {folder}.", folder=folder) from None
    except OSError as error:
        raise KnownError(
            "{path} cannot be written: {reason}.", path=folder, reason=system_reason(error)
        ) from error
    try:
        clear_unfinished(folder)
        yield
    finally:
        lock.release()


def part_files(folder: Path) -> list[Path]:
    """The finished parts of a folder, the oldest first; none where there is no such folder."""
    with _explained(folder):
        return sorted(folder.glob("part-*.parquet"))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[pq.ParquetFile, Header]]:
    """A part to be read, and its header.

    Raises:
        KnownError: it is damaged, or none of ours.
    """
    with _parquet(path) as parquet:
        try:
            header = schema.header_of(parquet.schema_arrow)
        except KnownError as error:
            raise KnownError("{path} cannot be read: {reason}.", path=path, reason=error.sentence) from None
        yield parquet, header


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


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KnownError(
            "{folder} cannot be written or read: {reason}.",
            folder=folder,
            reason=system_reason(error),
        ) from error
