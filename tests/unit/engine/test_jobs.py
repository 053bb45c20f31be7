import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError

import pytest

from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.progress import Control, IndexReport
from photosearch.engine.jobs import IndexJobs


class Runs:
    """A `run` that records its folders and, where told so, waits to be released or cancelled."""

    def __init__(self) -> None:
        self.seen: list[frozenset[bytes]] = []
        self.held: set[bytes] = set()
        self.started = threading.Semaphore(0)
        self.release = threading.Event()
        self.error: Exception | None = None

    def __call__(self, folders: frozenset[bytes], control: Control) -> IndexReport:
        self.seen.append(folders)
        self.started.release()
        if self.error:
            raise self.error
        while folders & self.held and not self.release.is_set():
            self.release.wait(0.005)
            control.checkpoint()
        return IndexReport(indexed=len(folders))


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
def jobs(runs: Runs, errors: list[BaseException]) -> Iterator[IndexJobs]:
    jobs = IndexJobs(runs, errors.append)
    yield jobs
    jobs.cancel()
    jobs.join()


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not come to pass")


def test_who_asks_gets_the_report_of_an_own_run(jobs: IndexJobs, runs: Runs) -> None:
    assert jobs.index([b"a", b"b"]).result(30).indexed == 2
    assert runs.seen == [{b"a", b"b"}]


def test_hints_that_wait_become_one_run(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"first"}
    jobs.hint([b"first"])
    runs.started.acquire()
    for name in (b"a", b"b", b"a"):
        jobs.hint([name])
    runs.release.set()
    wait_for(lambda: len(runs.seen) == 2)
    assert runs.seen == [{b"first"}, {b"a", b"b"}]
    assert jobs.index([]).result(30).indexed == 0
    assert len(runs.seen) == 3


def test_who_asks_interrupts_a_hint_which_goes_on_afterwards(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"hinted"}
    jobs.hint([b"hinted"])
    runs.started.acquire()
    assert jobs.index([b"asked"]).result(30).indexed == 1
    runs.release.set()
    wait_for(lambda: len(runs.seen) == 3)
    assert runs.seen == [{b"hinted"}, {b"asked"}, {b"hinted"}]


def test_who_asks_does_not_interrupt_who_asked_before(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"first"}
    first = jobs.index([b"first"])
    runs.started.acquire()
    second = jobs.index([b"second"])
    jobs.hint([b"third"])
    runs.release.set()
    assert first.result(30).indexed == second.result(30).indexed == 1
    wait_for(lambda: len(runs.seen) == 3)
    assert runs.seen == [{b"first"}, {b"second"}, {b"third"}]


def test_a_pause_holds_the_present_job_and_the_next(jobs: IndexJobs, runs: Runs) -> None:
    jobs.pause("person")
    runs.held = {b"a"}
    job = jobs.index([b"a"])
    runs.started.acquire()
    runs.release.set()
    jobs.resume("person")
    assert job.result(30).indexed == 1


def test_each_lifts_its_own_pause_alone(jobs: IndexJobs) -> None:
    jobs.pause("person")
    jobs.pause("battery")
    jobs.resume("battery")
    assert jobs.paused
    jobs.resume("person")
    assert not jobs.paused


def test_a_failure_reaches_who_asked(jobs: IndexJobs, runs: Runs, errors: list[BaseException]) -> None:
    runs.error = KnownError("full")
    with pytest.raises(KnownError, match="full"):
        jobs.index([b"a"]).result(30)
    assert errors == []


@pytest.mark.parametrize("error", [KnownError("full"), ZeroDivisionError()])
def test_a_failure_that_nobody_waits_for_is_reported(
    jobs: IndexJobs, runs: Runs, errors: list[BaseException], error: Exception
) -> None:
    runs.error = error
    jobs.hint([b"a"])
    wait_for(lambda: errors == [error])
    runs.error = None
    assert jobs.index([b"b"]).result(30).indexed == 1


def test_closing_ends_the_present_job_and_refuses_more(runs: Runs, errors: list[BaseException]) -> None:
    jobs = IndexJobs(runs, errors.append)
    runs.held = {b"a"}
    present, next_one = jobs.index([b"a"]), jobs.index([b"b"])
    runs.started.acquire()
    jobs.cancel()
    jobs.join()
    with pytest.raises(Cancelled):
        present.result(30)
    assert next_one.cancelled()
    with pytest.raises(Cancelled):
        jobs.index([b"c"])
    jobs.hint([b"c"])
    assert runs.seen == [{b"a"}]
    assert errors == []


