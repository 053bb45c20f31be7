import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop.garbage import GarbageCollector


class Cycle(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.own = self


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
    kept = [[number] for number in range(2 * gc.get_threshold()[0])]  # what makes a collection due
    qtbot.waitUntil(lambda: gone() is None)
    del kept
    collector.close()
    assert gc.isenabled()
