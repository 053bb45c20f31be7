"""The page where filters leave no photo: each can be taken away by a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from photosearch.gui.chips import Rows
from photosearch.gui.icons import icon
from photosearch.gui.pages import Page
from photosearch.gui.understood import Understood
from photosearch.i18n import tr, tr_n

_MOST_BUTTONS = 4


class NothingFoundPage(Page):
    removal_wanted = Signal(object)  # Understood

    def __init__(self) -> None:
        super().__init__(icon("photos", QPalette.ColorRole.Dark), 56)
        self.buttons: list[QPushButton] = []
        self._row = QWidget()
        self._rows = Rows(self._row, 8)
        self._add(self._row, after=0)
        self.finish()

    def show_filters(self, filters: Sequence[tuple[Understood, int]]) -> None:
        """Each with the photos that would be left without it; those that help most come first."""
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
            self._rows.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(*one) for one in filters[:_MOST_BUTTONS]]
        self._row.setFixedWidth(min(self._rows.sizeHint().width(), 640))

    def _button(self, piece: Understood, left: int) -> QPushButton:
        text = tr("Remove “{what}”", what=piece.text)
        if left:
            text = tr_n("{remove}  ·  {n} photo", "{remove}  ·  {n} photos", left, remove=text)
        button = QPushButton(text.replace("&", "&&"), autoDefault=True)
        button.clicked.connect(lambda: self.removal_wanted.emit(piece))
        self._rows.addWidget(button)
        button.show()
        return button
