"""Two models side by side: the first photos of one's own searches by each, to keep the new one or go back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core import model_messages
from photosearch.core.model_messages import Compared, ModelList
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.teach.strips import SHOWN, SideBySide, Strip
from photosearch.gui.teach.teach_page import Remark, TeachPage, body, heading, plain, primary, quiet, title
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.model_text import model_name
from photosearch.i18n import tr
from photosearch.store.reader import Reader

Mark = Literal["better", "same", "worse"]
MARKS: tuple[Mark, ...] = ("better", "same", "worse")
MOST_SEARCHES = 20
_WIDTH, _HEIGHT = 860, 700


class SearchRow(QWidget):
    """A search: its first photos by the other model, and beside or below them by the present one."""

    marked = Signal()

    def __init__(self, query: str, found: Compared, reader: LibraryReader) -> None:
        super().__init__()
        self._found = found
        self._query = heading()
        self._query.setText(query)
        self.before, self.after = (Strip([str(one) for one in ids], "") for ids in _sides(found))
        self._titles = (quiet(0.9), quiet(0.9))
        self._marks = QButtonGroup(self)
        self.buttons: dict[Mark, QRadioButton] = {}
        self._of_second = quiet(0.9)
        self._of_second.setWordWrap(False)
        marks = QHBoxLayout()
        marks.setSpacing(16)
        marks.addWidget(self._of_second)
        for place, mark in enumerate(MARKS):
            button = self.buttons[mark] = QRadioButton()
            self._marks.addButton(button, place)
            marks.addWidget(button)
        marks.addStretch(1)
        self._marks.idToggled.connect(lambda *_: self.marked.emit())
        self._sides = SideBySide(self._titles, (self.before, self.after), reader)
        self.setMinimumWidth(1)  # its strips follow it, not it them
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 24)
        column.setSpacing(8)
        column.addWidget(self._query)
        column.addLayout(self._sides)
        column.addLayout(marks)
        self.retranslate()

    @property
    def mark(self) -> Mark | None:
        """What the person said of the present model; None: nothing yet."""
        place = self._marks.checkedId()
        return MARKS[place] if place >= 0 else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._sides.fit(event.size().width())
        self._say_which()

    def retranslate(self) -> None:
        names = (model_name(self._found.other), model_name(self._found.answering))
        for name, label, strip in zip(names, self._titles, (self.before, self.after), strict=True):
            label.setText(name)
            strip.setAccessibleName(tr("“{query}” by {name}", query=self._query.text(), name=name))
        self._say_which()
        texts = {"better": tr("Better"), "same": tr("Just as good"), "worse": tr("Worse")}
        for mark, button in self.buttons.items():
            button.setText(texts[mark])
            button.setAccessibleName(
                tr("“{query}” by {name}: {mark}", query=self._query.text(), name=names[1], mark=texts[mark])
            )

    def _say_which(self) -> None:
        self._of_second.setText(tr("At the right:") if self._sides.beside else tr("The lower one:"))


class CompareDialog(QDialog):
    """Compares the model that answers with the one before, over saved and recent searches."""

    def __init__(self, link: EngineLink, reader: LibraryReader, parent: QWidget) -> None:
        super().__init__(parent)
        self._link, self._reader = link, reader
        self._other = ""  # id
        self._names = ("", "")  # of the other model, and of the one that answers
        self._waiting: list[str] = []  # searches that are not made yet
        self.rows: dict[str, SearchRow] = {}
        self.page = TeachPage()
        self._title, self._hint, self.counts = title(), body(), QLabel()
        self.counts.setWordWrap(True)
        self.counts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.remark = Remark()
        self.another = QLineEdit()
        self.another.setObjectName("line")
        self.another.setFixedHeight(theme.SEARCH_HEIGHT)
        self.another.returnPressed.connect(self._ask_another)
        self.back, self.keep = plain(), primary()
        self.back.setAutoDefault(False)
        self.keep.setAutoDefault(False)
        self.back.clicked.connect(self._go_back)
        self.keep.clicked.connect(self.accept)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        for widget, after in ((self._title, 8), (self._hint, 16), (self.another, 24), (self.remark, 0)):
            self.page.column.addWidget(widget)
            self.page.column.addSpacing(after)
        self.page.column.addLayout(self._list)
        self.page.column.addStretch(1)
        self.page.foot.addWidget(self.counts, 1)
        self.page.foot.addWidget(self.back)
        self.page.foot.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.retranslate()
        self.resize(min(_WIDTH, parent.width()), min(_HEIGHT, parent.height()))
        link.order(self, model_messages.GetModels(), self._on_models, self.remark.say)

    def retranslate(self) -> None:
        other, answering = map(model_name, self._names)
        self.setWindowTitle(tr("Compare models"))
        self._title.setText(tr("Which one finds better?"))
        self._hint.setText(
            tr(
                "The first photos of your searches, by what they show alone: first by {other}, then by "
                "{answering}, which answers now.",
                other=other,
                answering=answering,
            )
            if answering
            else ""
        )
        self.another.setPlaceholderText(tr("Another search…"))
        self.another.setAccessibleName(tr("Another search…"))
        self.back.setText(tr("Change back"))
        self.back.setAccessibleName(tr("Go back to {name}", name=other))
        self.back.setVisible(bool(other))
        self.keep.setText(tr("Keep") if answering else tr("Close"))
        self.keep.setAccessibleName(tr("Keep {name}", name=answering) if answering else tr("Close"))
        for row in self.rows.values():
            row.retranslate()
        self._count()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter makes the search that was typed, and closes nothing."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _on_models(self, found: ModelList) -> None:
        other = next((model for model in found.models if model.before), None)
        answering = next((model for model in found.models if model.state == "answers"), None)
        if other is None or answering is None:
            self.remark.say(tr("There is no earlier model to compare with."))
            return
        self._other, self._names = other.model_id, (other.name, answering.name)
        self.retranslate()
        self._reader.ask(self, _searches, self._on_searches)

    def _on_searches(self, searches: list[str]) -> None:
        self._waiting = searches
        if not searches:
            self.remark.say(tr("No search is saved or remembered yet; make one above."))
        self._ask_next()

    def _ask_next(self) -> None:
        if self._waiting:
            self._ask(self._waiting.pop(0), lambda _: self._ask_next())

    def _ask_another(self) -> None:
        text = self.another.text().strip()
        if text and text not in self.rows and self._other:
            self.remark.say("")
            self._ask(text, self.remark.say)

    def _ask(self, query: str, refused: Callable[[str], object]) -> None:
        request = model_messages.CompareModels(query, self._other, SHOWN)
        self._link.order(
            self, request, lambda found: self._on_compared(query, found), refused, takes_long=True
        )

    def _on_compared(self, query: str, found: Compared) -> None:
        typed = query == self.another.text().strip()
        row = self.rows[query] = SearchRow(query, found, self._reader)
        row.marked.connect(self._count)
        self._list.insertWidget(0 if typed else -1, row)
        if typed:
            self.another.clear()
        else:
            self._ask_next()
        self._order_stops()

    def _order_stops(self) -> None:
        """Let Tab stop at the rows where they stand, before what is done in the end: they are younger."""
        items = (self._list.itemAt(place) for place in range(self._list.count()))
        rows = (item.widget() for item in items if item)
        votes = (button for row in rows if isinstance(row, SearchRow) for button in row.buttons.values())
        for one, following in pairwise((self.another, *votes, self.back, self.keep)):
            QWidget.setTabOrder(one, following)

    def _count(self) -> None:
        marks = Counter(row.mark for row in self.rows.values())
        self.counts.setText(
            tr(
                "Better {better}  ·  Just as good {same}  ·  Worse {worse}",
                better=marks["better"],
                same=marks["same"],
                worse=marks["worse"],
            )
            if marks.keys() - {None}
            else ""
        )

    def _go_back(self) -> None:
        request = model_messages.ChangeModel(self._other)
        self._link.order(self, request, lambda _: self.accept(), self.remark.say)


def _sides(found: Compared) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return found.by_other, found.by_answering


def _searches(reader: Reader) -> list[str]:
    """The person's, those saved first."""
    saved = [search.text for search in reader.saved_searches()]
    return list(dict.fromkeys([*saved, *reader.recent_searches()]))[:MOST_SEARCHES]
