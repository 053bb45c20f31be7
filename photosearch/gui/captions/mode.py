"""Captioning many photos: one after the other, large, with one line below. Enter saves and goes on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.captions.caption_reads import own_captions
from photosearch.gui.captions.completion import Vocabulary
from photosearch.gui.captions.end import EndPage
from photosearch.gui.captions.line import CaptionLine, CompletionRow
from photosearch.gui.data.glance import Glance, glance
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.note_orders import NoteOrders
from photosearch.gui.data.preview_cache import PreviewCache, PreviewWish
from photosearch.gui.viewer.picture import PictureView
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.floating import Note
from photosearch.gui.widgets.focus import focus_within
from photosearch.i18n import said_again, tr

_AHEAD = 2  # photos that are read before they are reached
_KEPT = 64  # photos whose glance is kept
_WIDEST_LINE = 760
_SMALLEST_PREVIEW = 1600  # pixels


class CaptionMode(QWidget):
    """Photos one after the other, each with a line for its caption; it lies over its parent.

    It is opened by start() and says when it wants to go.
    """

    closed = Signal()
    finished = Signal()  # the last photo was reached and captioned
    teach_wanted = Signal()

    def __init__(
        self, reader: LibraryReader, previews: PreviewCache, notes: NoteOrders, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._reader, self._previews, self._notes = reader, previews, notes
        self._ids: Sequence[int] = ()
        self._position = 0
        self._glances: dict[int, Glance] = {}
        self._written: dict[int, str] = {}  # in this round
        self._unsaved: set[int] = set()  # those of them that were refused
        self._shown: str | None = ""  # the caption as it is kept; None: that is not sure
        self._loaded = False  # whether that is known
        self._refusal = ""
        self._turning = False
        self.picture = PictureView()
        self.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.note = Note(self.picture)
        self.line = CaptionLine()
        self._row = CompletionRow(self.line)
        self._title, self.progress, self._hint = QLabel(), QLabel(), QLabel(wordWrap=True)
        self._bar = QProgressBar(textVisible=False)
        self.done = QPushButton()
        self.end = EndPage()
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self.hide()
        parent.installEventFilter(self)
        self.retranslate()

    def _build(self) -> None:
        self.setAutoFillBackground(True)
        self.setFocusProxy(self.line)
        self._title.setFont(theme.scaled_font(1.15, semibold=True))
        self.progress.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._hint.setFont(theme.scaled_font(0.9))
        self._bar.setFixedHeight(4)
        top = QHBoxLayout()
        top.setContentsMargins(theme.MARGIN, 12, theme.MARGIN, 12)
        top.setSpacing(16)
        top.addWidget(self._title)
        top.addWidget(self.progress, 1)
        top.addWidget(self.done)
        below = QWidget()
        below.setMaximumWidth(_WIDEST_LINE)
        written = QVBoxLayout(below)
        written.setContentsMargins(0, 16, 0, 16)
        written.setSpacing(8)
        written.addWidget(self.line)
        written.addWidget(self._row)
        written.addWidget(self._hint)
        middle = QHBoxLayout()
        middle.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        middle.addStretch(1)
        middle.addWidget(below, 100)
        middle.addStretch(1)
        writing = QWidget()
        column = QVBoxLayout(writing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addLayout(middle)
        self._pages.addWidget(writing)
        self._pages.addWidget(self.end)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self._bar)
        whole.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.line.entered.connect(self._on_entered)
        self.line.back_wanted.connect(lambda: self._go(self._position - 1))
        self.line.left.connect(self.leave)
        self.done.clicked.connect(self.leave)
        self.end.done.clicked.connect(self.leave)
        self.end.teach.clicked.connect(self._leave_to_teach)
        self._previews.arrived.connect(self._on_preview)
        self._notes.failed.connect(self._on_refused)
        self._notes.caption_refused.connect(self._on_caption_refused)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Captions, photo after photo"))
        self._title.setText(tr("Captions, photo after photo"))
        self.done.setText(tr("Done"))
        self._hint.setText(tr("Enter saves and goes on  ·  Tab completes  ·  ↑ goes back  ·  Esc leaves"))
        self.picture.setAccessibleName(tr("Photo"))
        self._update_progress()

    # --- where one is

    @property
    def ids(self) -> Sequence[int]:
        """The photos of this round, in turn."""
        return self._ids

    @property
    def photo_id(self) -> int | None:
        """The photo to be captioned now; None past the last one."""
        return self._ids[self._position] if self._position < len(self._ids) else None

    def start(self, ids: Sequence[int]) -> None:
        """Go through these photos."""
        self._ids, self._position = list(ids), 0
        self._glances.clear()
        self._written.clear()
        self._unsaved.clear()
        self._reader.ask(self, own_captions, self._set_vocabulary)
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self._load_photo()

    def leave(self) -> None:
        """Save what stands in the line, and go."""
        if not self.isHidden():
            self._save()
            self.hide()
            self.closed.emit()

    def _leave_to_teach(self) -> None:
        self.leave()
        self.teach_wanted.emit()

    def _on_entered(self) -> None:
        self._save()
        self._go(self._position + 1)

    def _go(self, position: int) -> None:
        if not 0 <= position <= len(self._ids):
            return
        self._save()
        self._position = position
        if position == len(self._ids):
            self.finished.emit()
        self._load_photo()

    def _load_photo(self) -> None:
        photo_id = self.photo_id
        self._refusal = ""
        self._loaded = False
        self._shown = ""
        self._turning = True  # the keyboard goes astray for a moment
        self._pages.setCurrentIndex(1 if photo_id is None else 0)
        self._turning = False
        if photo_id is None:
            self.end.teach.setFocus()
        else:
            self.line.show_text("")
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
            if photo_id in self._glances:
                self._show_photo(photo_id)
            for each in self._ids[self._position : self._position + 1 + _AHEAD]:
                if each not in self._glances:
                    self._read_glance(each)
        self._update_progress()

    def _read_glance(self, photo_id: int) -> None:
        def on_glance(found: Glance) -> None:
            while len(self._glances) >= _KEPT:
                del self._glances[next(iter(self._glances))]
            self._glances[photo_id] = found
            if photo_id == self.photo_id and not self._loaded:
                self._show_photo(photo_id)

        self._reader.ask(
            self,
            lambda reader: glance(reader, photo_id, choice=self._reader.choice),
            on_glance,
            self._on_refused,
        )

    def _show_photo(self, photo_id: int) -> None:
        details, thumbnail = self._glances[photo_id]
        self._loaded = True
        text = self._written.get(photo_id, (details.caption or "") if details else "")
        self._shown = None if photo_id in self._unsaved else text
        if text and not self.line.text():  # else one has begun to write already
            self.line.show_text(text)
        picture = self._previews.get(photo_id)
        if picture is not None:
            self.picture.show_photo(picture.image, picture.width, picture.height)
        else:
            facts = details.facts if details else None
            self.picture.show_photo(thumbnail, facts.width if facts else 1, facts.height if facts else 1)
        self._request_previews()
        self._update_progress()

    def _save(self) -> None:
        """Only another caption than before is written; while that is not known, whatever is there."""
        photo_id, text = self.photo_id, self.line.text().strip()
        if photo_id is None or text == self._shown:
            return
        was, self._shown = self._shown if self._loaded else None, text
        self._written[photo_id] = text
        self._unsaved.discard(photo_id)
        if text:
            self.line.vocabulary.add(text)
        self._notes.set_caption((photo_id,), text, was)

    def _on_refused(self, sentence: str) -> None:
        if self.isVisible():
            self._refusal = sentence
            self._update_progress()

    def _on_caption_refused(self, photo_ids: Sequence[int]) -> None:
        self._unsaved |= self._written.keys() & set(photo_ids)
        if self.photo_id in self._unsaved:
            self._shown = None

    def _set_vocabulary(self, captions: Sequence[str]) -> None:
        self.line.vocabulary = Vocabulary(captions)

    # --- its pixels

    def _request_previews(self) -> None:
        if not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        edge = max(_SMALLEST_PREVIEW, round(max(self.picture.width(), self.picture.height()) * ratio))
        ids = self._ids[self._position : self._position + 1 + _AHEAD]
        self._previews.want([PreviewWish(each, edge) for each in ids if not self._is_away(each)])

    def _is_away(self, photo_id: int) -> bool:
        known = self._glances.get(photo_id)
        files = known.details.files if known and known.details else []
        return bool(files) and all(file.away for file in files)

    def _on_preview(self, photo_id: int) -> None:
        picture = self._previews.get(photo_id)
        if self.isVisible() and photo_id == self.photo_id and self._loaded and picture is not None:
            self.picture.sharpen(picture.image)

    # --- around it

    def _update_progress(self) -> None:
        total = len(self._ids)
        place = min(self._position + 1, total)
        self.progress.setText(tr("{n} of {total}", n=place, total=total) if total else "")
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(self._position)
        saved = self._written.keys() - self._unsaved
        self.end.show_count(len([each for each in saved if self._written[each]]))
        known = self._glances.get(self.photo_id) if self.photo_id is not None else None
        gone = known is not None and (known.details is None or not known.details.files)
        if self._refusal:
            self.note.say("alert", said_again(self._refusal))
        elif gone:
            self.note.say("image-off", tr("That photo is not there any more."))
        else:
            self.note.say("", "")
        self.note.place(self.picture.rect())

    def _on_focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        """Whatever else in the window takes the keyboard is what one wants to see."""
        if self.isHidden() or self._turning or now is None or now.window() is not self.window():
            return
        if now is not self and not self.isAncestorOf(now):
            self.leave()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus_within(self, forward=forward)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, lambda: self.note.place(self.picture.rect()))
