"""Which part of the engine answers which request: one table, that each part fills."""

from collections.abc import Callable
from typing import Any

from photosearch.core.message import Done, R, Reply, Request


class Handlers:
    """By the type of a request, the function that is called with it."""

    def __init__(self) -> None:
        self._answers: dict[type, Callable[[Any], Reply]] = {}

    @property
    def kinds(self) -> set[type]:
        """Of the requests that are answered."""
        return set(self._answers)

    def answer(self, kind: type[Request[R]], handler: Callable[[Any], R]) -> None:
        """Let requests of this kind be answered with what `handler` gives."""
        assert kind not in self._answers, f"{kind.__name__} has a handler"
        self._answers[kind] = handler

    def do(self, kind: type[Request[Done]], handler: Callable[[Any], object]) -> None:
        """Let requests of this kind be answered with Done once `handler` returns."""

        def done(request: Any) -> Done:
            handler(request)
            return Done()

        self.answer(kind, done)

    def __call__(self, request: Request[Any]) -> Reply:
        """
        Raises:
            KnownError, Cancelled, CancelledError: as the handler of this request does.
        """
        return self._answers[type(request)](request)
