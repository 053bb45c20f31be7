"""What a paint event of the grid paints: cells, headings, the rubber band."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPalette

from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.grid.cells import Badge, CellPainter
from photosearch.gui.grid.headings import HeadingPainter, heading_text
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.layout import Rect
from photosearch.gui.grid.photo_facts import PhotoFacts
from photosearch.gui.grid.pointer import Pointer
from photosearch.gui.grid.selection import Selection
from photosearch.gui.grid.spots import Spot, SpotKind, corners, stack_badge
from photosearch.gui.grid.video_scrub import VideoScrub

_BAND_ALPHA = 48


class GridPainter:
    """Paints what a view shows, as the other parts of the grid have it at that moment."""

    def __init__(
        self,
        view: JustifiedView,
        thumbnails: ThumbnailCache,
        facts: PhotoFacts,
        selection: Selection,
        pointer: Pointer,
        scrub: VideoScrub,
    ) -> None:
        self._view, self._thumbnails, self._facts, self._scrub = view, thumbnails, facts, scrub
        self._selection, self._pointer = selection, pointer

    def paint(self, painter: QPainter, exposed: QRect) -> None:
        """Paint `exposed`, a part of the viewport in logical pixels, with a painter of the viewport."""
        view, palette = self._view, self._view.palette()
        scale = view.devicePixelRatioF()
        painter.fillRect(exposed, palette.color(QPalette.ColorRole.Window))
        painter.scale(1 / scale, 1 / scale)
        cells = CellPainter(painter, palette, scale)
        left, top = view.origin
        shown = [
            (index, Rect(x + left, y + top, width, height))
            for index, (x, y, width, height) in view.layout_.cells(view.visible_rows(exposed))
        ]
        self._paint_pictures(cells, shown)
        if shown:
            marked = self._marked(shown[0][0], shown[-1][0] + 1)
            for index, cell in shown:
                if index in marked:
                    self._paint_marks(cells, index, cell)
        painter.resetTransform()
        self._paint_headings(painter, QRectF(exposed))
        if band := self._pointer.band:
            _paint_band(painter, palette, band)

    def _paint_pictures(self, cells: CellPainter, shown: Sequence[tuple[int, Rect]]) -> None:
        """Of hundreds of cells in a frame: nothing here is asked for twice."""
        ids, thumbnails, facts = self._view.ids, self._thumbnails, self._facts
        for index, cell in shown:
            photo_id = int(ids[index])
            if (pixmap := thumbnails.get(photo_id)) is not None:
                cells.photo(cell, pixmap)
            else:
                cells.placeholder(cell, facts.colour(photo_id))
                if thumbnails.is_missing(photo_id):
                    cells.missing(cell)

    def _marked(self, start: int, stop: int) -> set[int]:
        """Those of a run of positions that have more to show than their picture."""
        marks = self._facts.marked(start, stop) | self._selection.mask_of(start, stop)
        marks |= self._view.folding.marked(start, stop)
        found = set((np.flatnonzero(marks) + start).tolist())
        if self._selection.current is not None:
            found.add(self._selection.current)
        if (hover := self._pointer.hover) is not None:
            found.add(hover.position)
        return found

    def _paint_marks(self, cells: CellPainter, index: int, cell: Rect) -> None:
        selection, hover, facts = self._selection, self._pointer.hover, self._facts
        pointed = None
        if hover is not None and hover.kind is not SpotKind.HEADING and hover.position == index:
            pointed = hover.kind
        if frame := self._scrub.frame(int(self._view.ids[index])):
            cells.photo(cell, frame)
            cells.progress(cell, self._scrub.at)
        away, favourite = facts.is_away(index), facts.is_favourite(index)
        if away:
            cells.away(cell)
        if pointed:
            cells.hover(cell)
        buttons = corners(self._view.cell_of(index)) if pointed else {}
        if heart := favourite or SpotKind.HEART in buttons:
            cells.heart(cell, filled=favourite, pointed=pointed is SpotKind.HEART)
        if SpotKind.MORE in buttons:
            cells.more(cell, pointed=pointed is SpotKind.MORE)
        cells.badges(cell, self._badges(index, away=away, pointed=pointed), heart=heart)
        selected = index in selection
        if selected:
            cells.selected(cell)
        elif pointed:
            cells.box(cell, pointed=pointed is SpotKind.BOX)
        if index == selection.current and selection.ringed and self._view.hasFocus():
            cells.focus(cell, inside=selected)

    def _badges(self, index: int, *, away: bool, pointed: SpotKind | None) -> list[Badge]:
        """From the right: what goes before others where there is little room."""
        stack = stack_badge(self._view.folding, index, pointed=pointed is SpotKind.STACK)
        badges = [stack] if stack else []
        if self._facts.seconds(index) is not None:
            badges.append(Badge("play", self._scrub.told(index)))
        if away:
            badges.append(Badge("drive-away"))
        if thumb := self._facts.thumb(index):
            badges.append(Badge("thumb-up" if thumb > 0 else "thumb-down"))
        if stars := self._facts.stars(index):
            badges.append(Badge("star-filled", str(stars)))
        if line := self._facts.line(index):
            badges.append(Badge("text", line))
        return badges

    def _paint_headings(self, painter: QPainter, exposed: QRectF) -> None:
        view, selection, hover = self._view, self._selection, self._pointer.hover
        headings = HeadingPainter(painter, view.palette())
        boxes = {section: view.heading_of(section) for section in view.sections_in_view()}
        shown = {section: box for section, box in boxes.items() if box.intersects(exposed)}
        for box in shown.values():
            headings.ground(box)
        for section, box in shown.items():
            photos = view.section_photos(section)
            headings.heading(
                box,
                heading_text(view.sections[section], box.width()),
                pointed=hover == Spot(SpotKind.HEADING, section),
                selected=selection.has_all(photos.start, photos.stop),
            )


def _paint_band(painter: QPainter, palette: QPalette, band: QRectF) -> None:
    accent = palette.color(QPalette.ColorRole.Highlight)
    fill = QColor(accent)
    fill.setAlpha(_BAND_ALPHA)
    painter.setPen(accent)
    painter.setBrush(fill)
    painter.drawRect(band.adjusted(0.5, 0.5, -0.5, -0.5))
