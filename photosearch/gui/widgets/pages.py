"""What stands where photos would: a title, an explanation, at most one thing to do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import app_icon, icon
from photosearch.i18n import said_again, tr

_TEXT_WIDTH = 480


class Page(QWidget):
    """A column in the middle of the window: a picture, a title, an explanation."""

    def __init__(self, picture: QIcon, picture_edge: int) -> None:
        super().__init__()
        self._picture, self._edge = picture, picture_edge
        self._image = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._explanation = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._explanation.setTextFormat(Qt.TextFormat.PlainText)
        self._explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for label in (self._title, self._explanation):
            label.setFixedWidth(_TEXT_WIDTH)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addStretch(4)
        self._add(self._image, after=16)
        self._add(self._title, after=8)
        self._add(self._explanation, after=24)
        self._show_picture()

    def say(self, title: str, explanation: str) -> None:
        """Show a title and a sentence below it."""
        self._title.setText(title)
        self._explanation.setText(explanation)

    def finish(self) -> None:
        """Close the column after its last widget: it sits a little above the middle, where eyes expect it."""
        self._column.addStretch(5)

    def _add(self, widget: QWidget, *, after: int) -> None:
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(widget)
        row.addStretch()
        self._column.addLayout(row)
        self._column.addSpacing(after)

    def _show_picture(self) -> None:
        self._image.setPixmap(self._picture.pixmap(self._edge, self._edge))

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        self._show_picture()


class WelcomePage(Page):
    """Offers to add a folder where there is none."""

    def __init__(self) -> None:
        super().__init__(app_icon(), 88)
        self.add_folder = QPushButton(autoDefault=True)
        self.add_folder.setObjectName("primary")
        self._add(self.add_folder, after=12)
        self._hint = QLabel()
        self._hint.setFont(theme.scaled_font(0.9))
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._add(self._hint, after=0)
        self.finish()
        self.retranslate()

    def retranslate(self) -> None:
        self.say(
            tr("Find photos by what is in them"),
            tr("Choose a folder, then describe the photo you remember.\nNothing leaves this computer."),
        )
        self.add_folder.setText(tr("Add a folder…"))
        self._hint.setText(tr("or drop one anywhere in this window"))


class MessagePage(Page):
    """Says that nothing is found, that nothing is there yet, or that something went wrong."""

    def __init__(self) -> None:
        super().__init__(icon("photos", QPalette.ColorRole.Dark), 56)
        self._said = ("", "")
        self.finish()

    def say(self, title: str, explanation: str) -> None:
        self._said = (title, explanation)
        super().say(title, explanation)

    def retranslate(self) -> None:
        self.say(*map(said_again, self._said))


class DropOverlay(QWidget):
    """Lies over the window while a folder is held above it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Lie over everything of the parent."""
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
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Drop to add this folder"))
