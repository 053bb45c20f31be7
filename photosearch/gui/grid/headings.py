"""How headings look. Logical pixels."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QPainter, QPalette, QPen

from photosearch.gui.grid.cells import draw_tick
from photosearch.gui.grid.sections import Section
from photosearch.gui.widgets import theme

_BOX = 18
_TARGET = 24
_SPACE = 8


def label_width(text: str) -> float:
    """Return how much of a heading a click selects its group by: its text and the checkbox after it."""
    return _text_width(text) + _SPACE + _TARGET


def heading_text(section: Section, width: float) -> str:
    """Return how a section is headed in a box so wide: shortly where its heading has no room."""
    return section.heading if label_width(section.heading) <= width else section.short_heading


class HeadingPainter:
    """Paints headings with a painter whose unit is the logical pixel."""

    def __init__(self, painter: QPainter, palette: QPalette) -> None:
        self._painter = painter
        self._palette = palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def ground(self, box: QRectF) -> None:
        """Cover what lies below a heading, out to the edges; headings beside it are painted later."""
        ground = box.adjusted(-theme.MARGIN, 0, theme.MARGIN, 0)
        self._painter.fillRect(ground, self._palette.color(QPalette.ColorRole.Window))

    def heading(self, box: QRectF, text: str, *, pointed: bool, selected: bool) -> None:
        """Paint a heading, with its checkbox where it is pointed at or all of its photos are selected."""
        painter = self._painter
        font = theme.scaled_font(1.15, semibold=True)
        widest = max(0.0, box.width() - _SPACE - _TARGET)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, widest)
        painter.setFont(font)
        painter.setPen(self._palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if pointed or selected:
            left = box.left() + min(_text_width(text), widest) + _SPACE + (_TARGET - _BOX) / 2
            disc = QRectF(left, box.center().y() - _BOX / 2, _BOX, _BOX)
            self._checkbox(disc, selected=selected)

    def _checkbox(self, disc: QRectF, *, selected: bool) -> None:
        colour = self._palette.color
        accent = colour(QPalette.ColorRole.Highlight)
        self._painter.setPen(QPen(accent if selected else colour(QPalette.ColorRole.Dark), 1.5))
        self._painter.setBrush(accent if selected else colour(QPalette.ColorRole.Base))
        self._painter.drawEllipse(disc.adjusted(0.75, 0.75, -0.75, -0.75))
        if selected:
            draw_tick(self._painter, disc, colour(QPalette.ColorRole.HighlightedText), 0.9)


def _text_width(text: str) -> float:
    return _measured(text, QGuiApplication.font().key())


@lru_cache(4096)
def _measured(text: str, font: str) -> float:
    """Measured once: each paint asks for all headings in view. `font` is the system's."""
    return QFontMetricsF(theme.scaled_font(1.15, semibold=True)).horizontalAdvance(text)
