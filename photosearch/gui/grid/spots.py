"""What of the grid lies under a point."""

from __future__ import annotations

import enum
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF

from photosearch.gui.grid.cells import BOX, BOX_MARGIN, Badge
from photosearch.gui.grid.folding import Folding
from photosearch.gui.grid.headings import heading_text, label_width
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.i18n import tr


class SpotKind(enum.Enum):
    """What a spot of the grid is."""

    PHOTO = enum.auto()
    BOX = enum.auto()  # the checkbox in a photo's upper left corner
    MORE = enum.auto()  # its menu, in the upper right corner
    HEART = enum.auto()  # in the lower left corner
    STACK = enum.auto()  # how many are like it, in the lower right corner
    HEADING = enum.auto()  # its text and checkbox


class Spot(NamedTuple):
    """A photo, a button in a photo's corner, or a heading."""

    kind: SpotKind
    position: int  # of a photo or of a section


def spot_at(view: JustifiedView, point: QPoint) -> Spot | None:
    """Return what lies under a point of the viewport, or None between photos."""
    for section in view.sections_in_view():
        box = view.heading_of(section)
        if box.top() <= point.y() < box.bottom() and box.left() <= point.x() < box.right():
            label = label_width(heading_text(view.sections[section], box.width()))
            on_label = point.x() - box.left() < label
            return Spot(SpotKind.HEADING, section) if on_label and view.section_photos(section) else None
    index = view.index_at(point)
    if index is None:
        return None
    cell = view.cell_of(index)
    places = corners(cell, stack_badge(view.folding, index))
    corner = next((kind for kind, place in places.items() if place.contains(point)), SpotKind.PHOTO)
    return Spot(corner, index)


def stack_badge(folding: Folding, index: int, *, pointed: bool = False) -> Badge | None:
    """What tells of the photos like the one at a position; None where there are none."""
    if not folding.like(index):
        return None
    behind = folding.folded_in(index)
    return Badge("stack", str(behind), pointed) if behind else Badge("fold", pointed=pointed)


def corners(cell: QRectF, stack: Badge | None = None) -> dict[SpotKind, QRectF]:
    """Where the buttons of a photo are that is under the pointer; a small photo has fewer.

    Args:
        stack: its mark, which is a button too
    """
    edge = BOX + 2 * BOX_MARGIN
    wide, high = cell.width() >= 2 * edge, cell.height() >= 2 * edge
    found = {}
    if min(cell.width(), cell.height()) >= edge:
        found[SpotKind.BOX] = QRectF(cell.left(), cell.top(), edge, edge)
        if wide:
            found[SpotKind.MORE] = QRectF(cell.right() - edge, cell.top(), edge, edge)
        if high:
            found[SpotKind.HEART] = QRectF(cell.left(), cell.bottom() - edge, edge, edge)
        width = stack.width(BOX) + 2 * BOX_MARGIN if stack else 0
        if stack and cell.width() >= edge + width:
            found[SpotKind.STACK] = QRectF(cell.right() - width, cell.bottom() - edge, width, edge)
    return found


def area_of(view: JustifiedView, spot: Spot) -> QRect:
    """Return where a spot is painted in the viewport."""
    if spot.kind is SpotKind.HEADING:
        return view.heading_of(spot.position).toAlignedRect()
    return view.cell_of(spot.position).toAlignedRect()


def name_of(view: JustifiedView, spot: Spot) -> str:
    """Return what a press on a button in a photo's corner does, and its key."""
    if spot.kind is SpotKind.STACK:
        like = view.folding.told(spot.position)
        if view.folding.folded_in(spot.position):
            return tr("{like}: show (.)", like=like)
        return tr("{like}: fold (.)", like=like)
    return {
        SpotKind.BOX: tr("Select (X)"),
        SpotKind.MORE: tr("More"),
        SpotKind.HEART: tr("Favourite (F)"),
    }[spot.kind]
