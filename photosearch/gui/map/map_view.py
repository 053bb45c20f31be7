"""The map: land, towns, and a mark for each place at which photos were taken."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from photosearch import i18n
from photosearch.core.towns import town_at
from photosearch.gui.data.thumbnail_cache import ThumbnailCache, ThumbnailWish
from photosearch.gui.map import marks
from photosearch.gui.map.clusters import Circle, Cluster, Places
from photosearch.gui.map.land import paint_land
from photosearch.gui.map.mercator import Spot, degrees
from photosearch.gui.map.ring import ring_of
from photosearch.gui.map.town_names import TownNames
from photosearch.gui.map.viewport import Viewport
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.announce import announce
from photosearch.gui.widgets.focus import came_by_key
from photosearch.gui.widgets.pinch import Pinch
from photosearch.i18n import tr, tr_n
from photosearch.store.places import kilometres_between

STEP = 0.5  # of the zoom, at a key or a notch
_NOTCH = 120  # of a wheel, as Qt counts
_CLICK = 4  # logical pixels: a press that moved less is a click
_PAN = 80  # logical pixels, at a key
_LEAST_RADIUS = 6  # logical pixels of a circle

_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MapView(QWidget):
    """Shows where photos were taken; zoomed at the pointer, panned by dragging."""

    chosen = Signal(object)  # Circle: the photos in it are to be shown
    drawing_changed = Signal(bool)

    def __init__(self, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._places: Places | None = None
        self._whole = True  # all places are in view, until the person looks at a part
        self.viewport = Viewport()
        self.clusters: list[Cluster] = []
        self._current: Cluster | None = None  # that the keyboard is at
        self._pointed: Cluster | None = None
        self._towns = TownNames()
        self._pressed: QPointF | None = None
        self._dragged = False
        self._drawing = False
        self._circle: tuple[QPointF, QPointF] | None = None  # its middle, and a point of its edge
        self._ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setMouseTracking(True)
        self._pinch = Pinch(self)
        self._pinch.pinched.connect(lambda factor, at: self.zoom_by(math.log2(max(factor, 0.01)), at))
        thumbnails.arrived.connect(lambda _: self.update())

    def show_places(self, places: Places) -> None:
        """Show where photos were taken; all of it comes into view unless the person looks at a part."""
        self._places = places
        self._fit_or_stay()

    def fit(self) -> None:
        """Have every place in view, and whatever comes later."""
        self._whole = True
        if self._places is not None and len(self._places):
            self.viewport.fit(*self._places.bounds)
        self._changed()

    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        """Closer, or farther for steps below 0, with what is at a point staying there."""
        self._whole = False
        self.viewport.by(steps, at or QPointF(self.rect().center()))
        self._changed()

    def _pan(self, dx: float, dy: float) -> None:
        self._whole = False
        self.viewport.pan(dx, dy)
        self._changed()

    def _fit_or_stay(self) -> None:
        if self._whole:
            self.fit()
        else:
            self._changed()

    @property
    def drawing(self) -> bool:
        """Whether dragging draws a circle."""
        return self._drawing

    def draw(self, drawing: bool) -> None:
        """Let dragging draw a circle, or move the map."""
        if drawing != self._drawing:
            self._drawing, self._circle = drawing, None
            self._show_cursor()
            self.update()
            self.drawing_changed.emit(drawing)

    def in_view(self) -> Circle:
        """The largest circle that is whole in view."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        edge = middle + QPointF(min(self.width(), self.height()) / 2, 0)
        return self._circle_of(middle, edge)

    # --- what is where

    def _changed(self) -> None:
        """Another part is shown: other marks, and pictures on them."""
        kept = self._current.rows[0] if self._current else None
        self.clusters = self._places.clusters(self.viewport.view) if self._places is not None else []
        self._towns.look_up(self.viewport)
        self._pointed = None
        self._current = next((cluster for cluster in self.clusters if cluster.rows[0] == kept), None)
        edge = round(marks.EDGE * self.devicePixelRatioF())
        radius = round(theme.THUMBNAIL_RADIUS * self.devicePixelRatioF())
        if self.isVisible():
            self._thumbnails.want([ThumbnailWish(c.newest, edge, edge, radius) for c in self.clusters])
        self.update()

    def _at(self, point: QPointF) -> Cluster | None:
        """The mark at a point; the smallest lie above."""
        return next(
            (c for c in reversed(self.clusters) if marks.frame_of(self._point_of(c)).contains(point)), None
        )

    def _point_of(self, cluster: Cluster) -> QPointF:
        """The middle of a mark, which is whole where the map ends, and where it begins anew, too."""
        point, ends = self.viewport.point_of(cluster.spot), self.viewport.point_of
        top, bottom = (ends(Spot(0, at)).y() for at in (0, 1))
        beside = self.viewport.scale / 2 - marks.REACH
        return QPointF(
            min(max(point.x(), self.width() / 2 - beside), self.width() / 2 + beside),
            min(max(point.y(), top + marks.REACH), bottom - marks.REACH),
        )

    def _circle_of(self, middle: QPointF, edge: QPointF) -> Circle:
        amid, end = (degrees(self.viewport.spot_at(point)) for point in (middle, edge))
        return Circle(*amid, kilometres_between(amid, end))

    def _said(self, cluster: Cluster) -> str:
        latitude, longitude = degrees(cluster.spot)
        photos = tr_n("{n} photo", "{n} photos", cluster.photos)
        town = town_at(latitude, longitude)
        return f"{photos} · {town.said(i18n.language())}" if town else photos

    def _open(self, cluster: Cluster) -> None:
        if self._places is not None:
            self.chosen.emit(self._places.around(cluster))

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        role, colours = QPalette.ColorRole, self.palette()
        with QPainter(self) as painter:
            painter.setRenderHints(
                QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
            )
            painter.fillRect(self.rect(), colours.color(role.AlternateBase))
            paint_land(painter, colours, self.viewport)
            frames = (marks.frame_of(self._point_of(cluster)) for cluster in self.clusters)
            self._towns.paint(painter, colours, self.viewport, QRectF(self.rect()), frames)
            for cluster in self.clusters:
                lit = cluster in (self._pointed, self._current if self.hasFocus() else None)
                picture = self._thumbnails.get(cluster.newest)
                marks.paint_mark(painter, colours, self._point_of(cluster), picture, cluster.photos, lit=lit)
            self._paint_circle(painter)
            if self._ringed:
                painter.setPen(QPen(colours.color(role.Highlight), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_circle(self, painter: QPainter) -> None:
        if self._circle is None or self._places is None:
            return
        circle = self._circle_of(*self._circle)
        ring = ring_of(circle, self.viewport)
        colour = self.palette().color(QPalette.ColorRole.Highlight)
        inside = QColor(colour)
        inside.setAlphaF(0.15)
        painter.fillPath(ring.inside, inside)
        painter.strokePath(ring.line, QPen(colour, 2))
        text = tr_n("{n} photo", "{n} photos", self._places.inside(circle))
        painter.setFont(theme.scaled_font(1.0, semibold=True))
        marks.paint_label(painter, self.palette(), self._circle[0], text, QRectF(self.rect()))

    # --- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.viewport.resize(QSizeF(self.size()))
        self._fit_or_stay()

    def showEvent(self, event: QEvent) -> None:
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(STEP * event.angleDelta().y() / _NOTCH, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False
            if self._draws(event):
                self._circle = (event.position(), event.position())
            self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None:
            if (pointed := self._at(at)) != self._pointed:
                self._pointed = pointed
                self._show_cursor()
                self.update()
        elif self._circle is not None:
            self._circle = (self._circle[0], at)
            self.update()
        elif self._dragged or math.dist(at.toTuple(), self._pressed.toTuple()) >= _CLICK:
            self._dragged = True
            moved = at - self._pressed
            self._pressed = at
            self._pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        circle, clicked = self._circle, not self._dragged
        self._pressed = self._circle = None
        if circle is not None:
            if math.dist(circle[0].toTuple(), circle[1].toTuple()) >= _LEAST_RADIUS:
                self.draw(False)
                self.chosen.emit(self._circle_of(*circle))
        elif clicked and (cluster := self._at(event.position())) is not None:
            self._open(cluster)
        self._show_cursor()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._at(event.position()) is None:
            self.zoom_by(2 * STEP, event.position())

    def _draws(self, event: QMouseEvent) -> bool:
        return self._drawing or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

    def _show_cursor(self) -> None:
        if self._drawing or self._circle is not None:
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif self._pressed is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._pointed is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from mark to mark, with Shift they move the map; Return opens a mark."""
        key = Qt.Key(event.key())
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        keys: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Plus: lambda: self.zoom_by(STEP),
            Qt.Key.Key_Equal: lambda: self.zoom_by(STEP),
            Qt.Key.Key_Minus: lambda: self.zoom_by(-STEP),
            Qt.Key.Key_Home: self.fit,
        }
        if key in _DIRECTIONS and shifted:
            across, down = _DIRECTIONS[key]
            self._pan(-across * _PAN, -down * _PAN)
        elif key in _DIRECTIONS:
            self._go(*_DIRECTIONS[key])
        elif key in keys:
            keys[key]()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current:
            self._open(self._current)
        elif key == Qt.Key.Key_Escape and (self._drawing or self._circle):
            self._pressed = None
            self.draw(False)
        else:
            super().keyPressEvent(event)

    def _go(self, across: int, down: int) -> None:
        """To the nearest mark in a direction; to the largest where one is at none."""
        if self._current is None:
            self._light(self.clusters[0] if self.clusters else None)
            return
        here = self._point_of(self._current)
        ahead: list[tuple[float, Cluster]] = []
        for cluster in self.clusters:
            way = self._point_of(cluster) - here
            along, aside = way.x() * across + way.y() * down, abs(way.x() * down) + abs(way.y() * across)
            if along > 0 and aside <= 2 * along:
                ahead.append((along + aside, cluster))
        if ahead:
            self._light(min(ahead, key=lambda found: found[0])[1])

    def _light(self, cluster: Cluster | None) -> None:
        self._current, self._ringed = cluster, False
        if cluster is not None:
            reach = QPointF(marks.REACH, marks.REACH)
            point = self._point_of(cluster)
            moved = marks.into(QRectF(point - reach, point + reach), QRectF(self.rect()))
            if not moved.isNull():
                self._pan(moved.x(), moved.y())
            announce(self, self._said(cluster))
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ringed = came_by_key(event) and self._current is None
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ringed = False
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cluster = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._said(cluster) if cluster else "", self)
            return True
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and (self._drawing or self._circle)
        ):
            event.accept()  # else it is the window's, which leaves the map
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Map"))
        self.setAccessibleDescription(
            tr("Arrow keys lead from place to place, Return shows its photos, plus and minus zoom.")
        )
        self.update()
