"""The window: photos first, one field to find them."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from photosearch.core import messages
from photosearch.core.photo import Confidence, Hit
from photosearch.core.progress import Progress
from photosearch.gui.actions import PhotoActions
from photosearch.gui.engine_link import EngineLink, Question
from photosearch.gui.grid import PhotoGrid
from photosearch.gui.header import Header
from photosearch.gui.library_reader import LibraryReader
from photosearch.gui.pages import DropOverlay, MessagePage, WelcomePage
from photosearch.gui.queries import Queries
from photosearch.gui.sections import Section
from photosearch.gui.status import StatusLine
from photosearch.gui.thumbnails import Thumbnails
from photosearch.i18n import tr, tr_n
from photosearch.store.reader import Reader

_REFRESH_MS = 700
_WARMING_NOTE_MS = 500  # an engine that is up already is not worth a note

Photos = tuple[NDArray[np.int64], NDArray[np.float32]]


class Window(QWidget):
    """Shows the whole library, newest first, or the answer to a query."""

    def __init__(self, link: EngineLink, reader: LibraryReader, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._link, self._reader, self._thumbnails = link, reader, thumbnails
        self._timeline: Photos | None = None  # None until it was read for the first time
        self._timeline_place: int | None = None  # to return to when a query ends
        self._shown: Question | None = None  # what the grid answers; None: the timeline
        self._folders: Sequence[messages.FolderStatus] = ()
        self._progress = Progress("idle")
        self._ready = False
        self._stale = False
        self.queries = Queries(link)
        self.header = Header()
        self.grid = PhotoGrid(thumbnails, reader)
        self.welcome = WelcomePage()
        self.message = MessagePage()
        self.status = StatusLine()
        self.actions_ = PhotoActions(self.grid, reader)
        self.pages = QStackedWidget()
        for page in (self.grid, self.welcome, self.message):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self._overlay = DropOverlay(self)
        self._refreshing = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._refreshing.timeout.connect(self._refresh_if_stale)
        self.setWindowTitle("PhotoSearch")
        self.setMinimumSize(480, 360)
        self.setAcceptDrops(True)
        self._connect()
        self._add_shortcuts()
        self.header.field.setFocus()
        QTimer.singleShot(_WARMING_NOTE_MS, self, self._show_readiness)
        self.refresh()

    def _connect(self) -> None:
        self.header.field.textChanged.connect(self.queries.typed)
        self.header.field.returnPressed.connect(self.queries.submit)
        self.header.field.left_downwards.connect(self.grid.enter)
        self.header.add_folder.clicked.connect(self.choose_folder)
        self.welcome.add_folder.clicked.connect(self.choose_folder)
        self.grid.left_upwards.connect(self._focus_field)
        self.actions_.similar_wanted.connect(self._find_similar)
        self.actions_.failed.connect(self.status.problem)
        self.queries.answered.connect(self._answered)
        self.queries.failed.connect(self._search_failed)
        self.queries.cleared.connect(self._show_timeline)
        self.queries.slow.connect(self.header.busy.set_busy)
        self.status.pause_wanted.connect(lambda paused: self._link.order(messages.SetPaused(paused)))
        self.status.retry_wanted.connect(self._link.retry)
        self._link.connected.connect(self._connected)
        self._link.event_came.connect(self._event_came)
        self._link.refused.connect(self.status.problem)
        self._link.lost.connect(self._engine_lost)
        self._reader.absent.connect(self._no_library)
        self._reader.failed.connect(self._library_failed)

    def _add_shortcuts(self) -> None:
        for keys, act in (
            ("Ctrl+F", self._focus_field),
            ("/", self._focus_field),
            ("Ctrl+O", self.choose_folder),
            ("Escape", self._step_back),
            ("Ctrl+Q", self.close),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _=False, act=act: act())
            self.addAction(action)

    # --- the library

    def refresh(self) -> None:
        """Read the timeline again, at most every 0.7 s."""
        if self._refreshing.isActive():
            self._stale = True
            return
        self._stale = False
        self._refreshing.start()
        self._reader.ask(Reader.timeline, self._timeline_came)

    def _refresh_if_stale(self) -> None:
        if self._stale:
            self.refresh()

    def _timeline_came(self, timeline: Photos) -> None:
        self._timeline = timeline
        self._thumbnails.forget_missing()
        if self._shown is None:
            self.grid.show_photos(*timeline, keep_place=True)
            self._tell_timeline()

    def _no_library(self) -> None:
        self._timeline_came((np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)))

    def _library_failed(self, sentence: str) -> None:
        self._say(tr("This library cannot be opened"), sentence)

    def choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Add a folder of photos"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.add_folder)
        dialog.open()

    def add_folder(self, path: str) -> None:
        self._link.order(messages.AddFolder(os.fsencode(os.path.normpath(path))))

    # --- the timeline and the answers

    def _show_timeline(self) -> None:
        """A query ended: back to where one was."""
        self._shown = None
        if self._timeline is None:
            return
        self.grid.show_photos(*self._timeline, keep_place=False)
        if self._timeline_place is not None:
            self.grid.show_photo(self._timeline_place)
        self._tell_timeline()

    def _tell_timeline(self) -> None:
        count = len(self._timeline[0]) if self._timeline else 0
        self.header.count.setText(tr_n("{n} photo", "{n} photos", count) if count else "")
        if count:
            self.pages.setCurrentWidget(self.grid)
        elif self._progress.state != "idle":
            self._say(tr("Looking for photos…"), tr("They appear here as they are found."))
        elif self._folders:
            self._say(
                tr("No photos here yet"),
                tr("There are none in the folders that you added. New ones appear by themselves."),
            )
        else:
            self.pages.setCurrentWidget(self.welcome)

    def _find_similar(self, photo_id: int) -> None:
        self.queries.similar(photo_id)
        self.header.field.clear()

    def _answered(self, question: Question, result: messages.SearchResult) -> None:
        ids = np.array([hit.photo_id for hit in result.hits], dtype=np.int64)

        def show(aspects: NDArray[np.float32]) -> None:
            if self.queries.question == question:
                self._show_answer(question, result, ids, aspects)

        self._reader.ask(lambda reader: reader.aspects(ids), show)

    def _show_answer(
        self,
        question: Question,
        result: messages.SearchResult,
        ids: NDArray[np.int64],
        aspects: NDArray[np.float32],
    ) -> None:
        if self._shown is None:
            self._timeline_place = self.grid.place()
        again = self._shown == question
        self._shown = question
        sure = any(hit.confidence != Confidence.WEAK for hit in result.hits)
        by_text = isinstance(question, messages.Search)
        sections = by_confidence(result.hits) if by_text and sure else []
        self.grid.show_photos(ids, aspects, sections, keep_place=again)
        line = answer_line(question, result, sure)
        self.header.count.setText(line)
        self._announce(line)
        if result.hits:
            self.pages.setCurrentWidget(self.grid)
        else:
            self._say(tr("Nothing to search yet"), tr("Photos can be found once they have been read."))

    def _search_failed(self, sentence: str) -> None:
        self._shown = self.queries.question
        self.header.count.setText("")
        self._say(tr("That search did not work"), sentence)

    def _say(self, title: str, explanation: str) -> None:
        self.message.say(title, explanation)
        self.pages.setCurrentWidget(self.message)

    def _announce(self, text: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.grid, text))

    # --- the engine

    def _connected(self, status: messages.Status) -> None:
        self.status.problem("")
        self._folders = status.folders
        self._ready = status.model_ready
        self._set_progress(status.progress)
        self._show_readiness()
        self.refresh()
        self.queries.repeat()

    def _engine_lost(self, sentence: str) -> None:
        self._ready = False
        self.status.note("")
        self._set_progress(Progress("idle"))
        self.status.problem(sentence, retry=True)

    def _event_came(self, event: messages.AnyEvent) -> None:
        match event:
            case messages.ProgressChanged():
                self._set_progress(event.progress)
            case messages.PhotosChanged():
                self.refresh()
            case messages.ModelReady():
                self._ready = True
                self._show_readiness()
            case messages.FoldersChanged():
                self._folders = event.folders
                self.refresh()
            case messages.Problem():
                self.status.problem(event.sentence)

    def _set_progress(self, progress: Progress) -> None:
        self._progress = progress
        self.status.progress(progress)
        if self._shown is None and self._timeline is not None and not len(self._timeline[0]):
            self._tell_timeline()

    def _show_readiness(self) -> None:
        self.status.note("" if self._ready else tr("Getting ready to search…"))

    # --- keyboard, drops, the end

    def _focus_field(self) -> None:
        self.header.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.header.field.selectAll()

    def _step_back(self) -> None:
        """Escape: first the selection, then the query."""
        if self.grid.clear_selection():
            return
        if self.header.field.text():
            self.header.field.clear()
        else:
            self.queries.clear()
        self._focus_field()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._overlay.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._overlay.hide()
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.add_folder(url.toLocalFile())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._overlay.setGeometry(self.rect())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.hide()  # ending the threads may take a moment
        self._link.close()
        self._thumbnails.close()
        self._reader.close()
        event.accept()


def by_confidence(hits: Sequence[Hit]) -> list[Section]:
    """A section for each run of equal confidence; hits come best first."""
    titles = {
        Confidence.STRONG: tr("Best matches"),
        Confidence.LIKELY: tr("Likely matches"),
        Confidence.WEAK: tr("Less likely"),
    }
    starts = [
        place for place, hit in enumerate(hits) if place == 0 or hit.confidence != hits[place - 1].confidence
    ]
    return [Section(start, titles[hits[start].confidence]) for start in starts]


def answer_line(question: Question, result: messages.SearchResult, sure: bool) -> str:
    """What the grid shows, in a line: how many of how many for what."""
    shown, searched = len(result.hits), result.searched
    if not shown:
        return ""
    if isinstance(question, messages.Similar):
        return tr("The {n} most similar of {searched} photos", n=shown, searched=searched)
    if not sure:
        return tr("Nothing surely matches “{query}”. These come closest.", query=result.query)
    if shown == searched:
        return tr("{n} photos, best first, for “{query}”", n=shown, query=result.query)
    return tr("Best {n} of {searched} for “{query}”", n=shown, searched=searched, query=result.query)
