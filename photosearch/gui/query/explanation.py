"""Why the photo in view answers the question of the moment, asked of the engine and shown in a panel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core import search_messages
from photosearch.gui.data.engine_link import EngineLink, Question
from photosearch.gui.query.why_panel import WhyPanel
from photosearch.i18n import tr


class ExplanationController(QObject):
    """Its owner calls refresh() when another photo is in view or another question is answered.

    Args:
        photo: id of the photo in view; None: there is none.
        question: what is answered; None: nothing.
        home: has the keyboard when the panel goes.
    """

    told = Signal(object)  # str: why there is nothing to explain

    def __init__(
        self,
        link: EngineLink,
        panel: WhyPanel,
        photo: Callable[[], int | None],
        question: Callable[[], Question | None],
        home: QWidget,
    ) -> None:
        super().__init__(panel)
        self._link, self._panel, self._photo, self._question = link, panel, photo, question
        panel.home = home
        panel.opened.connect(self.refresh)

    def toggle(self) -> None:
        """Show why the present photo was found, or no longer do."""
        if not self._panel.isHidden():
            self.close()
        elif self._question() is None:
            self.told.emit(tr("Search for something first; then Why says what speaks for a photo."))
        elif self._photo() is None:
            self.told.emit(tr("No photo is selected"))
        else:
            self._panel.say("")
            self._panel.show()

    def close(self) -> None:
        """Hide the panel; the keyboard goes back if it was there."""
        self._panel.leave()

    def refresh(self) -> None:
        """Explain the present photo, if the panel is shown."""
        if self._panel.isHidden():
            return
        photo_id, question = self._photo(), self._question()
        if photo_id is None or question is None:
            self.close()
            return
        if isinstance(question, search_messages.Similar):
            question = search_messages.Search("", liked=(question.photo_id,))

        def is_current() -> bool:
            return not self._panel.isHidden() and self._photo() == photo_id

        self._link.order(
            self,
            search_messages.Explain(question, photo_id),
            lambda found: self._panel.explain(found) if is_current() else None,
            lambda sentence: self._panel.say(sentence) if is_current() else None,
        )
