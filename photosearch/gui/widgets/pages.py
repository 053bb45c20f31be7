"""What stands where photos would: a title, an explanation, at most one thing to do."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import app_icon, icon
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import said_again, tr, tr_n

_TEXT_WIDTH = 480
_LEAST_PICTURE = 32
_COUNTED_OUT = 100  # photos that are told exactly


class Page(QWidget):
    """A column in the middle of the window: a picture, a title, an explanation."""

    def __init__(self, picture: QIcon, picture_edge: int) -> None:
        super().__init__()
        self._picture, self._edge = picture, picture_edge
        self._image = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._image.setMinimumHeight(_LEAST_PICTURE)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._explanation = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._explanation.setTextFormat(Qt.TextFormat.PlainText)
        self._explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
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
        self._show_picture()

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        for label in (self._title, self._explanation):
            label.setFixedWidth(min(_TEXT_WIDTH, self.width() - 2 * theme.MARGIN))
        self._show_picture()

    def _show_picture(self) -> None:
        """As large as it is meant, or as what is below it leaves room for."""
        room = self.height() - self._column.minimumHeightForWidth(self.width())
        edge = min(self._edge, _LEAST_PICTURE + max(0, room))
        self._image.setPixmap(self._picture.pixmap(edge, edge))

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        self._show_picture()


class WelcomePage(Page):
    """Offers to add a folder where there is none: the person's own pictures, or another."""

    pictures_wanted = Signal(object)  # str: the path that was offered

    def __init__(self) -> None:
        super().__init__(app_icon(), 88)
        self._offered = ("", 0, True)
        self.add_pictures = QPushButton(autoDefault=True)
        self.add_pictures.setObjectName("primary")
        self.add_pictures.hide()
        self.add_pictures.clicked.connect(lambda: self.pictures_wanted.emit(self._offered[0]))
        self.add_folder = QPushButton(autoDefault=True)
        self.add_folder.setObjectName("primary")
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.add_pictures)
        row.addWidget(self.add_folder)
        self._add(buttons, after=12)
        self._hint = QLabel()
        self._hint.setFont(theme.scaled_font(0.9))
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._add(self._hint, after=0)
        self.finish()
        self.retranslate()

    @property
    def first(self) -> QPushButton:
        """The button of what is to be done first."""
        return self.add_pictures if self._offered[0] else self.add_folder

    def offer_pictures(self, path: str, photos: int, counted_all: bool) -> None:
        """Put a folder of so many photos before all others, and the keyboard where it was on these."""
        had_keyboard = self.add_folder.hasFocus()
        self._offered = (path, photos, counted_all)
        self.add_folder.setObjectName("")
        self.add_folder.style().polish(self.add_folder)
        self.retranslate()
        self.add_pictures.show()
        if had_keyboard:
            self.add_pictures.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        self.say(
            tr("Find photos by what is in them"),
            tr("Choose a folder, then describe the photo you remember.\nNothing leaves this computer."),
        )
        path, photos, counted_all = self._offered
        self.add_folder.setText(tr("Another folder…") if path else tr("Add a folder…"))
        self.add_pictures.setText(_add_pictures(os.path.basename(path), photos, counted_all))  # noqa: PTH119
        self.add_pictures.setToolTip(tip(path))
        self._hint.setText(tr("or drop one anywhere in this window"))


def _add_pictures(name: str, photos: int, counted_all: bool) -> str:
    if photos < _COUNTED_OUT:
        return tr_n("Add “{name}”, {n} photo", "Add “{name}”, {n} photos", photos, name=name)
    step = 10 ** (len(str(photos)) - 2)
    if counted_all:
        return tr("Add “{name}”, about {n} photos", name=name, n=round(photos / step) * step)
    return tr("Add “{name}”, more than {n} photos", name=name, n=photos // step * step)


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
