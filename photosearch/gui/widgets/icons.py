"""Our SVG icons, tinted with a role of the palette at the moment they are painted."""

from __future__ import annotations

import weakref
from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.paths import resources


def icon(
    name: str, role: QPalette.ColorRole = QPalette.ColorRole.WindowText, of: QWidget | None = None
) -> QIcon:
    """Return an icon of resources/icons, its `currentColor` being a palette's `role`.

    Args:
        of: the widget whose palette that is; None: the application's.
    """
    return QIcon(_Tinted(name, role, weakref.ref(of) if of else None))


def tinted(name: str, colour: QColor | Qt.GlobalColor, edge: int) -> QImage:
    """Return an icon of resources/icons in one colour, `edge` pixels square."""
    return _render(_source(name).replace(b"currentColor", QColor(colour).name().encode()), QSize(edge, edge))


def app_icon() -> QIcon:
    """Return the program's own mark, in its own colours."""
    found = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        found.addPixmap(QPixmap.fromImage(_render(_source("photosearch"), QSize(size, size))))
    return found


class _Tinted(QIconEngine):
    def __init__(self, name: str, role: QPalette.ColorRole, of: weakref.ref[QWidget] | None) -> None:
        super().__init__()
        self._name = name
        self._role = role
        self._of = of

    def clone(self) -> QIconEngine:
        return _Tinted(self._name, self._role, self._of)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatio()
        painter.drawImage(rect, self._image(rect.size() * scale, mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return QPixmap.fromImage(self._image(size, mode))

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        pixmap = QPixmap.fromImage(self._image(size * scale, mode))  # `size` is in logical pixels
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def _image(self, size: QSize, mode: QIcon.Mode) -> QImage:
        disabled = mode == QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if disabled else QPalette.ColorGroup.Active
        of = self._of() if self._of else None
        colour = (of.palette() if of else QApplication.palette()).color(group, self._role)
        return _render(_source(self._name).replace(b"currentColor", colour.name().encode()), size)


def _source(name: str) -> bytes:
    return _sources()[name]


@cache
def _sources() -> dict[str, bytes]:
    """All icons by name, read once: the program may be removed while its window is open."""
    return {file.stem: file.read_bytes() for file in (resources() / "icons").glob("*.svg")}


@cache
def _render(svg: bytes, size: QSize) -> QImage:
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        QSvgRenderer(QByteArray(svg)).render(painter, QRectF(QPoint(0, 0), size.toSizeF()))
    return image
