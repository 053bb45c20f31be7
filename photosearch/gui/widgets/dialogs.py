"""Small questions to the person. They block nothing: the answer comes when it comes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)

from photosearch.i18n import tr

_WIDTH = 352


def ask_name(
    parent: QWidget,
    title: str,
    label: str,
    name: str,
    then: Callable[[str], object],
    *more: QWidget,
) -> QInputDialog:
    """Ask for a name; `then` is called with it, unless the person thinks better of it.

    As long as there is none it cannot be saved.

    Args:
        more: what else is asked, put above the buttons
    """
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(name)
    dialog.setOkButtonText(tr("Save"))
    dialog.setCancelButtonText(tr("Cancel"))
    _style(dialog)
    layout = dialog.layout()
    field, buttons = dialog.findChild(QLineEdit), dialog.findChild(QDialogButtonBox)
    assert field is not None and buttons is not None
    if more and isinstance(layout, QBoxLayout):
        for widget in more:
            layout.insertWidget(layout.count() - 1, widget)
        for before, behind in itertools.pairwise((field, *more, *buttons.buttons())):
            QWidget.setTabOrder(before, behind)
    save = buttons.button(QDialogButtonBox.StandardButton.Ok)
    dialog.textValueChanged.connect(lambda text: save.setEnabled(bool(text.strip())))
    save.setEnabled(bool(name.strip()))
    dialog.textValueSelected.connect(lambda text: then(text.strip()))
    dialog.open()
    return dialog


def ask_folder(parent: QWidget, title: str, start: str, then: Callable[[str], object]) -> QFileDialog:
    """Ask for a folder, from `start` on; `then` is called with its path."""
    dialog = QFileDialog(parent, title, start)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def _style(dialog: QInputDialog) -> None:
    """With the room and the field that the rest of the window has."""
    layout, field = dialog.layout(), dialog.findChild(QLineEdit)
    assert layout is not None and field is not None
    layout.setContentsMargins(24, 16, 24, 16)
    layout.setSpacing(8)
    field.setMinimumWidth(_WIDTH)  # the dialog has the size that its layout wants
    field.setObjectName("line")
    field.style().polish(field)


def confirm(
    parent: QWidget, title: str, explanation: str, yes: str, then: Callable[[], object]
) -> QMessageBox:
    """Ask before something that cannot be taken back; the default is not to do it."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, title, parent=parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(explanation)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole))
    accept.clicked.connect(then)
    box.open()
    return box
