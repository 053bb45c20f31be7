"""A quiet button that opens a menu of choices and says which are taken: "Best match ▾"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QPalette
from PySide6.QtWidgets import QMenu, QPushButton

from photosearch.gui.widgets.actions import Menu
from photosearch.gui.widgets.icons import icon


class ChoiceButton(QPushButton):
    """Of each group one choice is taken, the first one at first.

    Args:
        name: what is chosen, in the language of the moment.
        groups: what the values of each group are called, in the language of the moment.
    """

    chosen = Signal(object)  # tuple[str, ...]: the value of each group; only where the person chose

    def __init__(self, name: Callable[[], str], *groups: Mapping[str, Callable[[], str]]) -> None:
        super().__init__()
        self.setObjectName("quiet")
        self.setIcon(icon("chevron-down", QPalette.ColorRole.Highlight))
        self.setIconSize(QSize(16, 16))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon stands behind the text
        self._name = name
        self._usual = ""
        self._texts = [text for group in groups for text in group.values()]
        menu = Menu(self)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._groups = [self._choices(menu, list(group)) for group in groups]
        self.setMenu(menu)
        self.retranslate()

    @property
    def values(self) -> tuple[str, ...]:
        """The value taken of each group."""
        return tuple(group.checkedAction().data() for group in self._groups)

    def take(self, *values: str) -> None:
        """Take these values, one of each group, without emitting `chosen`."""
        for group, value in zip(self._groups, values, strict=True):
            for action in group.actions():
                action.setChecked(action.data() == value)
        self.retranslate()

    def call_usual(self, text: str) -> None:
        """Say this where the first group's first choice is taken; as the menu has it where it is empty."""
        self._usual = text
        self.setText(self._said())

    def choose(self, value: str) -> None:
        """Choose a value of a group as the person would; nothing where it is taken or there is none such."""
        for group in self._groups:
            for action in group.actions():
                if action.data() == value and not action.isChecked():
                    action.trigger()

    def retranslate(self) -> None:
        actions = [action for group in self._groups for action in group.actions()]
        for action, text in zip(actions, self._texts, strict=True):
            action.setText(text())
        self.setText(self._said())
        self.setAccessibleName(self._name())
        self.setToolTip(self._name())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down opens the menu, which opens below; Qt takes it for Tab."""
        if event.key() == Qt.Key.Key_Down:
            self.showMenu()
        else:
            super().keyPressEvent(event)

    def _said(self) -> str:
        """The first group's choice, and of the others those that are not their first."""
        first, *others = self._groups
        taken = [first.checkedAction(), *(group.checkedAction() for group in others)]
        usual = [group.actions()[0] for group in others]
        said = [action.text() for action in taken if action not in usual]
        if self._usual and taken[0] is first.actions()[0]:
            said[0] = self._usual
        return " · ".join(said)

    def _choices(self, menu: QMenu, values: list[str]) -> QActionGroup:
        if not menu.isEmpty():
            menu.addSeparator()
        choices = QActionGroup(menu)
        for value in values:
            action = QAction(menu)
            action.setData(value)
            action.setCheckable(True)
            action.setChecked(value == values[0])
            choices.addAction(action)
            menu.addAction(action)
        choices.triggered.connect(self._on_chosen)
        return choices

    def _on_chosen(self) -> None:
        self.retranslate()
        self.chosen.emit(self.values)
