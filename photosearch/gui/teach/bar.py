"""A line above the status line: how learning goes while its window is closed, and the offer to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from photosearch.core.teaching import TeachingState
from photosearch.gui.teach import wording
from photosearch.gui.teach.running_page import share
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n, translated


class TeachBar(QWidget):
    """Tells in a line how learning goes while its window is closed, and offers to begin."""

    show_wanted = Signal()  # the window of teaching, at what this line tells of
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state: TeachingState | None = None
        self._offered = 0  # captions written, when it was offered
        self._mark = QLabel()
        self.text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedSize(160, 4)
        self.go, self.away = QPushButton(), QPushButton()
        for button in (self.go, self.away):
            button.setObjectName("quiet")
        self.go.clicked.connect(self.show_wanted)
        self.away.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self._mark)
        row.addWidget(self.text, 1)
        row.addWidget(self._bar)
        row.addWidget(self.go)
        row.addWidget(self.away)
        self.retranslate()

    @property
    def offers(self) -> bool:
        """Whether it offers to teach, and nothing runs."""
        return self._offered > 0 and self._state is None

    def show_state(self, state: TeachingState | None) -> None:
        """Tell how learning stands; None: there is nothing to tell."""
        self._state = state
        self.retranslate()

    def offer(self, captions: int) -> None:
        """Offer to learn from so many captions that were written; 0 ends that."""
        self._offered = captions
        self.retranslate()

    def retranslate(self) -> None:
        state = self._state
        running = state is not None and state.phase == "running"
        self._mark.setPixmap(icon("teach", QPalette.ColorRole.Highlight).pixmap(18, 18))
        self.text.setText(self._text_of(state))
        self.go.setText(tr("Show") if state is not None else tr("Teach it your words…"))
        self.away.setText(tr("Not now") if state is None else tr("Dismiss"))
        self.away.setVisible(not running)
        self._bar.setVisible(running)
        share(self._bar, state.progress if state is not None else None)
        self.setVisible(state is not None or self._offered > 0)

    def _text_of(self, state: TeachingState | None) -> str:
        if state is None:
            return tr_n(
                "You have written {n} caption: the search can learn your own words from it.",
                "You have written {n} captions: the search can learn your own words from them.",
                self._offered,
            )
        if state.phase == "running":
            return f"{tr('Learning your words')}: {wording.progress(state.progress)}"
        if state.sentence is not None:
            return translated(state.sentence)
        if state.verdict is not None:
            return tr("Your words were learnt: {verdict}", verdict=wording.verdict(state.verdict))
        return tr("Learning was stopped. Nothing has changed.")

    def _dismiss(self) -> None:
        self.dismissed.emit()
        self._state, self._offered = None, 0
        self.retranslate()
