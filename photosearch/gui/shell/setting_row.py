"""A row of the settings: one that is declared in photosearch/settings.py, and the control that changes it."""

from __future__ import annotations

import os
from collections.abc import Collection

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from photosearch import setting_kinds, settings
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.controls import ChoiceBox, LinesBox, NumberBox, ToggleSwitch
from photosearch.i18n import paragraph

_CONTROL_WIDTH = 210
_LINES = 4
Control = QComboBox | QCheckBox | QSpinBox | QPlainTextEdit | QLineEdit


class SettingRow(QWidget):
    """A setting: its title, its help beneath, its control at the right.

    Args:
        hidden: values that are offered only where one of them is chosen already
    """

    chosen = Signal(object)  # str

    def __init__(self, setting: setting_kinds.Setting, hidden: Collection[str] = ()) -> None:
        super().__init__()
        self.setting = setting
        self._hidden = hidden
        self._value = setting.default
        self._note: setting_kinds.Text = str
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._reserved: setting_kinds.Text = str
        self._help, self._room = _help_label(), _help_label()
        self._room.hide()
        policy = self._room.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._room.setSizePolicy(policy)
        self.control = self._make_control()
        self._title.setBuddy(self.control)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self._room, 1, 0)
        grid.addWidget(self._help, 1, 0)
        if isinstance(setting, setting_kinds.Lines):
            grid.setRowMinimumHeight(2, 2)
            grid.addWidget(self.control, 3, 0, 1, 2)
        else:
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            grid.addWidget(self.control, 0, 1, 2, 1, right)
        grid.setColumnStretch(0, 1)
        self.retranslate()

    @property
    def value(self) -> str:
        """What is chosen, as it is kept."""
        return self._value

    def show_value(self, value: str) -> None:
        """What it is now; nobody is told."""
        self._value = value
        with QSignalBlocker(self.control):
            match self.control:
                case QComboBox():
                    self._fill(self.control)
                    self.control.setCurrentIndex(max(0, self.control.findData(value)))
                case QCheckBox():
                    self.control.setChecked(value == settings.YES)
                case QSpinBox():
                    self.control.setValue(int(value))
                case QPlainTextEdit():
                    self.control.setPlainText(value)
                case QLineEdit():
                    self.control.setText(value)

    def show_note(self, note: setting_kinds.Text) -> None:
        """Say something more of it, behind its help."""
        self._note = note
        self.retranslate()

    def reserve(self, note: setting_kinds.Text) -> None:
        """Keep room for such a note, so that nothing moves once there is one."""
        self._reserved = note
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(self.setting.title())
        for label, note in ((self._help, self._note), (self._room, self._reserved)):
            label.setText(paragraph((self.setting.help(), note())))
        self.control.setAccessibleName(self.setting.title())
        self.control.setAccessibleDescription(self.setting.help())
        if isinstance(self.control, QSpinBox) and isinstance(self.setting, setting_kinds.Number):
            self.control.setSpecialValueText(self.setting.zero() if self.setting.zero else "")
        self.show_value(self._value)

    def _fill(self, box: QComboBox) -> None:
        box.clear()
        options = self.setting.options if isinstance(self.setting, setting_kinds.Choice) else ()
        for value, title in options:
            if value not in self._hidden or value == self._value:
                box.addItem(title(), value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        field = isinstance(self.control, QLineEdit | QSpinBox)
        if not (field and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):  # else it closes the dialog
            super().keyPressEvent(event)

    def _make_control(self) -> Control:
        match self.setting:
            case setting_kinds.Switch():
                switch = ToggleSwitch()
                switch.toggled.connect(lambda on: self._choose(settings.YES if on else settings.NO))
                return switch
            case setting_kinds.Number(lowest=lowest, highest=highest):
                number = NumberBox()
                number.setRange(lowest, highest)
                number.setKeyboardTracking(False)
                number.setFixedWidth(_CONTROL_WIDTH)
                number.valueChanged.connect(lambda number: self._choose(str(number)))
                return number
            case setting_kinds.Lines():
                lines = LinesBox(_LINES)
                lines.written.connect(self._choose)
                return lines
            case setting_kinds.Address(variable=variable):
                address = QLineEdit(placeholderText=os.environ.get(variable) or "https://")
                address.setObjectName("line")
                address.setFixedWidth(_CONTROL_WIDTH)
                address.editingFinished.connect(lambda: self._choose(address.text().strip()))
                return address
            case _:
                choice = ChoiceBox()
                choice.setFixedWidth(_CONTROL_WIDTH)
                choice.activated.connect(lambda _: self._choose(choice.currentData()))
                return choice

    def _choose(self, value: str) -> None:
        heard = self.setting.kept == "library"  # a shell's change of the person's is not, so it is told again
        if value != self._value or not heard:
            self._value = value
            self.chosen.emit(value)


def _help_label() -> QLabel:
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setFont(theme.scaled_font(0.9))
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
