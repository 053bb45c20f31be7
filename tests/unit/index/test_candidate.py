import time

import pytest

from photosearch.index.candidate import Candidate
from photosearch.store.rows import FileStamp


def wait_after(attempts: int, *, changed: bool = False) -> float:
    known = FileStamp(10, 20, None, attempts=attempts, retry_at=0.0)
    file = Candidate(1, b"/a.jpg", 11 if changed else 10, 20, known)
    before = time.time()
    failure = file.failed("read", "the file is busy", passing=True)
    assert failure.retry_at is not None
    return round(failure.retry_at - before)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 60), (1, 240), (2, 960), (3, 3840), (6, 86_400), (1_000_000, 86_400)]
)
def test_a_passing_fault_waits_longer_each_time_up_to_a_day(attempts, seconds):
    assert wait_after(attempts) == pytest.approx(seconds, abs=1)


def test_a_file_whose_change_time_alone_is_another_starts_anew():
    known = FileStamp(10, 20, None, attempts=5, retry_at=0.0, ctime_ns=30)
    failure = Candidate(1, b"/a.jpg", 10, 20, known, 31).failed("read", "the file is busy", passing=True)
    assert failure.ctime_ns == 31
    assert failure.retry_at == pytest.approx(time.time() + 60, abs=1)


def test_a_file_that_changed_starts_anew():
    assert wait_after(5, changed=True) == pytest.approx(60, abs=1)


def test_a_broken_file_waits_until_it_changes():
    failure = Candidate(1, b"/a.jpg", 10, 20).failed("decode", "the file is damaged", passing=False)
    assert failure.retry_at is None
    assert (failure.folder_id, failure.path, failure.size, failure.mtime_ns) == (1, b"/a.jpg", 10, 20)
