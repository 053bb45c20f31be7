"""What is dropped from elsewhere: taken as a copy, and said while it is held above."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QDropEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosearch.gui.widgets import theme
from photosearch.i18n import said_again


def take_copy(event: QDropEvent) -> None:
    """Accept what is dropped, or held above: as a copy, so that whoever gives it keeps it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


class DropOverlay(QWidget):
    """Lies over a widget while something is held above it, and says what dropping it does."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self.hide()

    def cover(self, text: str) -> None:
        """Lie over everything of the parent, and say this."""
        self.text = text
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        veil = colours.color(QPalette.ColorRole.Window)
        veil.setAlphaF(0.88)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), veil)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colours.color(QPalette.ColorRole.Highlight), 2))
            painter.setBrush(colours.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 10, 10)
            painter.setFont(theme.scaled_font(1.5, semibold=True))
            painter.setPen(colours.color(QPalette.ColorRole.WindowText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, said_again(self.text))
