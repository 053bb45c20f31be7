import queue

from photosearch.core.errors import Sentence
from photosearch.core.messages import AnyEvent, FoldersChanged, PhotosChanged, Problem, ProgressChanged
from photosearch.core.progress import Progress
from photosearch.engine.events import Events
from tests.helpers.heard import Heard


def unexpected(error: Exception) -> None:
    raise AssertionError("nothing fails here") from error


def test_every_single_event_is_told_in_order() -> None:
    heard = Heard()
    with Events(unexpected) as events:
        events.subscribe(heard)
        problems: list[AnyEvent] = [Problem(Sentence(str(n))) for n in range(50)]
        for problem in problems:
            events.publish(problem)
        assert heard.until(problems[-1]) == problems


def test_many_of_a_kind_become_few_and_the_last_is_told() -> None:
    heard = Heard()
    with Events(unexpected) as events:
        events.subscribe(heard)
        for n in range(1, 2001):
            events.publish(ProgressChanged(Progress("indexing", done=n)))
        told = heard.until(ProgressChanged(Progress("indexing", done=2000)))
    assert len(told) < 1000


def test_a_costly_event_is_made_when_it_is_told() -> None:
    heard, made = Heard(), []

    def make() -> AnyEvent:
        made.append(1)
        return PhotosChanged(len(made))

    with Events(unexpected) as events:
        events.subscribe(heard)
        for _ in range(1000):
            events.publish_latest(PhotosChanged, make)
        heard.until(PhotosChanged(1))
    assert len(made) < 1000


def test_each_subscriber_hears_until_it_leaves() -> None:
    one, other = Heard(), Heard()
    with Events(unexpected) as events:
        leave = events.subscribe(one)
        events.subscribe(other)
        events.publish(Problem(Sentence("a")))
        one.until(Problem(Sentence("a")))
        leave()
        events.publish(FoldersChanged([]))
        other.until(FoldersChanged([]))
    assert one.events == [Problem(Sentence("a"))]


def test_one_that_fails_is_reported_and_disturbs_no_other() -> None:
    reported: queue.Queue[Exception] = queue.Queue()
    asked: list[AnyEvent] = []

    def failing(event: AnyEvent) -> None:
        asked.append(event)
        raise ZeroDivisionError("a fault")

    def unmakeable() -> AnyEvent:
        raise LookupError("a fault of another kind")

    heard = Heard()
    with Events(reported.put) as events:
        events.subscribe(failing)
        events.subscribe(heard)
        events.publish(Problem(Sentence("a")))
        heard.until(Problem(Sentence("a")))
        events.publish_latest(PhotosChanged, unmakeable)
        events.publish(Problem(Sentence("b")))
        heard.until(Problem(Sentence("b")))
    assert [type(reported.get(timeout=10)) for _ in range(2)] == [ZeroDivisionError, LookupError]
    assert asked == [Problem(Sentence("a"))]
