"""The one bridge between the engine and Qt: its events and answers become signals.

Four threads: one starts the engine and listens to it, one asks the newest search, one gives orders, and one
gives those that take long, so that no other waits for them.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance

from photosearch.core import messages, search_messages
from photosearch.core.errors import Cancelled, KnownError, QueryError, Sentence
from photosearch.engine.client import Client
from photosearch.extras import GPU
from photosearch.gui.data.background import Replies, faults_reported
from photosearch.i18n import tr, translated
from photosearch.paths import Library

_STEADY_SECONDS = 30.0  # an engine that lived this long begins a new row
_MOST_RESTARTS = 3  # in a row; a command's engine that took a killed one's place ends with the command
_JOIN_SECONDS = 3.0

Question = search_messages.Search | search_messages.Similar
Connect = Callable[[], Client]
Then = Callable[[Any], object]  # takes the engine's reply


@dataclass(frozen=True)
class Answer:
    """The answer to the question asked under `generation`: a result, or the sentence of what went wrong."""

    generation: int
    result: search_messages.SearchResult | None
    sentence: str = ""
    span: tuple[int, int] | None = None  # of the query: where it is wrong, in code points
    instead: str | None = None  # what was probably meant there


@dataclass(frozen=True)
class _Order:
    owner: QObject
    request: messages.AnyRequest
    then: Then | None
    refused: Callable[[str], object] | None


class EngineLink(QObject):
    """Reaches the engine from threads of its own. It lives in the GUI thread; every signal arrives there."""

    connected = Signal(object)  # messages.Status
    event_received = Signal(object)  # messages.AnyEvent
    answered = Signal(object)  # Answer
    refused = Signal(object)  # str: why an order was not carried out
    lost = Signal(object)  # str: the engine is gone and retry() may bring it back
    torch_missing = Signal(object)  # str: what was wanted takes torch, which is not here

    def __init__(self, library: Library, model: str | None = None, connect: Connect | None = None) -> None:
        super().__init__()
        self._connect = connect or (lambda: Client.connect_or_start(library, model))
        self._closing = threading.Event()
        self._try_again = threading.Event()
        self._restarting = threading.Event()
        self._questions: queue.SimpleQueue[tuple[int, Question] | None] = queue.SimpleQueue()
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._long_orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._clients: list[Client] = []
        self._clients_lock = threading.Lock()
        self._replies = Replies(self)
        self._threads = [
            threading.Thread(target=work, name=f"engine-link-{name}", daemon=True)
            for name, work in (
                ("events", self._listen),
                ("search", self._search),
                ("long-orders", lambda: self._carry_out(self._long_orders)),
                ("orders", lambda: self._carry_out(self._orders)),
            )
        ]

    def start(self) -> None:
        """Reach the engine, or start one; `connected` or `lost` says how that went."""
        for thread in self._threads:
            thread.start()

    def ask(self, generation: int, question: Question) -> None:
        """Ask as soon as the question before is answered; one that was not asked yet is dropped."""
        self._questions.put((generation, question))

    def order(
        self,
        owner: QObject,
        request: messages.AnyRequest,
        then: Then | None = None,
        refused: Callable[[str], object] | None = None,
        *,
        takes_long: bool = False,
    ) -> None:
        """Have something done that takes the engine a moment; orders are carried out one after the other.

        Args:
            owner: neither of the below is called once it is gone.
            then: called in the GUI thread with the engine's reply.
            refused: called there with the sentence that says why not; None: the signal `refused` tells it.
            takes_long: it may take seconds; no other waits for it but those that take long, too.
        """
        orders = self._long_orders if takes_long else self._orders
        orders.put(_Order(owner, request, then, refused))

    def retry(self) -> None:
        """Try to reach the engine again after `lost`."""
        self._try_again.set()

    def restart_engine(self) -> None:
        """End the engine, for every face; this one brings up another at once."""
        self._restarting.set()
        self.order(self, messages.Shutdown())

    def close(self) -> None:
        """End the threads, once what was ordered is done: the person may have changed something just now.

        One that takes long, or still waits for an engine to start, is left behind, mute.
        """
        self._replies.close()
        self._orders.put(None)
        self._long_orders.put(None)
        self._join(self._threads[-1:])
        self._closing.set()
        self._try_again.set()
        self._questions.put(None)
        with self._clients_lock:
            clients = list(self._clients)
        for client in clients:
            client.close()
        self._join(self._threads)

    def _join(self, threads: Sequence[threading.Thread]) -> None:
        deadline = time.monotonic() + _JOIN_SECONDS
        for thread in threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _listen(self) -> None:
        restarts = 0
        while not self._closing.is_set():
            since = time.monotonic()
            sentence = tr("The search engine stopped.")
            can_be_had = True
            try:
                with faults_reported():
                    self._follow()
            except KnownError as error:
                sentence, can_be_had = translated(error.sentence), False
            except Cancelled:
                return
            if self._restarting.is_set():
                self._restarting.clear()
                continue
            if time.monotonic() - since >= _STEADY_SECONDS:
                restarts = 0
            if can_be_had and restarts < _MOST_RESTARTS:
                restarts += 1
            elif not self._closing.is_set():
                self._try_again.clear()
                self._emit(self.lost, sentence)
                self._try_again.wait()
                restarts = 0

    def _follow(self) -> None:
        """Tell what an engine says, until it goes.

        Raises:
            KnownError: it cannot be had.
            Cancelled: the link was closed meanwhile.
        """
        with self.own_client() as client:
            self._emit(self.connected, client.call(messages.GetStatus()))
            for event in client.events():
                self._emit(self.event_received, event)
                if isinstance(event, messages.Problem):
                    self._tell_of_torch(event.sentence)

    def _search(self) -> None:
        client: Client | None = None
        while (asked := self._newest_question()) is not None:
            generation, question = asked
            try:
                with faults_reported():
                    client = client or self.client()
                    answer = Answer(generation, client.call(question))
                    self.retry()  # an engine is there again, whoever started it
            except QueryError as error:
                answer = Answer(generation, None, translated(error.sentence), error.span, error.instead)
            except KnownError as error:
                answer = Answer(generation, None, translated(error.sentence))
                self._tell_of_torch(error.sentence)
            except Cancelled:
                return
            self._emit(self.answered, answer)

    def _newest_question(self) -> tuple[int, Question] | None:
        """Wait for a question; of several that wait the last one counts. None: the link is closed."""
        asked = self._questions.get()
        while not self._questions.empty():
            asked = self._questions.get()
        return asked

    def _carry_out(self, orders: queue.SimpleQueue[_Order | None]) -> None:
        client: Client | None = None
        while (order := orders.get()) is not None:
            try:
                with faults_reported():
                    client = client or self.client()
                    reply = _call(client, order.request)
                    self.retry()
            except KnownError as error:
                sentence = translated(error.sentence)
                if order.refused is not None:
                    self._replies.give(order.owner, order.refused, sentence)
                else:
                    self._emit(self.refused, sentence)
                self._tell_of_torch(error.sentence)
            except Cancelled:
                return
            else:
                if order.then is not None:
                    self._replies.give(order.owner, order.then, reply)

    def client(self) -> Client:
        """A client of one's own, for a thread that asks for much; it is closed with the link.

        Raises:
            KnownError: no engine can be had.
            Cancelled: the link was closed meanwhile.
        """
        client = self._connect()
        with self._clients_lock:
            self._clients.append(client)
        if self._closing.is_set():
            client.close()
            raise Cancelled
        return client

    @contextlib.contextmanager
    def own_client(self) -> Iterator[Client]:
        """As client(), for a while.

        Raises:
            KnownError: no engine can be had.
            Cancelled: the link was closed meanwhile.
        """
        client = self.client()
        try:
            yield client
        finally:
            self._leave(client)

    def _leave(self, client: Client) -> None:
        with self._clients_lock:
            self._clients.remove(client)
        client.close()

    def _tell_of_torch(self, sentence: Sentence) -> None:
        """Where an error is that it is missing, say so for whoever can offer it."""
        if GPU.mends(sentence):
            self._emit(self.torch_missing, translated(sentence))

    def _emit(self, signal: SignalInstance, *what: object) -> None:
        if not self._closing.is_set():
            signal.emit(*what)


def _call(client: Any, request: messages.AnyRequest) -> Any:
    """The client types each request by itself; here it may be any."""
    return client.call(request)
