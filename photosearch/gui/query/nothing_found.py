"""The page where filters leave no photo: each can be taken away by a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from photosearch.gui.query.understood import Understood
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.pages import Page
from photosearch.i18n import tr, tr_n

_MOST_BUTTONS = 4


class NothingFoundPage(Page):
    """Says that the filters leave no photo, and offers to take each of them away."""

    removal_wanted = Signal(object)  # Understood

    def __init__(self) -> None:
        super().__init__(icon("photos", QPalette.ColorRole.Dark), 56)
        self.buttons: list[QPushButton] = []
        column = QWidget()
        self._choices = QVBoxLayout(column)
        self._choices.setContentsMargins(0, 0, 0, 0)
        self._choices.setSpacing(8)
        self._add(column, after=0)
        self.finish()

    def show_filters(self, filters: Sequence[tuple[Understood, int]]) -> None:
        """Show each filter with the photos that would be left without it; those that help most come first."""
        filters = sorted(filters, key=lambda one: -one[1])
        if any(left for _, left in filters):
            filters = [(piece, left) for piece, left in filters if left]
        self.say(
            tr("No photos match the filters"),
            tr("Together they leave nothing. Take one away to see more:")
            if len(filters) > 1
            else tr("There is no photo of this kind here."),
        )
        for button in self.buttons:
            self._choices.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(*one) for one in filters[:_MOST_BUTTONS]]

    def _button(self, piece: Understood, left: int) -> QPushButton:
        text = tr("Remove “{what}”", what=piece.text)
        if left:
            text = tr_n("{remove}  ·  {n} photo", "{remove}  ·  {n} photos", left, remove=text)
        button = QPushButton(text.replace("&", "&&"), autoDefault=True)
        button.clicked.connect(lambda: self.removal_wanted.emit(piece))
        self._choices.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        button.show()
        return button
