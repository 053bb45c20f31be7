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
    everywhere_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(icon("photos", QPalette.ColorRole.Dark), 56)
        self.buttons: list[QPushButton] = []
        column = QWidget()
        self._choices = QVBoxLayout(column)
        self._choices.setContentsMargins(0, 0, 0, 0)
        self._choices.setSpacing(8)
        self._add(column, after=0)
        self.finish()

    def show_filters(
        self, filters: Sequence[tuple[Understood, int]], scope: str = "", everywhere: int = 0, why: str = ""
    ) -> None:
        """Show each filter with the photos that would be left without it; those that help most come first.

        Args:
            scope: where alone was searched; empty: everywhere
            everywhere: how many photos would be left there
            why: what is known of that
        """
        filters = sorted(filters, key=lambda one: -one[1])
        if any(left for _, left in filters):
            filters = [(piece, left) for piece, left in filters if left]
        if scope:
            title, explanation = tr("Nothing found in {place}", place=scope), ""
        elif len(filters) > 1:
            title = tr("No photos match the filters")
            explanation = tr("Together they leave nothing. Take one away to see more:")
        elif filters and filters[0][0].text.startswith("“"):
            title = tr("Nothing is called {words}, or captioned so", words=filters[0][0].text)
            explanation = tr(
                "Words in quotation marks are looked for in names and captions alone; without the marks, in "
                "pictures too."
            )
        else:
            title = tr("No photos match the filters")
            explanation = tr("There is no photo of this kind here.")
        self.say(title, why or explanation)
        for button in self.buttons:
            self._choices.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        if scope and (everywhere or not any(left for _, left in filters)):  # else it leads to nothing again
            widen = self._button(tr("Search everywhere"), everywhere)
            widen.clicked.connect(self.everywhere_wanted)
        for piece, left in filters[:_MOST_BUTTONS]:
            quoted = piece.text if piece.text.startswith("“") else f"“{piece.text}”"
            remove = self._button(tr("Remove {what}", what=quoted), left)
            remove.clicked.connect(lambda _, piece=piece: self.removal_wanted.emit(piece))

    def _button(self, text: str, left: int) -> QPushButton:
        if left:
            text = tr_n("{remove}  ·  {n} photo", "{remove}  ·  {n} photos", left, remove=text)
        button = QPushButton(text.replace("&", "&&"), autoDefault=True)
        self.buttons.append(button)
        self._choices.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        button.show()
        return button
