"""Pausing, cancelling, and the rate that the time left is told from."""

import threading

import pytest

from photosearch.core import progress
from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control, Rate


def test_a_checkpoint_passes_holds_and_raises() -> None:
    control = Control()
    control.checkpoint()
    control.pause()
    passed = threading.Event()
    worker = threading.Thread(target=lambda: (control.checkpoint(), passed.set()))
    worker.start()
    assert control.paused
    assert not passed.wait(0.05)
    control.resume()
    assert passed.wait(10)
    worker.join()
    control.cancel()
    with pytest.raises(Cancelled):
        control.checkpoint()


def test_cancelling_frees_what_is_paused_and_cannot_be_paused_again() -> None:
    control = Control()
    control.pause()
    control.cancel()
    control.pause()
    assert not control.paused
    with pytest.raises(Cancelled):
        control.checkpoint()


def test_the_rate_follows_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    rate = Rate(window_seconds=10)
    assert rate.add(0) == 0
    for second in range(1, 31):
        now = float(second)
        measured = rate.add(2 * second if second <= 15 else 30 + 5 * (second - 15))
    assert measured == pytest.approx(5.0)
