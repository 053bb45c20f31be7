import threading
import time
from collections.abc import Iterator

import pytest

from photosearch.gui.data.wish_queue import WishQueue


class Fetched:
    """Fetches wishes in one thread, each when it may, and remembers them in turn."""

    def __init__(self) -> None:
        self.wishes: list[int] = []
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.queue: WishQueue[int] = WishQueue("fetched", 1, self._fetch)

    def _fetch(self, wishes: Iterator[int]) -> None:
        for wish in wishes:
            self.wishes.append(wish)
            self.begun.set()
            self.may_end.wait(10)
            self.queue.done([wish])

    def begin(self, wish: int) -> None:
        """Have the thread at this one."""
        self.queue.want([wish])
        assert self.begun.wait(10)

    def until(self, last: int) -> list[int]:
        """End what is wished for, `last` at the end; -> all that was fetched, in turn."""
        self.may_end.set()
        for _ in range(1000):
            if self.wishes[-1] == last:
                break
            time.sleep(0.01)
        return self.wishes


@pytest.fixture
def fetched() -> Iterator[Fetched]:
    fetched = Fetched()
    yield fetched
    fetched.may_end.set()
    fetched.queue.close()


def test_what_is_no_longer_wanted_is_never_begun(fetched: Fetched) -> None:
    fetched.begin(1)
    fetched.queue.want([2, 3])
    fetched.queue.want([4, 5])
    assert fetched.until(5) == [1, 4, 5]


def test_what_is_kept_comes_first_and_once(fetched: Fetched) -> None:
    fetched.begin(1)
    for _ in range(2):
        fetched.queue.keep(9)
    fetched.queue.want([2])
    assert fetched.until(2) == [1, 9, 2]


def test_what_is_being_fetched_is_not_fetched_twice(fetched: Fetched) -> None:
    fetched.begin(1)
    fetched.queue.want([1, 2])
    assert fetched.until(2) == [1, 2]


def test_closing_ends_the_threads_and_what_is_left(fetched: Fetched) -> None:
    before = threading.active_count()
    fetched.begin(1)
    fetched.queue.want([2])
    fetched.may_end.set()
    fetched.queue.close()
    assert threading.active_count() == before
    fetched.queue.want([3])
    assert 3 not in fetched.wishes
