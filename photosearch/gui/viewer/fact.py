"""One thing that is known of a photo: its name, and below it a value that may lead to other photos."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.focus import came_by_key


class Piece(NamedTuple):
    """A part of a value, and what it leads to: mostly a place or a search that has photos which share it."""

    text: str
    leads_to: object = None  # None: nowhere
    does: str = ""  # where it leads, in words, if the text does not say it


def joined(pieces: Iterable[Piece], between: str) -> list[Piece]:
    """Those that say something, with a mark between."""
    said = [piece for piece in pieces if piece.text]
    return [part for piece in said for part in (Piece(between), piece)][1:]


class Fact(QWidget):
    """A value that can be selected, under its name; hidden where there is none."""

    followed = Signal(object)  # what a piece leads to

    def __init__(self) -> None:
        super().__init__()
        self._pieces: Sequence[Piece] = ()
        self.name = label(0.85, secondary=True)
        self.value = _Value()
        self.value.linkActivated.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.name)
        self._line = QHBoxLayout()
        self._line.setSpacing(4)
        self._line.addWidget(self.value, 1)
        column.addLayout(self._line)

    def add_button(self, button: QWidget) -> None:
        """Put a button beside the value."""
        self._line.addWidget(button)

    def tell(self, name: str, *pieces: Piece) -> None:
        """Show a value under its name; nothing is shown without a value."""
        self._pieces = pieces
        self.name.setText(name)
        self.value.setAccessibleName(f"{name}: {''.join(piece.text for piece in pieces)}")
        self._show()
        leads = any(piece.leads_to for piece in pieces)
        self.value.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.ClickFocus)
        self.setVisible(any(piece.text for piece in pieces))

    def _follow(self, number: str) -> None:
        self.followed.emit(self._pieces[int(number)].leads_to)

    def _show(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.Link).name()
        shown = []
        for number, piece in enumerate(self._pieces):
            text = html.escape(breakable(piece.text)).replace("  ", "&nbsp; ").replace("\n", "<br>")
            style = f"color: {colour}; text-decoration: none"
            title = f' title="{html.escape(piece.does)}"' if piece.does else ""
            shown.append(f'<a href="{number}"{title} style="{style}">{text}</a>' if piece.leads_to else text)
        self.value.setText("".join(shown))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show()  # a link's colour lies in its text


class _Value(QLabel):
    """Text with links, the first of which has the keyboard as soon as Tab leads here."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt marks a link that was clicked, as if Tab had led to it; what was dragged over stays marked."""
        dragged = self.hasSelectedText()
        super().mouseReleaseEvent(event)
        if not dragged:
            self.setSelection(0, 0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if came_by_key(event):
            self.focusNextPrevChild(event.reason() == Qt.FocusReason.TabFocusReason)


def breakable(text: str) -> str:
    """A path or a long name may go on in the next line behind each of its parts."""
    return text.replace("/", "/\u200b").replace("_", "_\u200b")


def label(size: float, *, semibold: bool = False, secondary: bool = False) -> QLabel:
    """Return an empty label of plain text that goes on in the next line."""
    made = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    made.setFont(theme.scaled_font(size, semibold=semibold))
    if secondary:
        made.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return made
