"""A folder of photos and their vectors, in parts: each is written whole, and what lies in one is done."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock
import pyarrow as pa

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.writing import clear_unfinished
from photosearch.scale import FORMATS, LANCE, PARQUET, parquet, require, schema
from photosearch.scale.rows import FailedRow, Header, PhotoRow, Stamp
from photosearch.scale.tables import Format, Photos

_ROWS_AT_ONCE = 512  # that wait to be written: about 8 MB of thumbnails
_STAMPS_AT_ONCE = 65_536
_GLOBS = {PARQUET: "part-*.parquet", LANCE: "photos.lance"}  # of photos


class PartWriter:
    """One part while it is written: a context manager, which names it where all went well.

    Raises:
        KnownError: the folder cannot be written.
    """

    def __init__(self, folder: Path, name: str, header: Header, format_name: str = PARQUET) -> None:
        self._folder, self._header = folder, header
        self._format, self._name = _format(format_name), name
        self._photos: list[PhotoRow] = []
        self._failed: list[FailedRow] = []
        self._undo = contextlib.ExitStack()
        self.seconds = 0.0  # that writing took until now

    def __enter__(self) -> Self:
        with _explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._part = self._undo.enter_context(
                self._format.writing(self._folder, self._name, self._header)
            )
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
                if self._failed:
                    self._part.failed(schema.failed_table(self._failed))
        self.seconds += time.perf_counter() - began

    def _write(self) -> None:
        if self._photos:
            self._part.photos(schema.photos_table(self._photos, self._header))
            self._photos.clear()


class Done:
    """What the finished parts of a folder hold, and what is known to fail.

    Args:
        header: of what is to be written there, in this format

    Raises:
        KnownError: a part cannot be read, or is of another model, or the folder is of another format.
    """

    def __init__(self, folder: Path, header: Header, format_name: str = PARQUET) -> None:
        self._stamps: set[Stamp] = set()
        for other in FORMATS:
            if other != format_name and _photos(folder, other):
                raise KnownError(
                    "{folder} holds vectors in the format {format}; name another folder, or --format "
                    "{format}.",
                    folder=folder,
                    format=other,
                )
        for path in _photos(folder, format_name):
            with opened(path) as there:
                if there.header.model_id != header.model_id:
                    raise KnownError(
                        "{folder} holds vectors of the model {there}, not of {model}; name another folder, "
                        "or the same model.",
                        folder=folder,
                        there=there.header.model,
                        model=header.model,
                    )
                self._stamps.update(there.shards)
                self._take(there.batches(_STAMPS_AT_ONCE, schema.STAMPS.names), lambda row: True)
        self._take(_format(format_name).failures(folder), lambda row: not row["passing"])

    def __contains__(self, stamp: Stamp) -> bool:
        return stamp in self._stamps

    def _take(self, batches: Iterable[pa.RecordBatch], counts: Callable[[dict[str, Any]], bool]) -> None:
        for batch in batches:
            self._stamps.update(schema.stamp_of(row) for row in batch.to_pylist() if counts(row))


@contextlib.contextmanager
def kept_for_us(folder: Path, header: Header, format_name: str) -> Iterator[Done]:
    """Keep other commands off the folder, which is made ready for parts of a format; -> what it holds.

    What a killed command left is cleared away.

    Raises:
        KnownError: another command has it, or it cannot be written; see Done.
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
        done = Done(folder, header, format_name)
        with _explained(folder):
            _format(format_name).prepare(folder, header)
        yield done
    finally:
        lock.release()


def photos(folder: Path) -> list[Path]:
    """The files or tables of photos in a folder, the oldest first; none where there is no such folder.

    Raises:
        KnownError: it cannot be read.
    """
    return [path for name in FORMATS for path in _photos(folder, name)]


def opened(path: Path) -> contextlib.AbstractContextManager[Photos]:
    """One of these, to be read.

    Raises:
        KnownError: it is damaged, or none of ours.
    """
    return _format(path.suffix.removeprefix(".")).opened(path)


def _photos(folder: Path, format_name: str) -> list[Path]:
    with _explained(folder):
        return sorted(folder.glob(_GLOBS[format_name]))


def _format(name: str) -> Format:
    if name == PARQUET:
        return parquet
    require(name)
    from photosearch.scale import lance

    return lance


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
