"""The title above the photos of a place or of a saved search, with a menu of what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.controls import Line
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import said_again, tr


class PlaceTitle(QWidget):
    """Hidden until there is something to name."""

    menu_wanted = Signal(QPoint)  # where, on the screen

    def __init__(self) -> None:
        super().__init__()
        self._name = Line()
        self._name.setFont(theme.scaled_font(1.5, semibold=True))
        self._name.setForegroundRole(QPalette.ColorRole.WindowText)
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._said = ""
        self.menu = QToolButton()
        self.menu.setObjectName("bar")
        self.menu.setIcon(icon("more"))
        self.menu.setIconSize(QSize(20, 20))
        self.menu.clicked.connect(
            lambda: self.menu_wanted.emit(self.menu.mapToGlobal(self.menu.rect().bottomLeft()))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 12, theme.MARGIN, 0)
        row.setSpacing(8)
        row.addWidget(self._name)
        row.addWidget(self.menu, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.hide()
        self.retranslate()

    @property
    def name(self) -> str:
        """What it says."""
        return self._name.text()

    def show_name(self, name: str, *, has_menu: bool) -> None:
        """Say what is shown; an empty name takes the title away."""
        self._name.setText(name)
        self._name.setToolTip(tip(name))
        self._name.updateGeometry()
        self._said = name
        self.menu.setVisible(has_menu)
        self.setVisible(bool(name))

    def retranslate(self) -> None:
        self.show_name(said_again(self._said), has_menu=not self.menu.isHidden())
        self.menu.setToolTip(tr("What can be done with it"))
        self.menu.setAccessibleName(tr("What can be done with it"))
