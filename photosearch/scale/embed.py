"""All photos of some sources into a folder of parts, by workers on one computer or many."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec
import psutil

from photosearch import programs
from photosearch.core.errors import KnownError
from photosearch.core.photo import FACTS_VERSION
from photosearch.core.progress import Progress, Rate
from photosearch.models.catalog import ModelInfo
from photosearch.scale import PARQUET, frames, sources
from photosearch.scale.cluster import end_with_children, environment
from photosearch.scale.frames import Answer, Begin, Chunk, NoMore, Over, Shares, Task
from photosearch.scale.parts import kept_for_us
from photosearch.scale.rows import Header

PART = 512  # photos
_LEAST_PART = 16  # photos, where there are too few for all workers
_TURNS = 4  # chunks for each worker, so that none waits long for the others at the end
LOG = "ray.log"


class Plan(msgspec.Struct, frozen=True):
    """What is to be done, and by whom."""

    sources: tuple[str, ...]  # see sources.find
    out: Path
    model: ModelInfo
    checkpoint: Path | None = (
        None  # the model's folder, which every computer sees; None: it is the bundled one
    )
    workers: int | None = None  # None: as many as there is room for
    part: int = PART  # photos
    batch: int | None = None  # photos that are encoded at once; None: as it suits the device
    address: str | None = None  # of a Ray cluster; None: on this computer alone
    format: str = PARQUET  # of what is written


class Summary(msgspec.Struct, frozen=True):
    """What a run did. Counts are of photos, those in archives, too; an archive that cannot be read is one."""

    embedded: int = 0
    failed: int = 0
    skipped: int = 0  # that lay in finished parts
    failed_before: int = 0  # for good, so that they were not tried again
    lost: int = 0  # files whose worker died each time, and that the next run tries again
    workers: int = 0
    cores: int = 0  # of a worker
    seconds: float = 0.0  # of all, from the beginning of Ray on
    decode_seconds: float = 0.0  # of all decoders together
    encode_seconds: float = 0.0  # of all workers together
    write_seconds: float = 0.0


def embed(plan: Plan, standard: IO[bytes], on_progress: Callable[[Progress], None]) -> Summary:
    """Embed what no finished part holds.

    After Ctrl-C or a kill the same plan goes on where it was. A worker that dies is replaced, and its chunk
    done anew.

    Args:
        standard: where the list of paths comes from that the source "-" names
        on_progress: told when a chunk is done

    Raises:
        KnownError: a source or the folder cannot be read or written, or there are no photos; the model
            cannot be loaded; Ray does not start.
    """
    header = Header(plan.model.model_id, plan.model.name, plan.model.dim, FACTS_VERSION)
    # First, as a source that is mistyped is to leave no folder.
    found = dict.fromkeys(one for source in plan.sources for one in sources.find(source, standard))
    if not found and set(plan.sources) == {sources.STANDARD}:
        raise KnownError("There are no photos in the list.")
    if not found:
        raise KnownError("There are no photos in {sources}.", sources=" ".join(plan.sources))
    with kept_for_us(plan.out, header, plan.format) as done:
        files = [one for one in found if one[1] not in done]
        there, failed = done.photos(file for _, file in found)
        summary = Summary(skipped=there, failed_before=failed)
        if not files:
            return summary
        began = time.monotonic()
        on_progress(Progress("scanning", 0, len(files)))
        with _ray(plan) as (ray, shares):
            size = max(_LEAST_PART, min(plan.part, -(-len(files) // (_TURNS * shares.workers))))
            run = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
            task = Task(
                str(plan.out), run, header, str(plan.checkpoint or ""), shares, plan.batch, plan.format
            )
            tally = _Tally(len(files), on_progress)
            for answer in _answers(ray, task, sources.chunks(files, size)):
                tally.add(answer)
        return msgspec.structs.replace(
            tally.summary,
            skipped=summary.skipped,
            failed_before=summary.failed_before,
            lost=tally.left,
            workers=shares.workers,
            cores=shares.cores,
            seconds=time.monotonic() - began,
        )


@contextlib.contextmanager
def _ray(plan: Plan) -> Iterator[tuple["subprocess.Popen[bytes]", Shares]]:
    """The program of Ray's, ready to be told of chunks; it is ended whatever happens.

    Raises:
        KnownError: Ray does not start.
    """
    log = plan.out / LOG
    # Short, as it holds sockets, whose names have 107 characters at most.
    folder = tempfile.mkdtemp(prefix="photosearch-", dir=None if sys.platform == "win32" else "/tmp")
    with log.open("wb") as errors:
        child = subprocess.Popen(
            [*programs.command("photosearch.scale"), "embed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | (environment() if plan.address is None else {}),
            start_new_session=True,  # Ctrl-C is for us to hear
        )
    try:
        with child:
            assert child.stdin is not None and child.stdout is not None
            try:
                frames.send(child.stdin, Begin(folder, plan.address, plan.workers))
                yield child, frames.expect(child.stdout, Shares)
            except (EOFError, OSError):
                raise KnownError("Ray came to an end; {log} may say why.", log=log) from None
            finally:
                end_with_children(psutil.Process(child.pid), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(ray: "subprocess.Popen[bytes]", task: Task, chunks: Iterable[Chunk]) -> Iterator[Answer]:
    """
    Raises:
        KnownError: a worker met what no other would do better.
        EOFError, OSError: Ray came to an end.
    """
    assert ray.stdin is not None and ray.stdout is not None
    frames.send(ray.stdin, task)
    for chunk in chunks:
        frames.send(ray.stdin, chunk)
    frames.send(ray.stdin, NoMore())
    while not isinstance(answer := frames.receive(ray.stdout), Over):
        if not isinstance(answer, Answer):
            raise EOFError
        yield answer


class _Tally:
    """Adds up what was done, and tells of it."""

    def __init__(self, files: int, on_progress: Callable[[Progress], None]) -> None:
        self.summary = Summary()
        self.left = files
        self._on_progress = on_progress
        self._rate = Rate(120.0)
        self._rate.add(0)
        on_progress(Progress("indexing", 0, files))

    def add(self, answer: Answer) -> None:
        """Of an archive it is known only now how many photos it has."""
        before, report = self.summary, answer.report
        self.summary = msgspec.structs.replace(
            before,
            embedded=before.embedded + report.photos,
            failed=before.failed + report.failed,
            decode_seconds=before.decode_seconds + report.decode_seconds,
            encode_seconds=before.encode_seconds + report.encode_seconds,
            write_seconds=before.write_seconds + report.write_seconds,
        )
        self.left -= answer.files
        done = self.summary.embedded + self.summary.failed
        rate = self._rate.add(done)
        seconds = self.left / rate if rate else None
        self._on_progress(Progress("indexing", done, done + self.left, self.summary.failed, rate, seconds))
