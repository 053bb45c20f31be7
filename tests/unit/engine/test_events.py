import threading
from collections.abc import Callable

from photosearch.core.messages import AnyEvent, FoldersChanged, PhotosChanged, Problem, ProgressChanged
from photosearch.core.progress import Progress
from photosearch.engine.events import Events


class Heard:
    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self._more = threading.Condition()

    def __call__(self, event: AnyEvent) -> None:
        with self._more:
            self.events.append(event)
            self._more.notify_all()

    def until(self, event: AnyEvent) -> list[AnyEvent]:
        """Wait for it; -> what was heard so far."""
        return self.until_any(lambda heard: heard == event)

    def until_any(self, wanted: Callable[[AnyEvent], bool]) -> list[AnyEvent]:
        with self._more:
            assert self._more.wait_for(lambda: any(map(wanted, self.events)), 60)
            return list(self.events)


def test_every_single_event_is_told_in_order() -> None:
    heard = Heard()
    with Events() as events:
        events.subscribe(heard)
        problems: list[AnyEvent] = [Problem(str(n)) for n in range(50)]
        for problem in problems:
            events.tell(problem)
        assert heard.until(problems[-1]) == problems


def test_many_of_a_kind_become_few_and_the_last_is_told() -> None:
    heard = Heard()
    with Events() as events:
        events.subscribe(heard)
        for n in range(1, 2001):
            events.tell(ProgressChanged(Progress("indexing", done=n)))
        told = heard.until(ProgressChanged(Progress("indexing", done=2000)))
    assert len(told) < 1000


def test_a_costly_event_is_made_when_it_is_told() -> None:
    heard, made = Heard(), []

    def make() -> AnyEvent:
        made.append(1)
        return PhotosChanged(len(made))

    with Events() as events:
        events.subscribe(heard)
        for _ in range(1000):
            events.tell_latest(PhotosChanged, make)
        heard.until(PhotosChanged(1))
    assert len(made) < 1000


def test_each_subscriber_hears_until_it_leaves() -> None:
    one, other = Heard(), Heard()
    with Events() as events:
        leave = events.subscribe(one)
        events.subscribe(other)
        events.tell(Problem("a"))
        one.until(Problem("a"))
        leave()
        events.tell(FoldersChanged([]))
        other.until(FoldersChanged([]))
    assert one.events == [Problem("a")]
