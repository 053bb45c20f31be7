"""What ends a run early: its own going wrong; Ctrl-C and SIGTERM, once nothing is left half done."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from photosearch.core.errors import KnownError

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KnownError):
    """The run went wrong in a way that more steps would not mend."""


class Stop:
    """A request to stop, which raises KeyboardInterrupt where it comes, or at the end of `later`."""

    def __init__(self) -> None:
        self.asked = False
        self._held = 0

    def ask(self) -> None:
        """
        Raises:
            KeyboardInterrupt: nothing holds it off.
        """
        self.asked = True
        self._heed()

    @contextmanager
    def later(self) -> Iterator[None]:
        """Hold a request off to the end of the block.

        Raises:
            KeyboardInterrupt: there was one, and no outer block holds it off.
        """
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._heed()

    def _heed(self) -> None:
        if self.asked and not self._held:
            raise KeyboardInterrupt


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """What the first Ctrl-C or SIGTERM asks; the second one does what it did before."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def ask(number: int, frame: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        stop.ask()

    for number in STOP_SIGNALS:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, before[number])
