"""Writes what was learnt: into a hidden folder beside the place, then renamed, so nobody meets a half."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import msgspec

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.teaching import TeachReport
from photosearch.models.config import CONFIG, TOKENIZER, WEIGHTS, read_config
from photosearch.models.lesson import LESSON, Lesson, write_lesson

REPORT = "report.json"


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """An empty folder to write into, which becomes `out` when the block ends well.

    An earlier output at `out` is replaced. What a killed process left beside it is removed.

    Raises:
        KnownError: `out` holds something else, another process writes there, or the disk refuses.
    """
    if out.exists() and not (out / REPORT).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise KnownError("{out} is there and no earlier lesson; name a new folder with --out.", out=out)
    hidden = out.absolute().parent / f".{out.absolute().name}.teaching"
    with _disk_errors(out):
        hidden.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(hidden / "lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise KnownError("Another teaching is writing to {out}; let it end first.", out=out) from None
    fresh, old = hidden / "fresh", hidden / "old"
    try:
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
        with _disk_errors(out):
            fresh.mkdir()
        yield fresh
        with _disk_errors(out):
            if out.exists():
                out.rename(old)
            fresh.rename(out)
    finally:
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
        lock.release()
        shutil.rmtree(hidden, ignore_errors=True)


def write_output(folder: Path, lesson: Lesson, report: TeachReport, base: Path | None) -> None:
    """The lesson and its report, and with `base` copies of that model's files, which make it a model folder.

    Raises:
        KnownError: the disk refuses.
    """
    with _disk_errors(folder):
        if base:
            # And nothing that lies beside them.
            for name in (WEIGHTS, TOKENIZER, CONFIG, *read_config(base).exports):
                shutil.copyfile(base / name, folder / name)
        write_lesson(folder / LESSON, lesson)
        (folder / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    """Raises KnownError where the disk refuses."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise KnownError(
                "The disk is full, so that the lesson cannot be written to {out}; make room and teach again.",
                out=out,
            ) from error
        raise KnownError(
            "The lesson cannot be written to {path}: {reason}.", path=out, reason=system_reason(error)
        ) from error
