"""A folder of photos and their vectors, in parts: each is written whole, and what lies in one is done."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock
import pyarrow as pa

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.writing import clear_unfinished
from photosearch.scale import FORMATS, LANCE, PARQUET, parquet, require, schema
from photosearch.scale.rows import FailedRow, Header, PhotoRow, Stamp, is_shard
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
        self._photos: set[Stamp] = set()
        self._failed: set[Stamp] = set()  # for good
        self._archives: set[Stamp] = set()  # of which all photos are done
        self._of_archives: Counter[tuple[bytes, bool]] = Counter()  # (path, whether they failed)
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
                self._archives.update(there.shards)
                for row in _rows(there.batches(_STAMPS_AT_ONCE, schema.STAMPS.names)):
                    self._photos.add(schema.stamp_of(row))
        failed = {
            schema.stamp_of(row): bool(row["passing"]) for row in _rows(_format(format_name).failures(folder))
        }
        self._failed.update(stamp for stamp, passing in failed.items() if not passing)
        if self._archives:
            self._of_archives.update((path, False) for one in self._photos for path in _archives_of(one))
            self._of_archives.update(
                (path, True) for one in failed if one not in self._photos for path in _archives_of(one)
            )

    def __contains__(self, stamp: Stamp) -> bool:
        return stamp in self._photos or stamp in self._failed or stamp in self._archives

    def photos(self, files: Iterable[Stamp]) -> tuple[int, int]:
        """How many photos the finished of these files gave, and how many of theirs failed for good."""
        there = failed = 0
        for file in files:
            if file in self._archives:
                there += self._of_archives[file.path, False]
                failed += self._of_archives[file.path, True]
            elif file in self._photos:
                there += 1
            elif file in self._failed:
                failed += 1
        return there, failed


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


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()


def _archives_of(photo: Stamp) -> list[bytes]:
    """The paths of the archives that it may be in, and its own where it is one."""
    pieces = photo.path.split(b"/")
    return [b"/".join(pieces[:end]) for end, name in enumerate(pieces, 1) if is_shard(name)]


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
