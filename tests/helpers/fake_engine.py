"""An engine that answers as a test tells it to; it stands where `photosearch.engine.client.Client` does."""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np

from photosearch.core import extra_messages as extra
from photosearch.core import messages, search_messages
from photosearch.core import model_messages as models
from photosearch.core import teaching_messages as teaching
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.photo import Confidence, Hit
from photosearch.core.progress import Progress
from photosearch.core.stack_messages import FindStacks, Stacks
from photosearch.core.teaching import TeachingState

Searched = Callable[[search_messages.Search | search_messages.Similar], search_messages.SearchResult]


def result(
    ids: list[int], *, query: str = "", confidence: Confidence = Confidence.STRONG
) -> search_messages.SearchResult:
    """Hits in this order, all as sure as said."""
    hits = [Hit(photo_id, b"/photos", 0.5, confidence) for photo_id in ids]
    return search_messages.SearchResult(query, "model", 1.0, 1.0, searched=len(ids), hits=hits)


def _no_preview(request: messages.Preview) -> messages.Previewed:
    raise KnownError("That photo cannot be shown.")


def ranked(result: search_messages.SearchResult) -> search_messages.Ranked:
    """The hits of an answer, as if there were no others."""
    sure = Counter(hit.confidence.value for hit in result.hits)
    return search_messages.Ranked(
        np.array([hit.photo_id for hit in result.hits], np.int64).tobytes(),
        np.array([hit.aspect for hit in result.hits], np.float32).tobytes(),
        search_messages.Labels(**sure),
    )


class FakeEngine:
    """What every client sees. Change its attributes to change its mind."""

    def __init__(self) -> None:
        self.status = messages.Status("model", True, "cpu", "float32", 0, 0, 0, [], Progress("idle"), True)
        self.search: Searched = lambda question: result([], query=getattr(question, "text", ""))
        self.rank_all: Callable[[search_messages.RankAll], search_messages.Ranked] = lambda asked: ranked(
            self.search(msgspec.structs.replace(asked.question, k=10_000))
        )
        self.preview: Callable[[messages.Preview], messages.Previewed] = _no_preview
        self.asked: list[search_messages.Search | search_messages.Similar] = []
        self.looked_at: list[messages.LookAt] = []
        self.suggested: list[search_messages.Suggest] = []
        self.orders: queue.Queue[Any] = queue.Queue()
        # What is asked to be shown; it is no order.
        self.replies: dict[type, messages.AnyReply] = {
            search_messages.Suggest: search_messages.Suggestions(()),
            messages.GetFasterReading: messages.FasterReading(),
            extra.GetExtra: extra.ExtraStatus(extra.Extra("missing")),
            models.GetModels: models.ModelList((), 0),
            models.GetOffers: models.OfferList((), 0),
            FindStacks: Stacks((), 0, 0),
            teaching.GetTeaching: teaching.TeachingStatus(TeachingState()),
            teaching.GetReadiness: teaching.Readiness(0, 0, "no", 20, (), ()),
            teaching.GetLessons: teaching.LessonList(()),
            teaching.GetWords: teaching.Words(()),
        }
        self.refusal: str | None = None
        self.fault: Exception | None = None  # of the program's own, met by the next order
        self.may_answer = threading.Event()  # orders and what is asked to be shown wait for it
        self.may_answer.set()
        self.unreachable: str | None = None
        self.connections = 0
        self.events: queue.SimpleQueue[messages.AnyEvent | None] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def connect(self) -> Any:
        with self._lock:
            self.connections += 1
        if self.unreachable is not None:
            raise KnownError(self.unreachable)
        return _FakeClient(self)

    def tell(self, event: messages.AnyEvent) -> None:
        self.events.put(event)

    def die(self) -> None:
        """The listener's connection ends."""
        self.events.put(None)


class _FakeClient:
    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self._closed = threading.Event()

    def call(self, request: Any) -> Any:
        if self._closed.is_set():
            raise Cancelled
        engine = self._engine
        match request:
            case messages.GetStatus():
                return engine.status
            case search_messages.Search() | search_messages.Similar():
                engine.asked.append(request)
                return engine.search(request)
            case search_messages.Suggest():
                engine.suggested.append(request)
                engine.may_answer.wait(10)
                return engine.replies[search_messages.Suggest]
            case search_messages.RankAll():
                return engine.rank_all(request)
            case messages.LookAt():
                engine.looked_at.append(request)
                return messages.Done()
            case messages.Preview():
                return engine.preview(request)
            case (
                messages.GetFasterReading()
                | extra.GetExtra()
                | models.GetModels()
                | models.GetOffers()
                | FindStacks()
                | teaching.GetTeaching()
                | teaching.GetReadiness()
                | teaching.GetLessons()
                | teaching.GetWords()
            ):
                engine.may_answer.wait(10)
                return engine.replies[type(request)]
        engine.orders.put(request)
        engine.may_answer.wait(10)
        if engine.fault is not None:
            fault, engine.fault = engine.fault, None
            raise fault
        if engine.refusal is not None:
            raise KnownError(engine.refusal)
        return engine.replies.get(type(request), messages.Done())

    def events(self) -> Iterator[messages.AnyEvent]:
        while not self._closed.is_set():
            try:
                event = self._engine.events.get(timeout=0.02)
            except queue.Empty:
                continue
            if event is None:
                return
            yield event

    def close(self) -> None:
        self._closed.set()
