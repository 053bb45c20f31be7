"""Quiet buttons whose words begin where the text above them does; their ground and ring lie left of that."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from photosearch.gui.widgets import theme


def flush(button: QPushButton) -> QHBoxLayout:
    """Return a row with a quiet button whose words begin at the row's left edge.

    The widget that the row is in must have room left of it, as `flush_group` gives it.
    """
    row = _row()
    row.addWidget(button)
    row.addStretch(1)
    return row


def flush_group(group: QWidget) -> QHBoxLayout:
    """Return a row with a widget, which gets room for such buttons; its contents begin at the row's edge.

    Like a button, it needs room left of the row.
    """
    within = group.layout()
    assert within is not None
    around = within.contentsMargins()
    around.setLeft(around.left() + theme.QUIET_INSET)
    within.setContentsMargins(around)
    row = _row()
    row.addWidget(group, 1)
    return row


def _row() -> QHBoxLayout:
    row = QHBoxLayout()
    row.addSpacing(-theme.QUIET_INSET)  # layouts take no such margin
    return row
