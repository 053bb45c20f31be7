"""Telling subscribers what happens, no more often than they can show it."""

import threading
import time
from collections.abc import Callable
from typing import Self

from photosearch.core.messages import AnyEvent, PhotosChanged, ProgressChanged
from photosearch.core.model_messages import AddingChanged
from photosearch.core.stage_messages import StagesChanged
from photosearch.core.tag_messages import TagsChanged
from photosearch.core.teaching_messages import TeachingChanged

Subscriber = Callable[[AnyEvent], None]

SECONDS_BETWEEN: dict[type, float] = {
    ProgressChanged: 0.1,
    PhotosChanged: 0.5,
    TeachingChanged: 0.25,
    AddingChanged: 0.25,
    StagesChanged: 0.25,
    TagsChanged: 1.0,  # while photos are tagged; faces count all of them anew
}


class Events:
    """Hands events to subscribers from one thread of its own. A context manager.

    Of a kind in SECONDS_BETWEEN only the latest is kept until its time has come; the last is never lost.
    A subscriber that fails is told nothing more; the others are.

    Args:
        on_failure: told, and to log, the error of an event that could not be made, or of a subscriber.
    """

    def __init__(self, on_failure: Callable[[Exception], None]) -> None:
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._subscribers: list[Subscriber] = []
        self._waiting: dict[
            object, Callable[[], AnyEvent]
        ] = {}  # by kind, or by itself where none is dropped
        self._told_at: dict[object, float] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._deliver_all, name="engine-events", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """-> how to end it. `subscriber` must not block."""
        with self._changed:
            self._subscribers.append(subscriber)
        return lambda: self._unsubscribe(subscriber)

    @property
    def heard(self) -> bool:
        """Is anybody there to be told?"""
        return bool(self._subscribers)

    def publish(self, event: AnyEvent) -> None:
        """Tell every subscriber of an event; of a kind in SECONDS_BETWEEN a later one may take its place."""
        self.publish_latest(type(event) if type(event) in SECONDS_BETWEEN else object(), lambda: event)

    def publish_latest(self, kind: object, make: Callable[[], AnyEvent]) -> None:
        """Tell what `make` gives when the time of this kind has come."""
        with self._changed:
            self._waiting[kind] = make
            self._changed.notify_all()

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        with self._changed:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

    def _deliver_all(self) -> None:
        while True:
            with self._changed:
                while not (due := self._due()):
                    if self._closing:
                        return
                    self._changed.wait(self._seconds_to_next())
                subscribers = list(self._subscribers)
            for make in due:
                self._deliver(make, subscribers)

    def _deliver(self, make: Callable[[], AnyEvent], subscribers: list[Subscriber]) -> None:
        try:
            event = make()
        except Exception as error:  # noqa: BLE001  (the thread goes on)
            self._on_failure(error)
            return
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception as error:  # noqa: BLE001  (the others are to be told)
                self._unsubscribe(subscriber)
                self._on_failure(error)

    def _due(self) -> list[Callable[[], AnyEvent]]:
        now = time.monotonic()
        kinds = [kind for kind in self._waiting if self._due_at(kind) <= now]
        self._told_at.update((kind, now) for kind in kinds if kind in SECONDS_BETWEEN)
        return [self._waiting.pop(kind) for kind in kinds]

    def _due_at(self, kind: object) -> float:
        seconds = SECONDS_BETWEEN.get(kind, 0.0) if isinstance(kind, type) else 0.0
        return self._told_at.get(kind, float("-inf")) + seconds

    def _seconds_to_next(self) -> float | None:
        times = [self._due_at(kind) for kind in self._waiting]
        return max(0.0, min(times) - time.monotonic()) if times else None
