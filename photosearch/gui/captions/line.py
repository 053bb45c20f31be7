"""The one line in which captions are written photo after photo, with what it may go on with beneath."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from photosearch.core.photo import LONGEST_CAPTION
from photosearch.gui.captions.completion import Completion, Vocabulary
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr

_OFFERED = 5
_ROOM = 48  # characters of an offer


class CaptionLine(QLineEdit):
    """The line a caption is written in.

    Tab takes a completion, and the next one if pressed again; nothing is taken unasked.
    """

    entered = Signal()
    back_wanted = Signal()
    left = Signal()
    completions_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setFixedHeight(theme.SEARCH_HEIGHT)
        self.setFont(theme.scaled_font(1.08))
        self.setMaxLength(LONGEST_CAPTION)
        self.vocabulary = Vocabulary()
        self.completions: Sequence[Completion] = ()
        self.taken = -1  # which of them stands in the line
        self._composing = False
        self.textEdited.connect(lambda _: self._complete())
        self.cursorPositionChanged.connect(lambda _: self._complete())
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Caption"))
        self.setPlaceholderText(tr("Say what this photo shows, in your own words"))
        self.setAccessibleDescription(
            tr("Enter saves and goes on, Tab completes, the up arrow goes back, Esc leaves")
        )

    def show_text(self, text: str) -> None:
        """Show another photo's caption, selected."""
        self.setText(text)
        self.selectAll()
        self._offer(())

    def take(self, place: int) -> None:
        """Put a completion into the line; its neighbours stay on offer."""
        self.taken = place
        self.setText(self.completions[place].text)
        self.completions_changed.emit()

    def _complete(self) -> None:
        at_end = self.cursorPosition() == len(self.text())
        if 0 <= self.taken < len(self.completions) and self.text() == self.completions[self.taken].text:
            return
        offered = at_end and not self._composing and not self.hasSelectedText()
        self._offer(self.vocabulary.complete(self.text(), _OFFERED) if offered else ())

    def _offer(self, completions: Sequence[Completion]) -> None:
        self.taken = -1
        if list(completions) != list(self.completions):
            self.completions = completions
            self.completions_changed.emit()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()  # Esc is ours while we have the keyboard
                return True
            tab = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
            if event.type() == QEvent.Type.KeyPress and tab and self.completions:
                step = 1 if event.key() == Qt.Key.Key_Tab else -1
                first = 0 if step > 0 else len(self.completions) - 1
                self.take((self.taken + step) % len(self.completions) if self.taken >= 0 else first)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                (self.back_wanted if shift else self.entered).emit()
            case Qt.Key.Key_Up:
                self.back_wanted.emit()
            case Qt.Key.Key_Escape:
                self.left.emit()
            case _:
                super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        self._complete()


class CompletionRow(QWidget):
    """What the line may go on with; always as high, so that nothing moves."""

    def __init__(self, line: CaptionLine) -> None:
        super().__init__()
        self._line = line
        self.buttons = [self._button(place) for place in range(_OFFERED)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        self.setFixedHeight(28)
        line.completions_changed.connect(self._update_buttons)
        self._update_buttons()

    def _button(self, place: int) -> QPushButton:
        button = QPushButton()
        button.setObjectName("completion")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self._line.take(place))
        return button

    def _update_buttons(self) -> None:
        completions = self._line.completions
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(completions))
            if place < len(completions):
                shown = completions[place].shown
                button.setText((shown if len(shown) <= _ROOM else shown[:_ROOM] + "…").replace("&", "&&"))
                button.setToolTip(tip(completions[place].text))
                button.setProperty("taken", place == max(self._line.taken, 0))
                button.style().polish(button)
