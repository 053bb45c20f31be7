"""The person's words and what the search reads in their place, each of which can be changed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.teaching import Word
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.controls import ChoiceBox
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n

_LONGEST_PHRASE = 200


class PhraseBox(ChoiceBox):
    """A box for what a word is read as: one of its choices, or anything typed."""

    chosen = Signal(object)  # str; another phrase than before

    def __init__(self) -> None:
        super().__init__()
        self._word = Word("")
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCompleter(None)  # type: ignore[arg-type]  # the choices are few and all in the list
        self.line.setMaxLength(_LONGEST_PHRASE)
        self.line.editingFinished.connect(self.submit)
        self.activated.connect(lambda _: self.submit())

    @property
    def line(self) -> QLineEdit:
        """The line in which the phrase is typed."""
        line = self.lineEdit()
        assert line is not None
        return line

    @property
    def phrase(self) -> str:
        """The phrase as it stands in the box."""
        return " ".join(self.currentText().split())

    def show_word(self, word: Word) -> None:
        """Show what the word means, and what else it could."""
        self._word = word
        with QSignalBlocker(self):
            self.clear()
            self.addItems([choice for choice in (word.phrase, *word.choices) if choice])
            self.setCurrentText(word.phrase)
        self.line.setPlaceholderText(_unsaid(word))
        self.line.setCursorPosition(0)
        self.setAccessibleName(tr("What “{name}” is read as", name=word.name))

    def submit(self) -> None:
        """Say so if another phrase stands there; where none is left, things stay as they were."""
        if not self.phrase:
            self.revert()
        elif self.phrase != self._word.phrase:
            self._word = msgspec.structs.replace(self._word, phrase=self.phrase)
            self.chosen.emit(self.phrase)

    def revert(self) -> None:
        """Show again what the word means, whatever was typed."""
        self.show_word(self._word)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.phrase != self._word.phrase:
            self.revert()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # whoever scrolls the page changes no word

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.submit()


class WordsList(QWidget):
    """One row for each word: its name, what it is read as, how often it was written."""

    changed = Signal(object, object)  # name, phrase
    removed = Signal(object)  # name

    def __init__(self) -> None:
        super().__init__()
        self._words: Sequence[Word] = ()
        self._editable = True
        self.boxes: dict[str, PhraseBox] = {}  # none where the words cannot be changed
        self._phrases: dict[str, QLabel] = {}
        self.removers: dict[str, QToolButton] = {}
        self._nothing = QLabel(wordWrap=True)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._nothing)
        column.addLayout(self._grid)
        self.retranslate()

    def show_words(self, words: Sequence[Word], *, editable: bool = True) -> None:
        """Show these words; one that is being typed stays as it is."""
        same = [word.name for word in words] == [word.name for word in self._words]
        same = same and editable == self._editable
        self._words, self._editable = words, editable
        if not same:
            self._build()
        self.retranslate()

    def retranslate(self) -> None:
        self._nothing.setText(tr("No words of your own were learnt."))
        self._nothing.setVisible(not self._words)
        for row, word in enumerate(self._words):
            box = self.boxes.get(word.name)
            if box is None:
                self._phrases[word.name].setText(word.phrase or _unsaid(word))
            elif not box.line.hasFocus():
                box.show_word(word)
            count = self._grid.itemAtPosition(row, 3)
            label = count.widget() if count else None
            if isinstance(label, QLabel):
                label.setText(_count_text(word))
            if word.name in self.removers:
                self.removers[word.name].setToolTip(tr("Forget this word"))
                self.removers[word.name].setAccessibleName(tr("Forget “{name}”", name=word.name))

    def _build(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes.clear()
        self._phrases.clear()
        self.removers.clear()
        for row, word in enumerate(self._words):
            self._add(row, word)

    def _add(self, row: int, word: Word) -> None:
        name = QLabel(word.name, textFormat=Qt.TextFormat.PlainText)
        name.setFont(theme.scaled_font(1.0, semibold=True))
        equals = QLabel("=")
        equals.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        count = QLabel()
        count.setFont(theme.scaled_font(0.9))
        count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        phrase = self._box(word) if self._editable else QLabel(textFormat=Qt.TextFormat.PlainText)
        widgets: list[QWidget] = [name, equals, phrase, count]
        if isinstance(phrase, QLabel):
            self._phrases[word.name] = phrase
        else:
            name.setBuddy(phrase)
            widgets.append(self._remover(word))
        for place, widget in enumerate(widgets):
            self._grid.addWidget(widget, row, place)

    def _box(self, word: Word) -> PhraseBox:
        box = self.boxes[word.name] = PhraseBox()
        box.chosen.connect(lambda phrase: self.changed.emit(word.name, phrase))
        return box

    def _remover(self, word: Word) -> QToolButton:
        remover = self.removers[word.name] = QToolButton()
        remover.setObjectName("inline")
        remover.setIcon(icon("clear", QPalette.ColorRole.PlaceholderText))
        remover.setIconSize(QSize(14, 14))
        remover.clicked.connect(lambda: self.removed.emit(word.name))
        return remover


class AddWord(QWidget):
    """A line in which a word that was not found is added by hand."""

    added = Signal(object, object)  # name, phrase

    def __init__(self) -> None:
        super().__init__()
        self.name, self.phrase = _line(), _line()
        self.button = QToolButton()
        self.button.setObjectName("quiet")
        self.button.setIcon(icon("plus", QPalette.ColorRole.Highlight))
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFixedHeight(theme.CONTROL_HEIGHT)
        self.button.clicked.connect(self._add)
        self.name.textChanged.connect(lambda _: self._allow())
        self.phrase.textChanged.connect(lambda _: self._allow())
        self.phrase.returnPressed.connect(self._add)
        equals = QLabel("=")
        equals.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.name, 1)
        row.addWidget(equals)
        row.addWidget(self.phrase, 2)
        row.addWidget(self.button)
        self._allow()
        self.retranslate()

    def retranslate(self) -> None:
        self.name.setPlaceholderText(tr("a word of yours"))
        self.name.setAccessibleName(tr("a word of yours"))
        self.phrase.setPlaceholderText(tr("what it looks like, in plain words"))
        self.phrase.setAccessibleName(tr("what it looks like, in plain words"))
        self.button.setText(tr("Add"))

    def _allow(self) -> None:
        self.button.setEnabled(bool(self.name.text().strip() and self.phrase.text().strip()))

    def _add(self) -> None:
        name, phrase = " ".join(self.name.text().split()), " ".join(self.phrase.text().split())
        if name and phrase:
            self.name.clear()
            self.phrase.clear()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.added.emit(name, phrase)


def _line() -> QLineEdit:
    line = QLineEdit()
    line.setObjectName("line")
    line.setMaxLength(_LONGEST_PHRASE)
    return line


def _unsaid(word: Word) -> str:
    """In place of a phrase."""
    return tr("understood by its photos") if word.vector is not None else tr("read as it is")


def _count_text(word: Word) -> str:
    if word.edited:
        return tr("yours")
    return tr_n("in {n} caption", "in {n} captions", word.captions) if word.captions else ""