def test_jobs_are_listed_in_the_order_in_which_they_run(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"first"}
    first = jobs.index([b"first"])
    runs.started.acquire()
    second = jobs.index([b"second"])
    jobs.hint([b"third"])
    assert [(job.folders, job.running) for job in jobs.jobs()] == [
        ((b"first",), True),
        ((b"second",), False),
        ((b"third",), False),
    ]
    runs.release.set()
    first.result(30)
    second.result(30)
    wait_for(lambda: jobs.jobs() == ())
    assert runs.seen[-1] == {b"third"}


def test_a_job_that_is_ended_is_over_wherever_it_stands(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"first"}
    first = jobs.index([b"first"])
    runs.started.acquire()
    second = jobs.index([b"second"])
    jobs.hint([b"third"])
    present, *waiting = jobs.jobs()
    for job in waiting:
        jobs.end(job.job_id)
    assert second.cancelled()
    assert jobs.jobs() == (present,)
    jobs.end(present.job_id)
    with pytest.raises(Cancelled):
        first.result(30)
    assert jobs.index([b"next"]).result(30).indexed == 1
    assert runs.seen == [{b"first"}, {b"next"}]


def test_a_hinted_job_that_is_ended_does_not_come_back(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"hinted"}
    jobs.hint([b"hinted"])
    runs.started.acquire()
    jobs.end(jobs.jobs()[0].job_id)
    wait_for(lambda: jobs.jobs() == ())
    assert jobs.index([b"next"]).result(30).indexed == 1
    assert runs.seen == [{b"hinted"}, {b"next"}]


def test_with_a_job_that_is_ended_hints_of_its_folders_end(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"a"}
    asked = jobs.index([b"a"])
    runs.started.acquire()
    jobs.hint([b"a", b"b"])
    jobs.end(jobs.jobs()[0].job_id)
    with pytest.raises(Cancelled):
        asked.result(30)
    wait_for(lambda: jobs.jobs() == ())
    assert runs.seen == [{b"a"}, {b"b"}]


def test_of_a_folder_that_is_removed_nothing_more_is_read(jobs: IndexJobs, runs: Runs) -> None:
    runs.held = {b"gone"}
    one = jobs.index([b"gone"])
    jobs.hint([b"gone"])
    runs.started.acquire()
    jobs.drop(b"gone")
    with pytest.raises(KnownError, match="gone was removed from the library"):
        one.result(30)
    several = jobs.index([b"gone", b"stays"])
    runs.started.acquire()
    jobs.drop(b"gone")
    assert several.result(30).indexed == 1
    jobs.hint([b"gone", b"more"])
    for _ in range(2):
        runs.started.acquire()
    jobs.drop(b"gone")
    wait_for(lambda: jobs.jobs() == ())
    assert runs.seen == [{b"gone"}, {b"gone", b"stays"}, {b"stays"}, {b"gone", b"more"}, {b"more"}]


def test_who_waits_in_the_queue_for_a_folder_that_is_removed_hears_of_it_while_paused(
    jobs: IndexJobs, runs: Runs
) -> None:
    jobs.pause("person")
    runs.held = {b"first"}
    jobs.index([b"first"])
    runs.started.acquire()
    one, several = jobs.index([b"gone"]), jobs.index([b"gone", b"stays"])
    jobs.drop(b"gone")
    with pytest.raises(KnownError, match="gone was removed from the library"):
        one.result(30)
    assert [job.folders for job in jobs.jobs()] == [(b"first",), (b"stays",)]
    runs.release.set()
    jobs.resume("person")
    assert several.result(30).indexed == 1
    assert runs.seen == [{b"first"}, {b"stays"}]


def test_a_job_can_be_ended_while_its_thread_begins_it(jobs: IndexJobs, runs: Runs) -> None:
    """Whoever ends it right after it was asked for often meets it between the queue and its run."""
    runs.held = {b"a"}
    for _ in range(200):
        asked = jobs.index([b"a"])
        for job in jobs.jobs():
            jobs.end(job.job_id)
        with pytest.raises((Cancelled, CancelledError)):
            asked.result(30)
