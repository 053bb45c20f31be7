import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from photosearch.core.errors import KnownError
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.store.reader import Reader
from tests.helpers.shelf import Shelf


def test_an_answer_comes_to_whoever_asked(qtbot: QtBot, shelf: Shelf, reader: LibraryReader) -> None:
    ids = shelf.add(2)
    owner = QObject()
    found: list[list[int]] = []
    reader.ask(owner, lambda opened: opened.living().tolist(), found.append)
    qtbot.waitUntil(lambda: found == [ids])


def test_an_answer_whose_owner_is_gone_is_dropped(qtbot: QtBot, shelf: Shelf, reader: LibraryReader) -> None:
    shelf.add(1)
    owner, other = QObject(), QObject()
    may_read = threading.Event()
    told: list[str] = []

    def slowly(opened: Reader) -> str:
        may_read.wait(10)
        return "late"

    reader.ask(owner, slowly, told.append)
    reader.ask(other, lambda opened: "on time", told.append)
    delete(owner)
    may_read.set()
    qtbot.waitUntil(lambda: told == ["on time"])


@pytest.mark.parametrize(
    ("error", "reported"), [(ZeroDivisionError("a fault"), True), (KnownError("It is damaged."), False)]
)
def test_a_job_that_goes_wrong_does_not_end_the_thread(
    qtbot: QtBot, shelf: Shelf, reader: LibraryReader, error: Exception, reported: bool
) -> None:
    shelf.add(1)
    owner = QObject()
    told: list[object] = []

    def goes_wrong(opened: Reader) -> None:
        raise error

    with capture_exceptions() as escaped, qtbot.waitSignal(reader.unanswered):
        reader.ask(owner, goes_wrong, told.append)
    assert [kind for kind, _, _ in escaped] == ([type(error)] if reported else [])
    reader.ask(owner, lambda opened: "read", told.append)
    qtbot.waitUntil(lambda: told == ["read"])


def test_what_was_asked_before_closing_is_not_told_after(
    qtbot: QtBot, shelf: Shelf, reader: LibraryReader
) -> None:
    shelf.add(1)
    owner = QObject()
    told: list[object] = []
    reader.ask(owner, lambda opened: "read", told.append)
    reader.close()
    qtbot.wait(0)
    assert told == []
