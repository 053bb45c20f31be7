"""What a paint event of the grid paints: cells, headings, the rubber band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPalette

from photosearch.gui.cells import CellPainter
from photosearch.gui.headings import HeadingPainter
from photosearch.gui.layout import Rect
from photosearch.gui.spots import Part, Spot

if TYPE_CHECKING:
    from photosearch.gui.grid import PhotoGrid

_BAND_ALPHA = 48


def paint(painter: QPainter, grid: PhotoGrid, exposed: QRect) -> None:
    """`painter` is the viewport's, `exposed` what of it is to be painted."""
    scale = grid.devicePixelRatioF()
    painter.fillRect(exposed, grid.palette().color(QPalette.ColorRole.Window))
    painter.scale(1 / scale, 1 / scale)
    cells = CellPainter(painter, grid.palette(), scale)
    left, top = grid.origin
    for index, rect in grid.layout_.cells(grid.visible_rows(exposed)):
        _paint_cell(cells, grid, index, Rect(rect.x + left, rect.y + top, rect.width, rect.height))
    painter.resetTransform()
    _paint_headings(painter, grid, QRectF(exposed))
    if band := grid.pointer.band:
        _paint_band(painter, grid.palette(), band)


def _paint_cell(cells: CellPainter, grid: PhotoGrid, index: int, cell: Rect) -> None:
    photo_id = int(grid.ids[index])
    pixmap = grid.thumbnails.get(photo_id)
    if pixmap is None:
        colour = grid.facts.colour(photo_id) if grid.facts else None
        cells.placeholder(cell, colour, missing=grid.thumbnails.is_missing(photo_id))
    else:
        cells.photo(cell, pixmap)
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
