"""Chips: short texts in round frames, each of which can be taken away by mouse or keyboard."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from photosearch.gui.query.understood import Understood
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.rows import Rows
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr

HEIGHT = 28
PICTURE = 20
_WIDEST_TEXT = 240
_CROSS = 12
_BUTTON = 24  # around the cross
_SPACING = 8
_LARGE = 320  # the long edge of a picture that is shown large, in logical pixels


class Chip(QWidget):
    """A piece of the question; Backspace, Delete or its cross take it away, and a click shows what is meant:
    its place in the field, or the picture."""

    removed = Signal()
    chosen = Signal()
    mark = "clear"  # the icon at its right

    def __init__(self, understood: Understood, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.understood = understood
        self._picture: QImage | None = None
        self._over_cross = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(theme.scaled_font(0.95))
        self.setToolTip(tip(understood.text))
        self.setAccessibleName(understood.text)
        self.setAccessibleDescription(tr("Backspace takes this out of the search"))

    def set_picture(self, picture: QImage) -> None:
        """Show a square picture, in device pixels, before the text."""
        self._picture = picture
        self.updateGeometry()
        self.update()

    def show_large(self, picture: QImage) -> None:
        """Show the picture beneath until anything is pressed."""
        ratio = self.devicePixelRatioF()
        edge = round(_LARGE * ratio)
        if max(picture.width(), picture.height()) > edge:
            shape, how = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            picture = picture.scaled(edge, edge, shape, how)
        picture.setDevicePixelRatio(ratio)
        glance = Glance(picture, self)
        glance.move(self.mapToGlobal(self.rect().bottomLeft()))
        glance.show()

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().horizontalAdvance(self.understood.text)
        return QSize(self._left + min(text, _WIDEST_TEXT) + _BUTTON + 6, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _left(self) -> int:
        """Of the text."""
        return 4 + PICTURE + 6 if self._picture is not None else 12

    @property
    def cross(self) -> QRect:
        """Where a click takes it away, in logical pixels of the chip."""
        return QRect(self.width() - _BUTTON - 2, (HEIGHT - _BUTTON) // 2, _BUTTON, _BUTTON)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            inset = 1.0 if self.hasFocus() else 0.5
            frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            edge = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Mid
            painter.setPen(QPen(colours.color(edge), 2 * inset))
            painter.setBrush(colours.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
            if self._picture is not None:
                self._paint_picture(painter, self._picture)
            room = QRect(self._left, 0, self.cross.left() - self._left, HEIGHT)
            painter.setPen(colours.color(QPalette.ColorRole.WindowText))
            text = self.fontMetrics().elidedText(
                self.understood.text, Qt.TextElideMode.ElideMiddle, room.width()
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            if self._over_cross:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.color(QPalette.ColorRole.Mid))
                painter.drawEllipse(self.cross.adjusted(2, 2, -2, -2))
            cross = QRect(0, 0, _CROSS, _CROSS)
            cross.moveCenter(self.cross.center())
            role = QPalette.ColorRole.WindowText if self._over_cross else QPalette.ColorRole.PlaceholderText
            icon(self.mark, role).paint(painter, cross)

    def _paint_picture(self, painter: QPainter, picture: QImage) -> None:
        box = QRectF(4, (HEIGHT - PICTURE) / 2, PICTURE, PICTURE)
        disc = QPainterPath()
        disc.addEllipse(box)
        painter.save()
        painter.setClipPath(disc)
        painter.drawImage(box, picture)
        painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cross.contains(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(where):
            (self.removed if self.cross.contains(where) else self.chosen).emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete:
                self.removed.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.chosen.emit()
            case Qt.Key.Key_Right:
                self.focusNextChild()
            case Qt.Key.Key_Left:
                self.focusPreviousChild()
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _hover(self, over: bool) -> None:
        self._over_cross = over
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        self.update()


class Glance(QLabel):
    """A picture over the window, gone at the next key or click."""

    def __init__(self, picture: QImage, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setPixmap(QPixmap.fromImage(picture))
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close()


class WordChip(Chip):
    """What a word of the person's own was read as; pressed, it lets one change that."""

    mark = "pencil"

    def __init__(self, understood: Understood) -> None:
        super().__init__(understood)
        self.setToolTip(tip(tr("{what}: press to change it", what=understood.text)))
        self.setAccessibleDescription(tr("Enter changes what this word is read as"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.chosen.emit()  # it cannot be taken out, but it can be changed
        else:
            super().keyPressEvent(event)

    def _hover(self, over: bool) -> None:
        self._over_cross = over
        self.update()


class ChipBar(Rows):
    """Shows chips in rows, as many as they need.

    Args:
        behind: Tab leads from it to the first
    """

    removed = Signal(object)  # Understood
    chosen = Signal(object)  # Understood
    emptied = Signal()  # the last one went, and it had the keyboard

    def __init__(self, behind: QWidget) -> None:
        super().__init__(_SPACING)
        self._behind = behind
        self.chips: list[Chip] = []
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Maximum)
        self.setSizePolicy(policy)
        self.hide()

    def show_pieces(self, pieces: Sequence[Understood]) -> None:
        """Show a chip for each piece; the keyboard stays at its place."""
        if [chip.understood for chip in self.chips] == list(pieces):
            return
        focused = next((place for place, chip in enumerate(self.chips) if chip.hasFocus()), None)
        old, self.chips = self.chips, [self._made(piece) for piece in pieces]
        if focused is not None:  # whoever takes several away goes on
            if self.chips:
                self.chips[min(focused, len(self.chips) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self.emptied.emit()
        for chip in old:
            self.remove(chip)
        for before, after in itertools.pairwise((self._behind, *self.chips)):
            QWidget.setTabOrder(before, after)
        self.setVisible(bool(self.chips))

    def _made(self, piece: Understood) -> Chip:
        chip = WordChip(piece) if piece.kind == "word" else Chip(piece)
        chip.removed.connect(lambda: self.removed.emit(piece))
        chip.chosen.connect(lambda: self.chosen.emit(piece))
        self.add(chip)
        chip.show()
        return chip
