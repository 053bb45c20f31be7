import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop.garbage import GarbageCollector


class Cycle(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.own = self


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(100)  # whatever a command that ran here before has set
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_a_worker_collects_nothing_and_the_gui_thread_does(qtbot: QtBot) -> None:
    collector = GarbageCollector()
    gone = weakref.ref(Cycle())

    def allocate() -> None:
        kept = [[number] for number in range(100_000)]
        del kept

    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert gone() is not None
    kept: list[list[int]] = []

    def is_gone() -> bool:
        kept.extend([number] for number in range(200))  # makes a collection due, whatever else goes meanwhile
        return gone() is None

    qtbot.waitUntil(is_gone)
    collector.close()
    assert gc.isenabled()
