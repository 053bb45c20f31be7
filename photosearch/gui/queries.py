"""From keystroke to answer: waits for a pause in typing, numbers each question, drops stale answers."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.core import messages
from photosearch.gui.engine_link import Answer, EngineLink, Question

BEST = 200  # hits asked for
_PAUSE_MS = 90
_SLOW_MS = 300


class Queries(QObject):
    """`answered` is only ever about the newest question."""

    answered = Signal(object, object)  # Question, messages.SearchResult
    failed = Signal(object)  # str
    cleared = Signal()  # there is no question any more
    slow = Signal(bool)  # an answer is awaited for long

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._generation = 0
        self._question: Question | None = None
        self._text = ""
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.submit)
        self._patience = QTimer(self, interval=_SLOW_MS, singleShot=True)
        self._patience.timeout.connect(lambda: self.slow.emit(True))
        link.answered.connect(self._take)

    @property
    def question(self) -> Question | None:
        """What the window shows or waits for."""
        return self._question

    def typed(self, text: str) -> None:
        """The text is another one; it is asked after a pause. Empty text needs no engine and no pause."""
        if text.strip() == self._text:
            return
        self._text = text.strip()
        if self._text:
            self._pause.start()
        else:
            self.clear()

    def submit(self) -> None:
        """Ask what was typed, now."""
        self._pause.stop()
        question = messages.Search(self._text, BEST)
        if self._text and self._question != question:
            self._ask(question)

    def similar(self, photo_id: int) -> None:
        """Ask for photos like this one; what was typed no longer counts."""
        self._pause.stop()
        self._text = ""
        self._ask(messages.Similar(photo_id, BEST))

    def repeat(self) -> None:
        """Ask again: what was searched has changed, or the engine is back."""
        if self._question is not None:
            self._ask(self._question)

    def _ask(self, question: Question) -> None:
        self._generation += 1
        self._question = question
        self._patience.start()
        self._link.ask(self._generation, question)

    def clear(self) -> None:
        """There is no question any more."""
        self._pause.stop()
        self._text = ""
        self._generation += 1
        self._question = None
        self._quiet()
        self.cleared.emit()

    def _take(self, answer: Answer) -> None:
        if answer.generation != self._generation or self._question is None:
            return
        self._quiet()
        if answer.result is None:
            self.failed.emit(answer.sentence)
        else:
            self.answered.emit(self._question, answer.result)

    def _quiet(self) -> None:
        self._patience.stop()
        self.slow.emit(False)
