"""How the keyboard comes to a widget, and where Tab leads in a view that lies over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractSpinBox, QTreeView, QWidget


def came_by_key(event: QFocusEvent) -> bool:
    """Whether the keyboard came to a widget by Tab, which has to show where it is now."""
    return event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


def light_row(rows: QAbstractItemView, event: QFocusEvent) -> None:
    """Where Tab came to rows of which none is selected, select the one that has the keyboard."""
    index, selection = rows.currentIndex(), rows.selectionModel()
    if came_by_key(event) and index.isValid() and not selection.hasSelection():
        flags = QItemSelectionModel.SelectionFlag
        selection.select(index, flags.ClearAndSelect | flags.Rows)


def focus_within(view: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to the next widget of the view that takes it by Tab; False where there is none."""
    following = QWidget.nextInFocusChain if forward else QWidget.previousInFocusChain
    start = view.window().focusWidget() or view
    widget = following(start)
    while widget is not None and widget is not start:
        # The line in a box of numbers would only lead back to that. It is not asked for its focusProxy(), by
        # which PySide takes down what has been deleted since.
        own = not isinstance(widget.parentWidget(), QAbstractSpinBox)
        takes_tab = own and widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        if takes_tab and widget.isEnabled() and widget.isVisible() and view.isAncestorOf(widget):
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            widget.setFocus(reason)
            return True
        widget = following(widget)
    return False


def past_headings(
    tree: QTreeView,
    action: QAbstractItemView.CursorAction,
    to: QModelIndex,
    is_heading: Callable[[QModelIndex], bool],
) -> QModelIndex:
    """Where a key leads that would lead to a row: past headings, where there is nothing to do, or nowhere."""
    upwards = action in (
        QAbstractItemView.CursorAction.MoveUp,
        QAbstractItemView.CursorAction.MovePageUp,
        QAbstractItemView.CursorAction.MovePrevious,
    )
    while to.isValid() and is_heading(to):
        to = tree.indexAbove(to) if upwards else tree.indexBelow(to)
    return to if to.isValid() else tree.currentIndex()
