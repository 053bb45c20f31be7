"""Indexing jobs, one at a time: what a person waits for goes before what nobody waits for."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor

from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control, IndexReport

Run = Callable[[frozenset[bytes], Control], IndexReport]  # the folders' paths; raises Cancelled, KnownError


class IndexJobs:
    """A queue in front of `run`.

    Args:
        run: brings folders up to date, on the one thread of this queue.
        on_failure: told of an error in a job that nobody waits for.
    """

    def __init__(self, run: Run, on_failure: Callable[[BaseException], None]) -> None:
        self._run = run
        self._on_failure = on_failure
        self._changed = threading.RLock()
        self._thread = ThreadPoolExecutor(1, "engine-jobs")
        self._hints: set[bytes] = set()
        self._asked = 0  # jobs that somebody waits for
        self._control = Control()  # of the present job
        self._interruptible = False  # the present job follows a hint
        self._paused = False
        self._closing = False

    def index(self, folders: Collection[bytes]) -> Future[IndexReport]:
        """A job of its own for these folders; it interrupts hinted work, which goes on afterwards."""
        with self._changed:
            if self._closing:
                raise Cancelled
            self._asked += 1
            if self._interruptible:
                self._control.cancel()
            return self._thread.submit(self._run_asked, frozenset(folders))

    def hint(self, folders: Collection[bytes]) -> None:
        """Look at these folders when there is time; hints that wait are joined into one job."""
        with self._changed:
            if self._closing or not folders:
                return
            self._hints.update(folders)
            self._thread.submit(self._run_hints).add_done_callback(self._look_at)

    @property
    def paused(self) -> bool:
        return self._paused

    def set_paused(self, paused: bool) -> None:
        """Of the present job and of those that follow."""
        with self._changed:
            self._paused = paused
            if paused:
                self._control.pause()
            else:
                self._control.resume()

    def cancel(self) -> None:
        """Let the present job end soon, and none start any more."""
        with self._changed:
            self._closing = True
            self._control.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        self._thread.shutdown(wait=True)

    def _run_asked(self, folders: frozenset[bytes]) -> IndexReport:
        try:
            return self._run(folders, self._begin(interruptible=False))
        finally:
            with self._changed:
                self._asked -= 1

    def _run_hints(self) -> None:
        with self._changed:
            if self._asked or not self._hints:
                # The jobs that were asked for stand in line behind this one: take a new place behind them.
                self.hint(frozenset(self._hints))
                return
            folders, self._hints = frozenset(self._hints), set()
            control = self._begin(interruptible=True)
        try:
            self._run(folders, control)
        except Cancelled:
            self.hint(folders)
        finally:
            self._interruptible = False

    def _begin(self, *, interruptible: bool) -> Control:
        with self._changed:
            self._interruptible = interruptible
            self._control = Control()
            if self._paused:
                self._control.pause()
            if self._closing:
                self._control.cancel()
            return self._control

    def _look_at(self, job: Future[None]) -> None:
        if not job.cancelled() and (error := job.exception()):
            self._on_failure(error)
