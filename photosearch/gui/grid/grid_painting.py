"""What a paint event of the grid paints: cells, headings, the rubber band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPalette

from photosearch.gui.grid.cells import CellPainter
from photosearch.gui.grid.headings import HeadingPainter
from photosearch.gui.grid.layout import Rect
from photosearch.gui.grid.spots import Part, Spot

if TYPE_CHECKING:
    from photosearch.gui.grid.grid import PhotoGrid

_BAND_ALPHA = 48


def paint(painter: QPainter, grid: PhotoGrid, exposed: QRect) -> None:
    """`painter` is the viewport's, `exposed` what of it is to be painted."""
    scale = grid.devicePixelRatioF()
    painter.fillRect(exposed, grid.palette().color(QPalette.ColorRole.Window))
    painter.scale(1 / scale, 1 / scale)
    cells = CellPainter(painter, grid.palette(), scale)
    left, top = grid.origin
    shown = [
        (index, Rect(x + left, y + top, width, height))
        for index, (x, y, width, height) in grid.layout_.cells(grid.visible_rows(exposed))
    ]
    _paint_pictures(cells, grid, shown)
    if shown:
        marked = grid.marked(shown[0][0], shown[-1][0] + 1)
        for index, cell in shown:
            if index in marked:
                _paint_marks(cells, grid, index, cell)
    painter.resetTransform()
    _paint_headings(painter, grid, QRectF(exposed))
    if band := grid.pointer.band:
        _paint_band(painter, grid.palette(), band)


def _paint_pictures(cells: CellPainter, grid: PhotoGrid, shown: Sequence[tuple[int, Rect]]) -> None:
    """Of hundreds of cells in a frame: nothing here is asked for twice."""
    ids, thumbnails, facts = grid.ids, grid.thumbnails, grid.facts
    for index, cell in shown:
        photo_id = int(ids[index])
        if (pixmap := thumbnails.get(photo_id)) is not None:
            cells.photo(cell, pixmap)
        else:
            cells.placeholder(cell, facts.colour(photo_id) if facts else None)
            if thumbnails.is_missing(photo_id):
                cells.missing(cell)


def _paint_marks(cells: CellPainter, grid: PhotoGrid, index: int, cell: Rect) -> None:
    if grid.is_away(index):
        cells.away(cell)
    if grid.is_favourite(index):
        cells.favourite(cell)
    hover = grid.pointer.hover
    pointed = hover if hover and hover.position == index and hover.part in (Part.PHOTO, Part.BOX) else None
    if pointed:
        cells.hover(cell)
    selected = index in grid.selection
    if selected:
        cells.selected(cell)
    elif pointed:
        cells.box(cell, pointed=pointed.part is Part.BOX)
    if index == grid.current and grid.current_more is None and grid.hasFocus():
        cells.focus(cell, inside=selected)


def _paint_headings(painter: QPainter, grid: PhotoGrid, exposed: QRectF) -> None:
    headings = HeadingPainter(painter, grid.palette())
    # From below: the heading that stays at the top lies over the others.
    for section in reversed(grid.sections_in_view()):
        shown = grid.sections[section]
        if shown.more and (box := grid.more_of(section)).intersects(exposed):
            headings.more(
                box,
                shown.more,
                pointed=grid.pointer.hover == Spot(Part.MORE, section),
                focused=grid.current_more == section and grid.hasFocus(),
            )
        if (box := grid.heading_of(section)).intersects(exposed):
            photos = grid.section_photos(section)
            headings.heading(
                box,
                shown.heading,
                pointed=grid.pointer.hover == Spot(Part.HEADING, section),
                selected=grid.selection.has_all(photos.start, photos.stop),
            )


def _paint_band(painter: QPainter, palette: QPalette, band: QRectF) -> None:
    accent = palette.color(QPalette.ColorRole.Highlight)
    fill = QColor(accent)
    fill.setAlpha(_BAND_ALPHA)
    painter.setPen(accent)
    painter.setBrush(fill)
    painter.drawRect(band.adjusted(0.5, 0.5, -0.5, -0.5))
