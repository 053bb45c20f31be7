"""Indexing jobs, one at a time: what a person waits for goes before what nobody waits for."""

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

import msgspec

from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.messages import Job
from photosearch.core.progress import Control, IndexReport

Run = Callable[[frozenset[bytes], Control], IndexReport]  # the folders' paths; raises Cancelled, KnownError

PausedBy = Literal["person", "battery"]


class IndexJobs:
    """A queue in front of `run`.

    Args:
        run: brings folders up to date, on the one thread of this queue.
        on_failure: told of an error in a job that nobody waits for.
        on_change: called when a job came, began or ended.
    """

    def __init__(
        self,
        run: Run,
        on_failure: Callable[[BaseException], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._on_failure = on_failure
        self._on_change = on_change
        self._changed = threading.RLock()
        self._thread = ThreadPoolExecutor(1, "engine-jobs")
        self._ids = itertools.count(1)
        self._present: Job | None = None
        self._waiting: dict[int, tuple[Job, Future[IndexReport]]] = {}  # that somebody asked for
        self._hints: set[bytes] = set()
        self._hints_id = 0
        self._unwanted = 0  # the id of a job that the person ended
        self._control = Control()  # of the present job
        self._interruptible = False  # the present job follows a hint
        self._leisurely: Control | None = None  # of the part of the present job that gives way to hints
        self._paused_by: set[PausedBy] = set()
        self._closing = False

    def index(self, folders: Collection[bytes], run: Run | None = None) -> Future[IndexReport]:
        """A job of its own for these folders; it interrupts hinted work, which goes on afterwards.

        Args:
            run: what it is to do; None: bring the folders up to date
        """
        with self._changed:
            if self._closing:
                raise Cancelled
            if self._interruptible:
                self._control.cancel()
            job = Job(next(self._ids), tuple(sorted(folders)), running=True, asked=True)
            future: Future[IndexReport] = Future()
            self._waiting[job.job_id] = (job, future)
            self._thread.submit(self._run_asked, job.job_id, run or self._run)
        self._on_change()
        return future

    def hint(self, folders: Collection[bytes]) -> None:
        """Look at these folders when there is time; hints that wait are joined into one job."""
        with self._changed:
            if self._closing or not folders:
                return
            if not self._hints:
                self._hints_id = next(self._ids)
            self._hints.update(folders)
            if self._leisurely and self._interruptible:
                self._leisurely.cancel()
            self._thread.submit(self._run_hints).add_done_callback(self._on_hints_done)
        self._on_change()

    @contextlib.contextmanager
    def giving_way(self, control: Control) -> Iterator[Control]:
        """For the present job: a part of it, which ends for a hint where nobody waits for the job.

        Args:
            control: the job's; -> the part's.
        """
        part = control.part()
        with self._changed:
            self._leisurely = part
            if self._hints and self._interruptible:
                part.cancel()
        try:
            yield part
        finally:
            with self._changed:
                self._leisurely = None

    def jobs(self) -> tuple[Job, ...]:
        """The present one and those that wait, in the order in which they run."""
        with self._changed:
            waiting = [msgspec.structs.replace(job, running=False) for job, _ in self._waiting.values()]
            if self._hints:
                waiting.append(Job(self._hints_id, tuple(sorted(self._hints)), running=False))
            return (*([self._present] if self._present else []), *waiting)

    def end(self, job_id: int) -> None:
        """End a job, or take it out of the queue; who waits for it gets Cancelled. Unknown ids are over.

        Hints that wait for its folders end with it, or what a person stopped would go on.
        """
        with self._changed:
            if self._present and self._present.job_id == job_id:
                self._unwanted = job_id
                self._control.cancel()
                self._hints.difference_update(self._present.folders)
            elif job_id in self._waiting:
                job, future = self._waiting.pop(job_id)
                self._hints.difference_update(job.folders)
                future.cancel()
            elif self._hints and job_id == self._hints_id:
                self._hints.clear()
        self._on_change()

    def drop(self, folder: bytes) -> None:
        """A folder was removed: end what is done in it at once, and go on in the other folders of its job.

        Who waits for a job in this folder alone gets KnownError, also where it has not begun.
        """
        with self._changed:
            self._hints.discard(folder)
            if self._present and folder in self._present.folders:
                self._present = _without(self._present, folder)
                self._control.cancel()
            for job_id, (job, future) in list(self._waiting.items()):
                left = _without(job, folder)
                self._waiting[job_id] = (left, future)
                if not left.folders:
                    del self._waiting[job_id]
                    future.set_exception(_removed(job))
        self._on_change()

    @property
    def closing(self) -> bool:
        """Whether all jobs are being ended, and none is taken any more."""
        return self._closing

    @property
    def paused(self) -> bool:
        """Whether anything holds the jobs."""
        return bool(self._paused_by)

    def pause(self, by: PausedBy) -> None:
        """Let the present job and those that follow wait."""
        with self._changed:
            self._paused_by.add(by)
            self._control.pause()

    def resume(self, *by: PausedBy) -> None:
        """Lift these pauses; the jobs go on where none is left."""
        with self._changed:
            self._paused_by.difference_update(by)
            if not self._paused_by:
                self._control.resume()

    def cancel(self) -> None:
        """Let the present job end soon, and none start any more."""
        with self._changed:
            self._closing = True
            self._control.cancel()
            for _, future in self._waiting.values():
                future.cancel()
            self._waiting.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait for the present job to end; see `cancel`."""
        self._thread.shutdown(wait=True)

    def _run_asked(self, job_id: int, run: Run) -> None:
        with self._changed:
            if job_id not in self._waiting:  # it was taken out of the queue
                return
            job, future = self._waiting.pop(job_id)
            control = self._begin(job, interruptible=False)
        try:
            report = self._finished(job, run, control)
        except Exception as error:  # noqa: BLE001  (raised where somebody waits)
            future.set_exception(error)
        else:
            future.set_result(report)

    def _finished(self, job: Job, run: Run, control: Control) -> IndexReport:
        try:
            while True:
                try:
                    return run(frozenset(job.folders), control)
                except Cancelled:
                    job = self._without_dropped(job)
                    control = self._begin(job, interruptible=False)
        finally:
            with self._changed:
                self._present = None
            self._on_change()

    def _without_dropped(self, job: Job) -> Job:
        """What is left of the present job, which was ended, where that was because a folder was removed.

        Raises:
            Cancelled: it was not.
            KnownError: nothing is left.
        """
        with self._changed:
            left = self._present
        assert left is not None
        if left.folders == job.folders:
            raise Cancelled
        if not left.folders:
            raise _removed(job)
        return left

    def _run_hints(self) -> None:
        with self._changed:
            if self._waiting or not self._hints:
                # The jobs that were asked for stand in line behind this one: take a new place behind them.
                self.hint(frozenset(self._hints))
                return
            job = Job(self._hints_id, tuple(sorted(self._hints)), running=True)
            self._hints = set()
            control = self._begin(job, interruptible=True)
        try:
            self._run(frozenset(job.folders), control)
        except Cancelled:
            if self._unwanted != job.job_id:
                self.hint(self._present.folders if self._present else ())  # without what was dropped
        finally:
            with self._changed:
                self._interruptible = False
                self._present = None
            self._on_change()

    def _begin(self, job: Job, *, interruptible: bool) -> Control:
        with self._changed:
            self._present = job
            self._interruptible = interruptible
            self._control = Control()
            if self._paused_by:
                self._control.pause()
            if self._closing:
                self._control.cancel()
            control = self._control
        self._on_change()
        return control

    def _on_hints_done(self, job: Future[None]) -> None:
        if not job.cancelled() and (error := job.exception()):
            self._on_failure(error)


def _without(job: Job, folder: bytes) -> Job:
    return msgspec.structs.replace(job, folders=tuple(other for other in job.folders if other != folder))


def _removed(job: Job) -> KnownError:
    folders = ", ".join(map(os.fsdecode, job.folders))
    return KnownError("{folders} was removed from the library meanwhile.", folders=folders)
