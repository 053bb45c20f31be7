"""What may be typed next: a list under the field, while the keyboard stays in the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosearch import i18n, settings
from photosearch.core import messages, note_messages, search_messages
from photosearch.core.query import AnyFilter
from photosearch.core.search_messages import Suggestion
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.query.field import SearchField
from photosearch.gui.query.sentences import sentences
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.floating import paint_ground
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n

_MOST, _MOST_WHILE_TYPING = 24, 8
_ROW, _HEADING = 32, 28
_ICON = 18
_MOST_ROWS_SEEN = 14
_NARROWEST = 420
_ICONS = {
    "recent": "clock",
    "saved": "bookmark",
    "example": "search",
    "filter": "filter",
    "folder": "folder",
    "camera": "camera",
    "date": "calendar",
    "album": "album",
    "tag": "tag",
    "place": "map-pin",
    "value": "filter",
}
_SUGGESTION = Qt.ItemDataRole.UserRole
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.LayoutRequest)
_PAUSE_MS = 60  # in typing, before what may follow is asked for
_FEW = 3  # former searches; where there are no more, examples stand beside them


class SuggestionList(QFrame):
    """Opens when an empty field is entered, and while one types. Its owner parents it to the window.

    Args:
        head: holds the field, and below it what is said of the query.
        is_wrong: whether that is said to be wrong, and has to be read.
        within: where what is typed will be searched.
    """

    accepted = Signal(object)  # str: the whole text, with which to search
    saved_accepted = Signal(object)  # str: that of a saved search, which says itself where to search
    nothing_to_suggest = Signal()  # to who asked for it with an empty field

    def __init__(
        self,
        field: SearchField,
        link: EngineLink,
        parent: QWidget,
        head: QWidget,
        is_wrong: Callable[[], bool],
        within: Callable[[], tuple[AnyFilter, ...]],
    ) -> None:
        super().__init__(parent)
        self._field, self._link, self._head, self._is_wrong = field, link, head, is_wrong
        self._within = within
        self._serial = 0  # of what was asked last
        self._asked_within: tuple[AnyFilter, ...] = ()  # likewise, where
        self._closed_for = ""  # the text at which the person closed it
        self._remembering = True
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(lambda: self._ask(asked_for=False))
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(False)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_Row(self.list))
        self.list.itemClicked.connect(self._accept)
        self.list.itemEntered.connect(self._pointed)
        self.forget = QPushButton()
        self.remember = QPushButton()
        for button in (self.forget, self.remember):
            button.setObjectName("quiet")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.forget.clicked.connect(self._forget)
        self.remember.clicked.connect(self._remember)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(4, 4, 4, 0)
        foot.addWidget(self.forget)
        foot.addStretch(1)
        foot.addWidget(self.remember)
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 5, 5, 5)
        column.setSpacing(0)
        column.addWidget(self.list)
        column.addWidget(self._foot)
        for above in (field, head):  # to stay below them
            above.installEventFilter(self)
        field.suggestions_wanted.connect(self.open)
        field.entered.connect(self._entered)
        field.key_pressed.connect(self._key_pressed)
        field.textEdited.connect(self._text_edited)
        field.textChanged.connect(self._text_changed)
        field.left.connect(self._dismiss)
        field.pictures_added.connect(self._dismiss)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        self.list.setAccessibleName(tr("Suggestions"))
        self.forget.setText(tr("Clear recent searches"))
        self.remember.setText(
            tr("Stop remembering searches") if self._remembering else tr("Remember searches")
        )
        self.hide()  # what is in it is in the former language

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_ground(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def set_remembering(self, remembering: bool) -> None:
        """Say whether the library keeps recent searches."""
        self._remembering = remembering
        self.retranslate()

    def open(self) -> None:
        """Suggest what may be typed next, if there is anything."""
        self._closed_for = ""
        self._ask(asked_for=True)

    def follow_place(self) -> None:
        """Where one searches may be another place now: what is shown of the former is asked for anew."""
        if self.isVisible() and self._asked_within != self._within():
            self._ask(asked_for=False)

    def close_by_hand(self) -> bool:
        """Close it until the text changes; return False where it was not open."""
        if not self.isVisible():
            return False
        self._closed_for = self._field.text()
        self._dismiss()
        return True

    def _dismiss(self) -> None:
        """Close it; what is still on its way from the engine does not open it again."""
        self._serial += 1
        self._pause.stop()
        self.hide()

    def _entered(self) -> None:
        if not self._field.text().strip() and not self.isVisible():
            self._ask(asked_for=False)

    def _text_edited(self, text: str) -> None:
        if text.strip() and text != self._closed_for:
            self._pause.start()

    def _text_changed(self, text: str) -> None:
        if not text:
            self._dismiss()

    def _ask(self, *, asked_for: bool) -> None:
        self._serial += 1
        serial, within = self._serial, self._within()
        self._asked_within = within
        text = self._field.text()
        cursor = self._field.cursorPosition()

        def show(reply: search_messages.Suggestions) -> None:
            if serial == self._serial and within != self._within():  # one has gone on meanwhile
                self._ask(asked_for=asked_for)
            elif serial == self._serial:
                self._show(self._with_examples(reply.suggestions, text), text[cursor:])
                if not reply.suggestions and asked_for and not text.strip():
                    self.nothing_to_suggest.emit()

        # Where there is nothing to suggest from, nothing is suggested; a search will say why.
        most = _MOST if asked_for or not text.strip() else _MOST_WHILE_TYPING
        wish = search_messages.Suggest(text[:cursor], most, i18n.language(), within)
        self._link.order(self, wish, show, lambda sentence: None)

    def _with_examples(self, found: Sequence[Suggestion], text: str) -> list[Suggestion]:
        """Who has hardly searched yet is shown what can be typed, where there is anything to search."""
        former = [suggestion for suggestion in found if suggestion.kind in ("saved", "recent")]
        if text.strip() or not found or len(former) >= _FEW:
            return list(found)
        examples = [Suggestion("example", each, each) for each in sentences(self._field.languages)]
        return [*former, *examples, *found[len(former) :]]

    def _show(self, suggestions: Sequence[Suggestion], rest: str) -> None:
        self.list.clear()
        kinds = [(kind, list(members)) for kind, members in groupby(suggestions, lambda found: found.kind)]
        for kind, members in kinds:
            if len(kinds) > 1:
                heading = QListWidgetItem(_heading(kind))
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                heading.setSizeHint(QSize(0, _HEADING))
                self.list.addItem(heading)
            for suggestion in members:
                item = QListWidgetItem(suggestion.shown)
                item.setData(_SUGGESTION, (suggestion, rest))
                item.setSizeHint(QSize(0, _ROW))
                self.list.addItem(item)
        self._foot.setVisible(not self._field.text().strip())
        self.forget.setVisible(any(kind == "recent" for kind, _ in kinds))
        self.setVisible(bool(suggestions) and self._field.isVisible())
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        corner = self._field.mapTo(parent, QPoint(0, self._field.height() + 4))
        if self._is_wrong():
            corner.setY(self._head.mapTo(parent, QPoint(0, self._head.height())).y())
        rows = [self.list.item(row).sizeHint().height() for row in range(self.list.count())]
        foot = self._foot.sizeHint().height() if self._foot.isVisibleTo(self) else 0
        self.list.setFixedHeight(
            min(sum(rows), _MOST_ROWS_SEEN * _ROW, parent.height() - corner.y() - foot - 24)
        )
        width = min(max(self._field.width(), _NARROWEST), parent.width() - 2 * theme.MARGIN)
        left = min(corner.x(), parent.width() - theme.MARGIN - width)
        self.setGeometry(left, corner.y(), width, self.list.height() + foot + 10)
        self.raise_()

    def _key_pressed(self, event: QKeyEvent) -> None:
        if not self.isVisible():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._dismiss()
            return
        match event.key():
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.list.currentItem() is not None:
                self._accept(self.list.currentItem())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.close_by_hand()
                return
            case Qt.Key.Key_Escape:
                self.close_by_hand()
            case _:
                return
        event.accept()

    def _step(self, step: int) -> None:
        rows = [row for row in range(self.list.count()) if self.list.item(row).flags()]
        present = self.list.currentRow()
        first = 0 if step > 0 else len(rows) - 1
        following = rows.index(present) + step if present in rows else first
        if 0 <= following < len(rows):
            self.list.setCurrentRow(rows[following])
        else:  # past either end: back in the field
            self.list.setCurrentRow(-1)
            self.list.scrollToTop()

    def _pointed(self, item: QListWidgetItem) -> None:
        if item.flags():
            self.list.setCurrentItem(item)

    def _accept(self, item: QListWidgetItem) -> None:
        if not item.flags():
            return
        suggestion, rest = item.data(_SUGGESTION)
        whole = suggestion.kind in ("recent", "saved", "example")
        text = suggestion.text if whole else f"{suggestion.text}{rest}"
        self._dismiss()
        self._field.setText(text)
        self._field.setCursorPosition(len(suggestion.text))
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        if suggestion.kind == "filter":  # its value is still to come
            self.open()
        else:
            (self.saved_accepted if suggestion.kind == "saved" else self.accepted).emit(text)

    def _forget(self) -> None:
        self._link.order(self, note_messages.ClearSearches(), lambda _: self._refresh())

    def _refresh(self) -> None:
        """What it shows is another now, if anybody still looks."""
        if self._field.hasFocus():
            self.open()

    def _remember(self) -> None:
        remembering = not self._remembering
        self.set_remembering(remembering)
        value = settings.YES if remembering else settings.NO
        change = messages.ChangeSetting(settings.REMEMBER_SEARCHES, value)
        self._link.order(self, change, lambda _: self._refresh())


class _Row(QStyledItemDelegate):
    """A picture of its kind, the text, how many photos it would leave; or a heading."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        colours = option.palette
        rect: QRect = option.rect
        held = index.data(_SUGGESTION)
        text: str = index.data()
        painter.save()
        middle = Qt.AlignmentFlag.AlignVCenter
        if held is None:
            painter.setFont(theme.scaled_font(0.85, semibold=True))
            painter.setPen(colours.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(rect.adjusted(12, 4, -12, 0), middle, text)
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(rect, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        suggestion: Suggestion = held[0]
        place = QRect(rect.left() + 12, rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        icon(_ICONS[suggestion.kind], QPalette.ColorRole.PlaceholderText).paint(painter, place)
        count = "" if suggestion.photos is None else tr_n("{n} photo", "{n} photos", suggestion.photos)
        painter.setPen(colours.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(rect.adjusted(0, 0, -12, 0), middle | Qt.AlignmentFlag.AlignRight, count)
        taken = option.fontMetrics.horizontalAdvance(count) + 24
        room = rect.adjusted(12 + _ICON + 12, 0, -taken, 0)
        painter.setPen(colours.color(QPalette.ColorRole.WindowText))
        elided = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, middle, elided)
        painter.restore()


def _heading(kind: str) -> str:
    return {
        "recent": tr("Recent searches"),
        "saved": tr("Saved searches"),
        "example": tr("For example"),
        "filter": tr("Filters"),
        "folder": tr("Folders"),
        "camera": tr("Cameras"),
        "date": tr("Dates"),
        "album": tr("Albums"),
        "tag": tr("Things"),
        "place": tr("Places"),
        "value": tr("Filters"),
    }[kind]
