"""What an answer leaves out: the photos after its first hits, to the last one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from photosearch.core import search_messages
from photosearch.gui.data.engine_link import EngineLink, Question

DELAY_MS = 250  # whoever types on wants another answer, which is not to wait for this


class RestOfAnswer(QObject):
    """Asks for all photos of the answer that is shown, once it has stood for a moment."""

    arrived = Signal(object)  # search_messages.Ranked, of the question that was asked last

    def __init__(self, link: EngineLink, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._question: Question | None = None
        self._asked = 0
        self._delay = QTimer(self, interval=DELAY_MS, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._delay.timeout.connect(self._ask)

    def want(self, question: Question) -> None:
        """Ask for the photos of another answer; what was asked before no longer counts."""
        self.drop()
        self._question = question
        self._delay.start()

    def drop(self) -> None:
        """Want nothing any more."""
        self._question = None
        self._asked += 1
        self._delay.stop()

    def _ask(self) -> None:
        number = self._asked

        def then(ranked: search_messages.Ranked) -> None:
            if number == self._asked:
                self.arrived.emit(ranked)

        if self._question is not None:
            # Where it is refused, the first hits are what there is; the next answer asks again.
            self._link.order(
                self, search_messages.RankAll(self._question), then, refused=lambda sentence: None
            )
