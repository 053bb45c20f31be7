from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from photosearch.core import messages, search_messages
from photosearch.core.errors import KnownError
from photosearch.gui.data.engine_link import Answer, EngineLink
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine


@pytest.fixture
def link(qtbot: QtBot, library: Library, engine: FakeEngine) -> Iterator[EngineLink]:
    made = EngineLink(library, connect=engine.connect)
    with qtbot.waitSignal(made.connected):
        made.start()
    yield made
    made.close()


def test_a_reply_whose_owner_is_gone_is_dropped(qtbot: QtBot, engine: FakeEngine, link: EngineLink) -> None:
    owner, other = QObject(), QObject()
    told: list[str] = []
    engine.may_answer.clear()
    link.order(owner, messages.Rescan(), lambda _: told.append("late"))
    link.order(other, messages.Rescan(), lambda _: told.append("on time"))
    delete(owner)
    engine.may_answer.set()
    qtbot.waitUntil(lambda: told == ["on time"])


def test_a_refusal_goes_to_whoever_ordered_else_to_all(
    qtbot: QtBot, engine: FakeEngine, link: EngineLink
) -> None:
    owner = QObject()
    told: list[str] = []
    engine.refusal = "No."
    link.order(owner, messages.Rescan(), refused=told.append)
    with qtbot.waitSignal(link.refused) as refused:
        link.order(owner, messages.Rescan())
    assert refused.args == ["No."]
    assert told == ["No."]
    with qtbot.waitSignal(link.refused):
        link.order(owner, messages.Rescan())
        delete(owner)  # what concerns all is told all the same


def test_an_order_that_goes_wrong_is_reported_and_the_next_is_carried_out(
    qtbot: QtBot, engine: FakeEngine, link: EngineLink
) -> None:
    owner = QObject()
    told: list[object] = []
    engine.fault = ZeroDivisionError("a fault")
    with capture_exceptions() as escaped:
        link.order(owner, messages.Rescan(), refused=told.append)
        qtbot.waitUntil(lambda: told == ["Something in PhotoSearch went wrong"])
    assert [kind for kind, _, _ in escaped] == [ZeroDivisionError]
    link.order(owner, messages.Rescan(), told.append)
    qtbot.waitUntil(lambda: told[1:] == [messages.Done()])


def test_a_search_that_goes_wrong_is_answered_and_the_next_one_too(
    qtbot: QtBot, engine: FakeEngine, link: EngineLink
) -> None:
    answers: list[Answer] = []
    link.answered.connect(answers.append)
    well = engine.search

    def goes_wrong(question: object) -> search_messages.SearchResult:
        raise ZeroDivisionError("a fault")

    engine.search = goes_wrong
    with capture_exceptions() as escaped:
        link.ask(1, search_messages.Search("a"))
        qtbot.waitUntil(lambda: len(answers) == 1)
    assert [kind for kind, _, _ in escaped] == [ZeroDivisionError]
    assert answers[0].result is None
    engine.search = well
    link.ask(2, search_messages.Search("a"))
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers[1].result is not None


class Silent:
    """A client of an engine that does not say how it is."""

    def __init__(self) -> None:
        self.closed = False

    def call(self, request: object) -> Any:
        raise KnownError("It does not answer.")

    def close(self) -> None:
        self.closed = True


def test_a_client_that_gets_no_status_is_left(qtbot: QtBot, library: Library) -> None:
    clients: list[Silent] = []

    def connect() -> Any:
        clients.append(Silent())
        return clients[-1]

    link = EngineLink(library, connect=connect)
    with qtbot.waitSignal(link.lost):
        link.start()
    assert [client.closed for client in clients] == [True]
    link.close()


def test_what_was_ordered_is_done_before_the_link_ends(engine: FakeEngine, link: EngineLink) -> None:
    ordered = [messages.SetPaused(paused=bool(n % 2)) for n in range(200)]
    for order in ordered:
        link.order(link, order)
    link.close()
    assert list(engine.orders.queue) == ordered


def test_no_order_waits_for_one_that_takes_long(engine: FakeEngine, link: EngineLink) -> None:
    engine.may_answer.clear()
    link.order(link, messages.Rescan(), takes_long=True)
    link.order(link, messages.RetryFailures(None))
    assert {type(engine.orders.get(timeout=5)) for _ in range(2)} == {messages.Rescan, messages.RetryFailures}
    engine.may_answer.set()


def test_an_engine_that_took_the_place_of_a_killed_one_may_end_too(
    qtbot: QtBot, engine: FakeEngine, link: EngineLink
) -> None:
    lost: list[str] = []
    link.lost.connect(lost.append)
    for _ in range(2):  # the window's own, then that of a command
        with qtbot.waitSignal(link.connected):
            engine.die()
    assert not lost


def test_engines_that_end_one_after_the_other_are_not_followed_for_ever(
    qtbot: QtBot, engine: FakeEngine, link: EngineLink
) -> None:
    with qtbot.waitSignal(link.lost):
        for _ in range(10):
            engine.die()


@pytest.mark.parametrize("searches", [False, True])
def test_a_lost_engine_is_followed_again_once_one_answers(
    qtbot: QtBot, engine: FakeEngine, link: EngineLink, *, searches: bool
) -> None:
    engine.unreachable = "The search engine could not start."
    with qtbot.waitSignal(link.lost):
        engine.die()
    engine.unreachable = None
    with qtbot.waitSignal(link.connected):
        if searches:
            link.ask(1, search_messages.Search("a"))
        else:
            link.order(link, messages.Rescan())
