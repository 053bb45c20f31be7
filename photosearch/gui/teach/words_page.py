"""The words of the lesson in use, to change, to forget and to add to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from photosearch.core.teaching import Word
from photosearch.gui.teach.teach_page import Remark, TeachPage, heading, plain, quiet, title
from photosearch.gui.teach.words_list import AddWord, WordsList
from photosearch.i18n import tr


class WordsPage(TeachPage):
    """The page on which the words of the lesson in use are changed, forgotten and added to."""

    set_wanted = Signal(object, object)  # name, phrase
    remove_wanted = Signal(object)  # name

    def __init__(self) -> None:
        super().__init__()
        self._title, self._what, self._add_title = title(), quiet(), heading()
        self.remark = Remark()
        self.words, self.add = WordsList(), AddWord()
        self.close_button = plain()
        for widget, after in (
            (self._title, 8),
            (self._what, 24),
            (self.remark, 0),
            (self.words, 32),
            (self._add_title, 12),
            (self.add, 0),
        ):
            self.column.addWidget(widget)
            self.column.addSpacing(after)
        self.column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.close_button)
        self.words.changed.connect(self.set_wanted)
        self.words.removed.connect(self.remove_wanted)
        self.add.added.connect(self.set_wanted)
        self.retranslate()

    def show_words(self, words: Sequence[Word]) -> None:
        """Show these words."""
        self.words.show_words(words)

    def retranslate(self) -> None:
        self._title.setText(tr("Your words"))
        self._what.setText(
            tr("When you search for one of them, the search reads what stands behind it. Change it freely.")
        )
        self._add_title.setText(tr("Add one yourself"))
        self.close_button.setText(tr("Close"))
