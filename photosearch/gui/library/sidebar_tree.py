"""A tree of rows with an icon, a name and a number, brought up to date in place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QTreeWidget,
    QTreeWidgetItem,
)

from photosearch.gui.library.sidebar_row import (
    INDENT,
    NODE,
    PLUS,
    Node,
    RowPainter,
    depth,
    node_at,
    node_of,
)
from photosearch.gui.widgets.drops import take_copy
from photosearch.gui.widgets.focus import came_by_key, past_headings
from photosearch.gui.widgets.tips import tip

_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class SidebarTree(QTreeWidget):
    """A tree of nodes, some of which take photos that are dropped on them."""

    chosen = Signal(object)  # key
    entered = Signal()  # by Enter on a row: the keyboard goes on into what it shows
    typed = Signal(str)  # a letter: what is meant is a search, not the next row that begins so
    plus_clicked = Signal(object)  # key
    menu_wanted = Signal(object, QPoint)  # key, place on the screen
    photos_dropped = Signal(object)  # key

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setIndentation(0)  # the delegate indents, so that a row is lit over its whole width
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._rows = RowPainter(self)
        self.setItemDelegate(self._rows)
        self.setAcceptDrops(True)
        self.viewport().setAutoFillBackground(False)
        self._quiet = False
        self._to_open: frozenset[object] = frozenset()  # keys of rows to unfold once they come
        self.itemSelectionChanged.connect(self._on_selection_changed)

    @property
    def ringed(self) -> bool:
        """Whether the row that has the keyboard is ringed: not where the mouse led to it."""
        return self._rows.ringed

    @property
    def chosen_key(self) -> object:
        """The key of the row that is lit up; None where none is."""
        lit = self.selectedItems()
        return node_of(lit[0]).key if lit else None

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show these, from the top down; rows that stay keep their state, and no choice is emitted."""
        self._quiet = True
        _sync(self.invisibleRootItem(), nodes, self._to_open)
        self._quiet = False

    @property
    def opened(self) -> list[object]:
        """The keys of rows, not of headings, that are unfolded."""
        items = _below(self.invisibleRootItem())
        return [node_of(item).key for item in items if item.isExpanded() and node_of(item).icon]

    def open_once_shown(self, keys: Iterable[object]) -> None:
        """Unfold the rows of these keys as they come."""
        self._to_open = frozenset(keys)

    def choose(self, key: object) -> None:
        """Light up a row without emitting a choice; a key that is not here lights none."""
        self._quiet = True
        item = self.item_of(key)
        self.clearSelection()
        if item is not None:
            self.setCurrentItem(item)
        self._quiet = False

    def item_of(self, key: object) -> QTreeWidgetItem | None:
        """Return the item of the place with this key, or None where it is not in the tree."""
        return next((item for item in _below(self.invisibleRootItem()) if node_of(item).key == key), None)

    def _on_selection_changed(self) -> None:
        if not self._quiet and self.selectedItems():
            self.chosen.emit(self.chosen_key)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """A heading without a plus is no place to be at: a key leads on to the next row, or nowhere."""
        to = super().moveCursor(action, modifiers)
        if action == QAbstractItemView.CursorAction.MoveLeft and to.isValid() and not node_at(to).icon:
            return self.currentIndex()
        return past_headings(self, action, to, lambda index: not (node_at(index).icon or node_at(index).plus))

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """What is shown stays lit up while the keyboard is at a heading."""
        if index.isValid() and (node_at(index).folds or not node_at(index).icon):
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._ring(True)
        current = self.currentItem()
        pressed = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if current is not None and node_of(current).plus and (pressed or event.key() == Qt.Key.Key_Space):
            self.plus_clicked.emit(node_of(current).key)
        elif current is not None and node_of(current).folds and pressed:
            current.setExpanded(not current.isExpanded())
        elif pressed and self.chosen_key is not None:
            self.entered.emit()
        elif event.text().isalnum() and not event.modifiers() & _COMMANDS:
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        back = event.reason() in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        self._ring(came_by_key(event) or (back and self._rows.ringed))  # from a menu or a question
        super().focusInEvent(event)

    def _ring(self, ringed: bool) -> None:
        self._rows.ringed = ringed
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._ring(False)
        item = self.itemAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or item is None:
            return  # a menu is coming, which chooses nothing
        node = node_of(item)
        if node.plus and event.position().x() > self.viewport().width() - 2 * PLUS - 8:
            self.plus_clicked.emit(node.key)
        elif not node.icon or node.folds or event.position().x() < self._arrow_right(item):
            item.setExpanded(not item.isExpanded())
        else:
            again = item.isSelected()
            super().mousePressEvent(event)
            if again:
                self.chosen.emit(node.key)

    def _arrow_right(self, item: QTreeWidgetItem) -> int:
        return 8 + depth(item) * INDENT if item.childCount() else 0

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is not None:
            where = (
                self.viewport().mapToGlobal(self.visualItemRect(item).center())
                if by_key
                else event.globalPos()
            )
            self.menu_wanted.emit(node_of(item).key, where)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Only what comes from this window; files from elsewhere are for the window itself."""
        if event.source() is not None:
            take_copy(event)
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        self._set_drop_key(node_of(item).key if item is not None and node_of(item).takes_photos else None)
        if self._rows.drop_key is None:
            event.ignore()
        else:
            take_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_drop_key(None)

    def dropEvent(self, event: QDropEvent) -> None:
        key = self._rows.drop_key
        self._set_drop_key(None)
        if key is not None:
            take_copy(event)
            self.photos_dropped.emit(key)

    def _set_drop_key(self, key: object) -> None:
        if key != self._rows.drop_key:
            self._rows.drop_key = key
            self.viewport().update()


def _below(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [each for child in _children(item) for each in (child, *_below(child))]


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for place in range(item.childCount()) if (child := item.child(place)) is not None]


def _sync(parent: QTreeWidgetItem, nodes: Sequence[Node], to_open: Collection[object]) -> None:
    for place, node in enumerate(nodes):
        item = _placed(parent, place, node, to_open)
        if item.data(0, NODE) != node:
            _show(item, node)
        _sync(item, node.children, to_open)
    while parent.childCount() > len(nodes):
        parent.takeChild(parent.childCount() - 1)


def _show(item: QTreeWidgetItem, node: Node) -> None:
    item.setData(0, NODE, node)
    item.setText(0, node.name)  # for screen readers and for typing the first letters
    item.setData(
        0, Qt.ItemDataRole.AccessibleTextRole, " ".join(filter(None, (node.name, node.count, node.new)))
    )
    item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, node.plus)
    item.setToolTip(0, tip(node.tip))


def _placed(parent: QTreeWidgetItem, place: int, node: Node, to_open: Collection[object]) -> QTreeWidgetItem:
    """The item of a node, at its place among its parent's; a new one where there was none."""
    for item in _children(parent)[place:]:
        if node_of(item).key == node.key:
            if parent.indexOfChild(item) != place:
                expanded = item.isExpanded()
                parent.removeChild(item)
                parent.insertChild(place, item)
                item.setExpanded(expanded)
            return item
    item = QTreeWidgetItem()
    item.setFlags(
        Qt.ItemFlag.ItemIsEnabled | (Qt.ItemFlag.ItemIsSelectable if node.icon else Qt.ItemFlag.NoItemFlags)
    )
    _show(item, node)
    parent.insertChild(place, item)
    item.setExpanded(not node.icon or node.key in to_open)
    return item
