"""One photo as large as its place allows: zoomed at the pointer, panned by dragging."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from photosearch.core.lines import Box
from photosearch.gui.viewer.zoom import Size, Zoom
from photosearch.gui.widgets.focus import came_by_key
from photosearch.gui.widgets.pinch import Pinch

STEP = 1.25
_NOTCH = 120  # of a wheel, as Qt counts
_MARK_GROUND = QColor(0, 0, 0, 150)
_SHARP = 3.0  # from here on the pixels themselves are what one wants to see


class PictureView(QWidget):
    """Paints what it is given, a thumbnail or the full picture, at the size of the photo in full."""

    zoomed = Signal()  # another scale: more pixels may be needed
    menu_wanted = Signal(object)  # QPoint, global
    pointer_moved = Signal(object)  # QPoint
    closing_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._zoom = Zoom()
        self._image = QImage()
        self._quarters = 0  # by which it is turned clockwise
        self._marks: Sequence[Box] = ()
        self._fitted = QPixmap()  # the image at exactly the size at which it is whole in view
        self._fitted_of = (0, QSize())
        self._dragged_from: QPointF | None = None
        self._pointer_shown = True
        self._ringed = False  # Tab led here
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # keys are commands here
        self.setMouseTracking(True)
        self.setMinimumSize(120, 120)
        self._pinch = Pinch(self)
        self._pinch.pinched.connect(self._zoom_by)

    @property
    def zoom(self) -> Zoom:
        """Where the photo lies in the view, and how large."""
        return self._zoom

    @property
    def image(self) -> QImage:
        """What is painted; null for nothing."""
        return self._image

    def show_photo(self, image: QImage, width: int, height: int) -> None:
        """Show another photo, whole in view; `image` may be smaller than its `width` × `height` pixels."""
        self._quarters = 0
        self._marks = ()
        self._ring(False)  # one has gone on from where Tab led
        self._zoom.show(Size(max(width, 1), max(height, 1)))
        self._image = image
        self._update_zoom()

    @property
    def marks(self) -> Sequence[Box]:
        """What is framed in the photo."""
        return self._marks

    def mark(self, boxes: Sequence[Box]) -> None:
        """Frame lines of text in the photo, until another is shown."""
        if boxes != self._marks:
            self._marks = boxes
            self.update()

    def sharpen(self, image: QImage) -> None:
        """Show the same photo with more pixels."""
        self._image = image
        self.update()

    def wanted_edge(self) -> int:
        """The long edge that the photo has on the screen now, device pixels."""
        _, _, width, height = self._zoom.rect
        return round(max(width, height))

    def zoom_in(self) -> None:
        """Show the middle larger, by one step."""
        self._zoom_by(STEP, self._middle())

    def zoom_out(self) -> None:
        """Show the middle smaller, by one step."""
        self._zoom_by(1 / STEP, self._middle())

    def fit(self) -> None:
        """Show the whole photo."""
        self._zoom.fit()
        self._update_zoom()

    def toggle(self, at: QPointF | None = None) -> None:
        """Between the whole photo and its own pixels."""
        at = at or self._middle()
        ratio = self.devicePixelRatioF()
        self._zoom.toggle(at.x() * ratio, at.y() * ratio)
        self._update_zoom()

    def turn(self, quarters: int) -> None:
        """Turn the photo clockwise by so many quarters until another is shown; its file stays as it is."""
        self._quarters = (self._quarters + quarters) % 4
        if quarters % 2:
            self._zoom.show(Size(*reversed(self._zoom.photo)))
        self._update_zoom()

    def pan_by(self, across: float, down: float) -> None:
        """Move the photo by shares of a quarter of the view."""
        self._pan(QPointF(across * self.width() / 4, down * self.height() / 4))

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        ratio = self.devicePixelRatioF()
        self._zoom.by(factor, at.x() * ratio, at.y() * ratio)
        self._update_zoom()

    def _middle(self) -> QPointF:
        pointer = QPointF(self.mapFromGlobal(self.cursor().pos()))
        return pointer if self.underMouse() else QPointF(self.rect().center())

    def _update_zoom(self) -> None:
        self._show_cursor()
        self.update()
        self.zoomed.emit()

    def show_pointer(self, shown: bool) -> None:
        """Show the mouse's pointer over the photo, or hide it."""
        self._pointer_shown = shown
        self._show_cursor()

    def _show_cursor(self) -> None:
        if not self._pointer_shown:
            self.setCursor(Qt.CursorShape.BlankCursor)
        elif self._dragged_from is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._zoom.movable:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
            if not self._image.isNull():
                self._paint_image(painter, ratio)
            if self._ringed:
                painter.resetTransform()
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_image(self, painter: QPainter, ratio: float) -> None:
        painter.scale(1 / ratio, 1 / ratio)
        left, top, width, height = self._zoom.rect
        if self._zoom.fitted:  # device pixel by device pixel
            left, top, width, height = round(left), round(top), max(1, round(width)), max(1, round(height))
        turned = self._quarters  # from the corner at which the photo's own upper left one comes to lie
        painter.translate(left + width * (turned in (1, 2)), top + height * (turned in (2, 3)))
        painter.rotate(90 * turned)
        if turned % 2:
            width, height = height, width
        if self._zoom.fitted:
            painter.drawPixmap(0, 0, self._fitted_pixmap(QSize(int(width), int(height))))
        else:
            smooth = width / self._image.width() < _SHARP
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(QRectF(0, 0, width, height), self._image)
        self._paint_marks(painter, width, height, ratio)

    def _paint_marks(self, painter: QPainter, width: float, height: float, ratio: float) -> None:
        """With a light frame in a dark one, so that they are seen on any photo."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        for box in self._marks:
            frame = QPolygonF([QPointF(x * width, y * height) for x, y in box])
            for colour, thickness in ((_MARK_GROUND, 4), (accent, 2)):
                painter.setPen(QPen(colour, thickness * ratio))
                painter.drawPolygon(frame)

    def _fitted_pixmap(self, size: QSize) -> QPixmap:
        of = (self._image.cacheKey(), size)
        if self._fitted_of != of:
            smooth = Qt.TransformationMode.SmoothTransformation
            scaled = self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
            self._fitted = QPixmap.fromImage(scaled)
            self._fitted_of = of
        return self._fitted

    # --- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._update_size()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._update_size()
        return super().event(event)

    def _update_size(self) -> None:
        ratio = self.devicePixelRatioF()
        self._zoom.resize(Size(self.width() * ratio, self.height() * ratio))
        self._update_zoom()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring(came_by_key(event))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring(False)

    def _ring(self, ringed: bool) -> None:
        self._ringed = ringed
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_by(STEP ** (event.angleDelta().y() / _NOTCH), event.position())
        elif self._zoom.movable:
            moved = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
            self._pan(QPointF(moved))
        else:
            event.ignore()  # the detail view walks on
            return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.closing_wanted.emit()
        elif event.button() == Qt.MouseButton.LeftButton and self._zoom.movable:
            self._dragged_from = event.position()
            self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer_moved.emit(event.position().toPoint())
        if self._dragged_from is not None:
            self._pan(event.position() - self._dragged_from)
            self._dragged_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle(event.position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu_wanted.emit(self.mapToGlobal(self.rect().center()) if keyboard else event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _pan(self, moved: QPointF) -> None:
        ratio = self.devicePixelRatioF()
        self._zoom.pan(moved.x() * ratio, moved.y() * ratio)
        self.update()
