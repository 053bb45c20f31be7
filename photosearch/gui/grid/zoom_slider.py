"""A slider for the size of the photos, between a small and a large square."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from photosearch.gui.grid.justified_view import HIGHEST, LOWEST, ROW_HEIGHT, STEP
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr

_WIDTH = 96
_ICON = 16


class ZoomSlider(QWidget):
    """Sets the height of the grid's rows; its owner connects it with the grid, in both directions."""

    value_changed = Signal(object)  # int: row height, logical pixels; only where the person changed it

    def __init__(self) -> None:
        super().__init__()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(LOWEST, HIGHEST)
        self._slider.setSingleStep(STEP // 2)
        self._slider.setPageStep(STEP)
        self._slider.setValue(ROW_HEIGHT)
        self._slider.setFixedWidth(_WIDTH)
        self._slider.setMinimumHeight(24)
        self._slider.valueChanged.connect(self.value_changed.emit)
        self._icons = [(QLabel(), name) for name in ("size-small", "size-large")]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._icons[0][0])
        row.addWidget(self._slider)
        row.addWidget(self._icons[1][0])
        self.setFocusProxy(self._slider)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else it has no place in the order of Tab
        self._draw_icons()
        self.retranslate()

    @property
    def value(self) -> int:
        """The height of rows that it stands at, in logical pixels."""
        return self._slider.value()

    def set_value(self, height: int) -> None:
        """Move to a height of rows without telling anybody."""
        self._slider.blockSignals(True)
        self._slider.setValue(height)
        self._slider.blockSignals(False)

    def retranslate(self) -> None:
        self._slider.setAccessibleName(tr("Size of the photos"))
        self._slider.setToolTip(tr("Size of the photos"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()
        elif event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _draw_icons(self) -> None:
        for label, name in self._icons:
            picture = icon(name, QPalette.ColorRole.PlaceholderText)
            label.setPixmap(picture.pixmap(QSize(_ICON, _ICON), self.devicePixelRatioF()))
