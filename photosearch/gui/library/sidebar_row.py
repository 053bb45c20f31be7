"""A row of the sidebar: what it says, and how it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget, QTreeWidgetItem

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon

_ROW_HEIGHT = 30
_HEADING_HEIGHT = 38
_ICON = 18
PLUS = 16
INDENT = 16
NODE = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Node:
    """A row; `key` names it while its words and numbers change."""

    key: object
    name: str
    icon: str = ""  # none: it is a heading over its children
    count: str = ""
    mark: str = ""  # an icon in place of the count
    tip: str = ""
    plus: str = ""  # of a heading: what its plus sign does, in words
    takes_photos: bool = False
    new: str = ""  # before the count: how many of them are new
    folds: bool = False  # there is nothing to see but the rows below it, which a click shows or hides
    children: Sequence[Node] = field(default=())


class RowPainter(QStyledItemDelegate):
    """Paints the rows of a tree.

    Attributes:
        ringed: whether the row that has the keyboard is ringed
        drop_key: of the row that photos are held above; None: of none
    """

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree
        self.ringed = False
        self.drop_key: object = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, _ROW_HEIGHT if node_at(index).icon else _HEADING_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        node = node_at(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if node.icon:
            self._paint_row(painter, option, index, node)
        else:
            self._paint_heading(painter, option, index, node)
        if option.state & QStyle.StateFlag.State_HasFocus and self.ringed:
            painter.setPen(QPen(self._tree.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(_ground(option).adjusted(1, 1, -1, -1), 6, 6)
        painter.restore()

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, node: Node) -> None:
        colours, state = self._tree.palette(), option.state
        held = node.takes_photos and self.drop_key == node.key
        if held or state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(_ground(option), 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(QPalette.ColorRole.AlternateBase))
            painter.drawRoundedRect(_ground(option), 6, 6)
        rect: QRect = option.rect
        item = self._tree.itemFromIndex(index)
        left = rect.left() + 20 + (depth(item) - 1) * INDENT
        middle = rect.center().y() + 1
        if item.childCount():
            name = "chevron-down" if item.isExpanded() else "chevron-right"
            arrow = QRect(left - 15, middle - 6, 12, 12)
            icon(name, QPalette.ColorRole.PlaceholderText).paint(painter, arrow)
        icon(node.icon, QPalette.ColorRole.PlaceholderText).paint(
            painter, QRect(left, middle - _ICON // 2, _ICON, _ICON)
        )
        right = rect.right() - 16
        painter.setFont(theme.scaled_font(0.85))
        if node.mark:
            right -= PLUS
            icon(node.mark, QPalette.ColorRole.PlaceholderText).paint(
                painter, QRect(right, middle - PLUS // 2, PLUS, PLUS)
            )
        elif node.count:
            painter.setPen(colours.color(QPalette.ColorRole.PlaceholderText))
            width = painter.fontMetrics().horizontalAdvance(node.count)
            right -= width
            painter.drawText(
                QRect(right, rect.top(), width, rect.height()), Qt.AlignmentFlag.AlignVCenter, node.count
            )
        if node.new:
            painter.setFont(theme.scaled_font(0.85, semibold=True))
            painter.setPen(colours.color(QPalette.ColorRole.Link))
            width = painter.fontMetrics().horizontalAdvance(node.new)
            right -= width + 8
            painter.drawText(
                QRect(right, rect.top(), width, rect.height()), Qt.AlignmentFlag.AlignVCenter, node.new
            )
        painter.setFont(theme.scaled_font(1.0))
        painter.setPen(colours.color(QPalette.ColorRole.WindowText))
        text = QRect(left + _ICON + 8, rect.top(), 0, rect.height())
        text.setRight(right - 8)
        name = painter.fontMetrics().elidedText(node.name, Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, node: Node
    ) -> None:
        rect: QRect = option.rect
        text = rect.adjusted(16, 12, -40, 0)
        painter.setFont(theme.scaled_font(0.85, semibold=True))
        painter.setPen(self._tree.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, node.name)
        item = self._tree.itemFromIndex(index)
        if item.childCount() and not item.isExpanded():  # a click folded it: it does not look empty
            right = text.left() + painter.fontMetrics().horizontalAdvance(node.name) + 4
            arrow = QRect(right, text.center().y() - 5, 12, 12)
            icon("chevron-right", QPalette.ColorRole.PlaceholderText).paint(painter, arrow)
        if node.plus:
            icon("plus", QPalette.ColorRole.PlaceholderText).paint(
                painter, QRect(rect.right() - 16 - PLUS, text.center().y() - PLUS // 2, PLUS, PLUS)
            )


def node_of(item: QTreeWidgetItem) -> Node:
    """Return the node that an item shows."""
    node: Node = item.data(0, NODE)
    return node


def depth(item: QTreeWidgetItem) -> int:
    """Return how deep an item lies; a heading at 0."""
    parent = item.parent()
    return 0 if parent is None else depth(parent) + 1


def node_at(index: Index) -> Node:
    """Return the node of the row at an index."""
    node: Node = index.data(NODE)
    return node


def _ground(option: QStyleOptionViewItem) -> QRectF:
    rect: QRect = option.rect
    return (
        QRectF(rect).adjusted(8, 1, -8, -1)
        if rect.height() == _ROW_HEIGHT
        else QRectF(rect).adjusted(8, 11, -8, 0)
    )
