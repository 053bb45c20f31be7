"""A rating of one to five stars, given by a click or by the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n

MOST = 5
_STAR, _CELL, _HEIGHT = 20, 26, 28
INSET = 5  # of what is drawn of the first one


class Stars(QWidget):
    """Shows and changes a rating of 0 to 5 stars."""

    chosen = Signal(object)  # int, 0 to 5; a click on the present rating takes it away

    def __init__(self) -> None:
        super().__init__()
        self._rating = 0
        self._differ = False
        self._pointed = 0
        self.setFixedSize(QSize(MOST * _CELL, _HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    @property
    def rating(self) -> int:
        """How many stars are shown as given, 0 to 5."""
        return self._rating

    def show_rating(self, rating: int | None, *, differ: bool = False) -> None:
        """Show so many stars; None where nobody has said, or where those of several photos `differ`."""
        self._rating, self._differ = rating or 0, differ
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Rating"))
        if self._differ:
            said = tr("Different stars")
        else:
            said = tr_n("{n} star", "{n} stars", self._rating) if self._rating else tr("Not rated")
        self.setAccessibleDescription(said)
        self.setToolTip(tr("{rating} (keys 0 to 5)", rating=said))

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._pointed or self._rating
        with QPainter(self) as painter:
            for number in range(MOST):
                filled = number < shown
                role = QPalette.ColorRole.Highlight if filled else QPalette.ColorRole.Dark
                cell = QRect(number * _CELL, 0, _CELL, _HEIGHT)
                star = QRect(0, 0, _STAR, _STAR)
                star.moveCenter(cell.center())
                icon("star-filled" if filled else "star", role, self).paint(painter, star)
            if self.hasFocus():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
                painter.drawRoundedRect(
                    self.rect().adjusted(1, 1, -1, -1), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS
                )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._at(event))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            number = self._at(event)
            self._choose(0 if number == self._rating else number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self._choose(min(self._rating + 1, MOST))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._choose(max(self._rating - 1, 0))
        elif event.text().isdigit() and int(event.text()) <= MOST:
            self._choose(int(event.text()))
        else:
            super().keyPressEvent(event)

    def _at(self, event: QMouseEvent) -> int:
        return min(max(int(event.position().x()) // _CELL + 1, 1), MOST)

    def _point(self, number: int) -> None:
        self._pointed = number
        self.update()

    def _choose(self, rating: int) -> None:
        self._pointed = 0
        self.show_rating(rating)
        self.chosen.emit(rating)
