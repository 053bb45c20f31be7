import signal

import pytest

from trainer.run.stop_signals import SIGNALS, stop_signals


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_asks_and_gives_way_to_what_was_before(number: signal.Signals) -> None:
    before = {n: signal.getsignal(n) for n in SIGNALS}
    with stop_signals() as asked:
        assert not asked.is_set()
        signal.raise_signal(number)
        assert asked.is_set()
        assert signal.getsignal(number) == before[number]
    assert {n: signal.getsignal(n) for n in SIGNALS} == before
