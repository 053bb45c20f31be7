import threading

import numpy as np
import pytest

from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control
from photosearch.core.teaching import CurvePoint
from tests.helpers.own_words import anchors, material, world
from trainer.adapt.adapter import learn_adapter
from trainer.adapt.held_out import ranks
from trainer.adapt.material import Material, Vectors
from trainer.evaluate.recall import reciprocal


def unread() -> Material:
    """Captions with names that mean something simple: an adapter can learn where they lead."""
    return world(copies=1)


def learn(
    captioned: Material, *, stop: threading.Event | None = None, control: Control | None = None, **more
):
    rows = np.arange(len(captioned.captions))
    return learn_adapter(
        captioned,
        rows,
        captioned.encode(captioned.captions),
        anchors(),
        seed=0,
        control=control or Control(),
        stop=stop or threading.Event(),
        **more,
    )


def mrr(captioned: Material, texts: Vectors) -> float:
    return float(reciprocal(ranks(captioned, texts, np.arange(len(texts)))).mean())


def test_learns_where_there_is_something_to_learn() -> None:
    captioned = unread()
    texts = captioned.encode(captioned.captions)
    points: list[CurvePoint] = []
    adapter = learn(captioned, on_point=points.append)
    assert adapter is not None and 0 < adapter.share <= 1
    assert mrr(captioned, adapter(texts)) > mrr(captioned, texts)
    assert [point.step for point in points] == sorted({point.step for point in points})
    assert points[-1].loss < points[0].loss
    assert all(0 <= point.mistakes <= 1 for point in points)


def test_no_change_may_win() -> None:
    captioned = world({})
    photos = captioned.encode(captioned.captions)
    assert learn(material(photos, captioned.captions)) is None  # nothing can be better than right


def test_an_adapter_that_forgets_is_lowered_or_left_out() -> None:
    captioned = unread()
    free = learn(captioned)
    assert free is not None
    asked: list[float] = []

    def never(adapter) -> bool:
        asked.append(adapter.share)
        return False

    assert learn(captioned, allowed=never) is None
    assert asked == [share for share in (1.0, 0.75, 0.5, 0.25) if share <= free.share]


def test_stops_early_when_asked() -> None:
    stop = threading.Event()
    points: list[CurvePoint] = []

    def look(point: CurvePoint) -> None:
        points.append(point)
        stop.set()

    learn(unread(), stop=stop, on_point=look)
    assert len(points) == 1


def test_cancelled() -> None:
    control = Control()
    with pytest.raises(Cancelled):
        learn(unread(), control=control, on_point=lambda point: control.cancel())


def test_the_same_seed_gives_the_same_adapter() -> None:
    first, second = learn(unread()), learn(unread())
    np.testing.assert_array_equal(first.up, second.up)
