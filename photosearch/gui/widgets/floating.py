"""What lies over a picture: arrows to its neighbours, and a sentence where one is needed."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon

_STEP = 40
_WIDEST_NOTE = 640


class StepButton(QToolButton):
    """A round arrow; hidden until the pointer moves."""

    def __init__(self, picture: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setIcon(icon(picture, of=self))
        self.setIconSize(QSize(20, 20))
        self.setFixedSize(_STEP, _STEP)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    def name(self, text: str) -> None:
        """Say what it does, in a tooltip and to a screen reader."""
        self.setAccessibleName(text)
        self.setToolTip(text)


class Note(QWidget):
    """A sentence near the lower edge, on a ground of its own, with a button where one is wanted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._mark = QLabel()
        self.text = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.button = QPushButton()
        self.button.setObjectName("quiet")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard to the picture
        self.button.setCursor(Qt.CursorShape.ArrowCursor)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    def say(self, picture: str, text: str, button: str = "") -> None:
        """Show a sentence with an icon and a button; empty text takes it away."""
        self.text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not button)
        self._mark.setVisible(bool(picture))
        if picture:
            self._mark.setPixmap(icon(picture, of=self).pixmap(20, 20))
        self.setVisible(bool(text))

    def place(self, area: QRect) -> None:
        """Lie near the lower edge of an area."""
        width = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 28
        for beside in (self._mark, self.button):
            if beside.isVisibleTo(self):
                width += beside.sizeHint().width() + self._row.spacing()
        width = min(width, _WIDEST_NOTE, area.width() - 32)
        self.setFixedWidth(max(width, 80))
        height = self._row.heightForWidth(self.width())
        self.setGeometry(
            (area.width() - self.width()) // 2, area.height() - height - 24, self.width(), height
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
            painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
            radius = theme.CONTROL_RADIUS
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def paint_ground(widget: QWidget) -> None:
    """Paint the rounded ground of a list or a popover that lies over the window."""
    colours = widget.palette()
    with QPainter(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.color(QPalette.ColorRole.Dark))
        painter.setBrush(colours.color(QPalette.ColorRole.Base))
        frame = QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
