"""The window's head: the search field, what was understood of it, the line that says what is shown."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.query import chips
from photosearch.gui.query.field import SearchField
from photosearch.gui.query.understood import Span
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.choice_button import ChoiceButton
from photosearch.gui.widgets.controls import Line
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import said_again, tr, tr_n

_WIDEST_MENDED = 200
ERROR_WHILE_TYPING_MS = 700  # what is not typed to its end yet is no error


class BusyBar(QWidget):
    """A short stroke that wanders along a two-pixel line."""

    _STEP_MS = 16
    _ROUND = 75  # steps from edge to edge

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(2)
        self._step = 0
        self._timer = QTimer(self, interval=self._STEP_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def busy(self) -> bool:
        """Whether it moves."""
        return self._timer.isActive()

    def set_busy(self, busy: bool) -> None:
        """Begin or end its movement."""
        if busy and not self.busy:
            self._step = 0
            self._timer.start()
        elif not busy:
            self._timer.stop()
        self.update()

    def _advance(self) -> None:
        self._step += 1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.busy:
            return
        length = self.width() // 4
        way = self.width() + length
        left = way * (self._step % self._ROUND) // self._ROUND - length
        with QPainter(self) as painter:
            painter.fillRect(
                left, 0, length, self.height(), self.palette().color(QPalette.ColorRole.Highlight)
            )


def order_button() -> ChoiceButton:
    """Chooses how results are sorted and grouped, by Sort and Group."""
    return ChoiceButton(
        lambda: tr("Order of the results"),
        {
            "relevance": lambda: tr("Best match"),
            "date": lambda: tr("Newest first"),
            "name": lambda: tr("By name"),
        },
        {
            "none": lambda: tr("Not grouped"),
            "day": lambda: tr("Grouped by day"),
            "folder": lambda: tr("Grouped by folder"),
            "place": lambda: tr("Grouped by place"),
        },
    )


class Header(QWidget):
    """The search field and the line below it: chips, what is shown, how it is sorted."""

    refresh_wanted = Signal()  # show the new matches

    def __init__(self) -> None:
        super().__init__()
        self.field = SearchField()
        self.menu = QToolButton()
        self.menu.setObjectName("bar")
        self.menu.setIcon(icon("menu"))
        self.menu.setIconSize(QSize(20, 20))
        self.menu.hide()
        self.add_folder = QPushButton(icon("folder-add"), "")
        self.add_folder.setIconSize(QSize(18, 18))
        self.add_folder.setFixedHeight(theme.SEARCH_HEIGHT)
        self.chips = chips.ChipBar(self.add_folder)
        self.count = Line()
        self.count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.count.setMinimumHeight(chips.HEIGHT)  # so that nothing moves when chips come
        self._alert = QLabel()
        self._alert.hide()
        self._count_text = ""
        self._has_line, self._is_brief = True, False
        self._news, self._has_fewer = 0, False
        self._error: tuple[str, Span | None, str] | None = None
        self._error_wait = QTimer(self, singleShot=True)
        self._error_wait.timeout.connect(self._show_error)
        self.mend = QPushButton()
        self.mend.setObjectName("quiet")
        self.news = QPushButton()
        self.news.setObjectName("quiet")
        self.news.clicked.connect(self.refresh_wanted)
        self.everywhere = QPushButton()
        self.everywhere.setObjectName("quiet")
        self.models = QPushButton()
        self.models.setObjectName("quiet")
        self.order = order_button()
        self.busy = BusyBar()
        self.top = QHBoxLayout()
        self.top.setContentsMargins(theme.MARGIN, 12, theme.MARGIN, 0)
        self.top.setSpacing(12)
        self.top.addWidget(self.menu)
        self.top.addWidget(self.field, 100)
        self.top.addStretch(1)
        self.top.addWidget(self.add_folder)
        sentence = QHBoxLayout()
        sentence.setSpacing(8)
        sentence.addWidget(self._alert)
        sentence.addWidget(self.count, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        for button in (self.mend, self.news, self.models, self.everywhere, self.order):
            self.buttons.addWidget(button)
        self._said = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._said.setSpacing(8)
        self._said.addLayout(sentence, 1)
        self._said.addLayout(self.buttons)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setContentsMargins(theme.MARGIN, 8, theme.MARGIN - 8, 6)
        self._line.setSpacing(8)
        self._line.addWidget(self.chips, 0, Qt.AlignmentFlag.AlignLeft)
        self._line.addLayout(self._said, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(self.top)
        self.column.addLayout(self._line)
        self.column.addWidget(self.busy)
        self.field.textChanged.connect(lambda: self.error("", None))
        self.news.hide()
        self.models.hide()
        self.everywhere.hide()
        self.order.hide()
        self.retranslate()

    def retranslate(self) -> None:
        self.menu.setToolTip(tr("Show or hide the sidebar"))
        self.menu.setAccessibleName(tr("Show or hide the sidebar"))
        self.be_brief(self._is_brief)
        self.add_folder.setAccessibleName(tr("Add folder"))
        self.add_folder.setToolTip(tr("Add a folder of photos (or drop one on the window)"))
        self.models.setText(tr("Choose a model…"))
        self.everywhere.setText(tr("Search everywhere"))
        self.new_matches(self._news, has_fewer=self._has_fewer)
        self._show_error()
        self.field.retranslate()

    def order_tabs(self, first: QWidget) -> None:
        """Let Tab lead from a widget of the first line through the buttons as they stand."""
        buttons = (self.add_folder, self.mend, self.news, self.models, self.everywhere, self.order)
        for before, behind in itertools.pairwise((first, *buttons)):
            self.setTabOrder(before, behind)

    def be_brief(self, brief: bool) -> None:
        """Whether buttons are their icons alone, so that the field has room."""
        self._is_brief = brief
        self.add_folder.setText("" if brief else tr("Add folder"))

    def say(self, text: str) -> None:
        """Say in a line what the grid shows; an error that stands there is about the query, and stays."""
        self._count_text = text
        self._show_error()

    def keep_line(self, kept: bool) -> None:
        """Whether the line below the field has its room where it says nothing, so that nothing moves."""
        self._has_line = kept
        self._show_error()

    @property
    def mended(self) -> str:
        """The query that was probably meant in place of one that is wrong; empty: there is none."""
        return self._error[2] if self._error else ""

    @property
    def says_wrong(self) -> bool:
        """Whether the line says what is wrong with the query."""
        return not self._alert.isHidden()

    def error(self, sentence: str, span: Span | None, *, mended: str = "", at_once: bool = True) -> None:
        """Say what is wrong with the query, and where. Empty takes it away, and the line is back."""
        self._error_wait.stop()
        self._error = (sentence, span, mended) if sentence else None
        if self._error is None or at_once:
            self._show_error()
        else:
            self._error_wait.start(ERROR_WHILE_TYPING_MS)

    def new_matches(self, count: int, *, has_fewer: bool = False) -> None:
        """Offer to show so many new matches, or an answer that has fewer; neither takes the offer away."""
        self._news, self._has_fewer = count, has_fewer
        fewer = tr("The answer has changed") if has_fewer else ""
        self.news.setText(tr_n("{n} new match", "{n} new matches", count) if count else fewer)
        self.news.setVisible(bool(self.news.text()))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._share_lines()
        return super().event(event)

    def _share_lines(self) -> None:
        """Chips that leave too little room have a line of their own; so have buttons. No words are cut."""
        room = self.width() - 2 * theme.MARGIN - self.buttons.sizeHint().width() - self._said.spacing()
        alert = 0 if self._alert.isHidden() else self._alert.sizeHint().width() + self._said.spacing()
        chips = 0 if self.chips.isHidden() else self.chips.sizeHint().width() + self._line.spacing()
        needed = self.count.sizeHint().width() + alert
        wraps = needed > self.width() - 2 * theme.MARGIN
        if wraps != self.count.wordWrap():
            self.count.setWordWrap(wraps)
        for line, in_one in (
            (self._line, not chips or needed + chips <= room),
            (self._said, needed <= room),
        ):
            line.setDirection(
                QBoxLayout.Direction.LeftToRight if in_one else QBoxLayout.Direction.TopToBottom
            )

    def _show_error(self) -> None:
        error = None if self._error_wait.isActive() else self._error
        wrong = error is not None
        sentence, span, mended = error or (self._count_text, None, "")
        sentence = said_again(sentence)
        if wrong:
            self._alert.setPixmap(icon("alert", QPalette.ColorRole.BrightText).pixmap(18, 18))
        self._alert.setVisible(wrong)
        room, end = self.mend.fontMetrics(), Qt.TextElideMode.ElideLeft
        shown = room.elidedText(tr("Search for {query}", query=mended), end, _WIDEST_MENDED)
        self.mend.setText(shown.replace("&", "&&"))
        self.mend.setToolTip(tip(tr("Search for {query}", query=mended) + " (Alt+Enter)"))
        self.mend.setVisible(bool(mended))
        # What was understood is of the results that stay, not of what is typed now.
        self.chips.setVisible(bool(self.chips.chips) and not wrong)
        self.count.setText(sentence)
        self.count.setVisible(self._has_line or bool(sentence))
        self.count.setToolTip(tip(sentence))
        self.count.setForegroundRole(
            QPalette.ColorRole.BrightText if wrong else QPalette.ColorRole.PlaceholderText
        )
        self.field.underline(span)
