"""A subscriber of the engine's that keeps what it hears, and waits for it."""

import threading
from collections.abc import Callable

from photosearch.core.messages import AnyEvent


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

    def until_any(self, wanted: Callable[[AnyEvent], object]) -> list[AnyEvent]:
        with self._more:
            assert self._more.wait_for(lambda: any(map(wanted, self.events)), 60)
            return list(self.events)
