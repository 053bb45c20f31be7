"""How to search: what may be typed, by examples of the library's own that a click runs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch import i18n
from photosearch.core import search_messages
from photosearch.core.query import Has
from photosearch.core.scripts import UNSPACED
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.query.sentences import in_words, sentences
from photosearch.gui.query.understood import key_name
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr
from photosearch.search.tokens import in_marks
from photosearch.store.reader import Reader

_EXAMPLE_WIDTH = 250
_EXACT_WORDS = 3  # of a caption
_EXACT_LETTERS = re.compile(f"[{UNSPACED}]{{2,6}}")  # of one without spaces
_KEYS = ("date", "folder", "album", "tag", "camera", "place")  # of which the library has values of its own


class Example(NamedTuple):
    """A query and what it shows; an empty query is a picture to be chosen."""

    query: str
    explanation: str


class HowToSearch(QDialog):
    """Explains what may be typed. It stays open beside the window while examples are tried.

    Args:
        languages: codes of those that the model reads; none: unknown
    """

    example_chosen = Signal(object)  # str: the query
    picture_wanted = Signal(object)  # QPoint: where on the screen the ways to it are to open

    def __init__(
        self, link: EngineLink, reader: LibraryReader, languages: tuple[str, ...], window: QWidget
    ) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_AlwaysShowToolTips)  # the window beside is active
        self._exact = "IMG"  # words that stand in the library
        self._languages = languages
        self._filters: dict[str, str] = {}  # by their keys, as they would be typed
        self._area = QScrollArea(widgetResizable=True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the buttons
        self._close = QPushButton(default=True)
        self._close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 24, 16)
        column.addWidget(self._area, 1)
        column.addWidget(self._close, 0, Qt.AlignmentFlag.AlignRight)
        self.retranslate()
        self.resize(600, min(720, window.height()))
        self.move(window.mapToGlobal(QPoint(window.width() - self.width() - 24, 0)))
        for key in _KEYS:
            # Where nothing is known of the library, the other examples are there.
            known = partial(self._learn, key)
            wish = search_messages.Suggest(f"{key}:", 1, i18n.language())
            link.order(self, wish, known, refused=lambda sentence: None)
        reader.ask(self, exact_words, self._learn_words, lambda sentence: None)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("How to search"))
        self._close.setText(tr("Close"))
        self._area.setWidget(self._sheet())

    def _learn(self, key: str, reply: search_messages.Suggestions) -> None:
        for suggestion in reply.suggestions:
            before, colon, value = suggestion.text.partition(":")
            if before == key and colon:
                self._filters.setdefault(key, value)
        if key == _KEYS[-1]:
            self.retranslate()

    def _learn_words(self, words: str) -> None:
        if words:
            self._exact = words
            self.retranslate()

    def _sheet(self) -> QWidget:
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(24, 16, 24, 16)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for title, examples in _sections(self._filters, self._exact, self._languages):
            heading = QLabel(title)
            heading.setFont(theme.scaled_font(1.15, semibold=True))
            heading.setContentsMargins(0, 12 if grid.count() else 0, 0, 4)
            grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
            for example in examples:
                row = grid.rowCount()
                grid.addWidget(self._button(example.query), row, 0)
                text = QLabel(example.explanation, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
                text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
                grid.addWidget(text, row, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        return sheet

    def _button(self, query: str) -> QPushButton:
        button = QPushButton()
        button.setFixedWidth(_EXAMPLE_WIDTH)
        room = button.fontMetrics()
        shown = room.elidedText(query, Qt.TextElideMode.ElideMiddle, _EXAMPLE_WIDTH - 32)
        button.setText(shown.replace("&", "&&") or tr("Search by a picture"))
        button.setToolTip(tip(query))
        if query:
            button.clicked.connect(lambda: self.example_chosen.emit(query))
        else:
            button.clicked.connect(
                lambda: self.picture_wanted.emit(button.mapToGlobal(button.rect().bottomLeft()))
            )
        return button


def exact_words(reader: Reader) -> str:
    """Return words that stand side by side in the latest caption, else the name of the latest file."""
    for photo_id in reader.matching([Has(fact="caption")])[-1:].tolist():
        details = reader.details(photo_id)
        if details and details.caption:
            unspaced = _EXACT_LETTERS.search(details.caption)
            words = details.caption.split()[:_EXACT_WORDS]
            return unspaced[0] if unspaced else " ".join(words).rstrip(",.;:!?")
    for photo_id in reader.living()[-1:].tolist():
        details = reader.details(photo_id)
        if details and details.files:
            name = files.shown(os.path.basename(details.files[0].path))  # noqa: PTH119 (bytes)
            return os.path.splitext(name)[0]  # noqa: PTH122
    return ""


def _sections(
    filters: dict[str, str], exact: str, languages: tuple[str, ...]
) -> Sequence[tuple[str, Sequence[Example]]]:
    typed = {key: f"{key_name(key)}:{value}" for key, value in filters.items()}
    sentence = sentences(languages)[0]
    of_filters = {
        "date": tr("Taken in a year, a month (2023-06), on a day, or yesterday, last-week."),
        "folder": tr("In a folder or below it. Its name is enough."),
        "album": tr("In an album."),
        "tag": tr("Tagged with a thing, or with such a keyword in its file."),
        "camera": tr("Taken with a camera."),
        "place": tr("Taken at a town or in a country."),
    }
    narrowing = [Example(typed[key], said) for key, said in of_filters.items() if key in typed]
    narrowing += [
        Example(tr("rating:>=4"), tr("With four stars or five.")),
        Example(tr("has:favourite"), tr("Among your favourites.")),
        Example(tr("-has:caption"), tr("A minus turns a filter round: without a caption.")),
    ]
    if "date" in typed:
        narrowing.append(Example(f"{sentence} {typed['date']}", tr("Words and filters go together.")))
    return [
        (
            tr("Say what the photo shows"),
            [
                Example(sentence, tr("One sentence, in plain words.")),
                Example(
                    in_words(tr("beach +dog"), "beach +dog", languages), tr("A plus makes a word count more.")
                ),
                Example(
                    in_words(tr("beach -people"), "beach -people", languages),
                    tr("A minus keeps away from a word."),
                ),
            ],
        ),
        (tr("Narrow it down"), narrowing),
        (
            tr("Names and captions"),
            [
                Example(
                    in_marks(exact),
                    tr("Exactly these words in a caption, keyword or file name. Plain words find them, too."),
                )
            ],
        ),
        (
            tr("By a picture"),
            [Example("", tr("Or press S on a photo, or paste or drop a picture into the field."))],
        ),
    ]
