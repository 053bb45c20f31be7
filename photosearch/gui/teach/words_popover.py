"""A small window under a chip, in which a word's meaning is chosen or typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.core.teaching import Word
from photosearch.gui.teach.words_list import PhraseBox
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.floating import paint_ground
from photosearch.i18n import tr

_WIDTH = 340


class WordPopover(QFrame):
    """A small window under a chip, in which a word's meaning is chosen or typed.

    Enter or a choice changes the word, Esc leaves it; so does going elsewhere.
    """

    changed = Signal(object, object)  # name, phrase; "": it stands for itself
    closed = Signal()  # by the keyboard

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._word: Word | None = None
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._title.setFont(theme.scaled_font(1.0, semibold=True))
        self.box = PhraseBox()
        self._hint = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._hint.setFont(theme.scaled_font(0.85))
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.reset = QPushButton()
        self.reset.setObjectName("quiet")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self.box)
        column.addLayout(foot)
        self.box.chosen.connect(self._choose)
        self.box.line.installEventFilter(self)
        self.reset.clicked.connect(lambda: self._choose(self._learnt))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        name = self._word.name if self._word else ""
        self._title.setText(tr("“{name}” is read as", name=name))
        self._hint.setText(tr("Enter changes it, Esc leaves it"))
        self.reset.setText(
            tr("Back to “{phrase}”", phrase=self._learnt) if self._learnt else tr("Forget this word")
        )

    @property
    def _learnt(self) -> str:
        """What it was read as before the person changed it; empty where they did not."""
        word = self._word
        return word.choices[0] if word is not None and word.edited and word.choices else ""

    def open_at(self, word: Word, chip: QWidget) -> None:
        """Open below a chip, within the window."""
        self._word = word
        self.retranslate()
        self.box.show_word(word)
        parent = self.parentWidget()
        assert parent is not None
        self.setFixedWidth(min(_WIDTH, parent.width() - 2 * theme.MARGIN))
        self.adjustSize()
        corner = chip.mapTo(parent, QPoint(0, chip.height() + 4))
        left = min(corner.x(), parent.width() - theme.MARGIN - self.width())
        self.move(max(theme.MARGIN, left), corner.y())
        self.raise_()
        self.show()
        self.box.line.setFocus(Qt.FocusReason.PopupFocusReason)
        self.box.line.selectAll()

    def leave(self) -> None:
        """Change nothing."""
        if self.isVisible():
            self.box.revert()
            self.hide()
            self.closed.emit()

    def _choose(self, phrase: str) -> None:
        word, self._word = self._word, None
        if word is not None:
            self.changed.emit(word.name, phrase)
        self.hide()
        self.closed.emit()

    def _on_focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and now is not self and not self.isAncestorOf(now):
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.box.submit()
                self.leave()
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_ground(self)
