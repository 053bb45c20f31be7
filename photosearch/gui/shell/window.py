"""The window: photos first, one field to find them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QKeyCombination, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosearch import programs
from photosearch.core import (
    history_messages,
    messages,
    model_messages,
    note_messages,
    stack_messages,
    tag_messages,
)
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.progress import Progress
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.desktop import files
from photosearch.gui.desktop.pictures import Pictures, PicturesLook
from photosearch.gui.grid.folding import read_stacks
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.timeline import Timeline
from photosearch.gui.grid.zoom_slider import ZoomSlider
from photosearch.gui.library import places
from photosearch.gui.library.status import Offer, StatusLine
from photosearch.gui.query import examples
from photosearch.gui.query.controller import SearchController
from photosearch.gui.query.explanation import ExplanationController
from photosearch.gui.query.header import Header
from photosearch.gui.shell.changes import Changes
from photosearch.gui.shell.library_controller import LibraryController
from photosearch.gui.shell.selection_bar import SelectionBar
from photosearch.gui.shell.sidebar_splitter import SidebarSplitter
from photosearch.gui.shell.viewer_controller import ViewerController
from photosearch.gui.widgets import dialogs
from photosearch.gui.widgets.drops import DropOverlay
from photosearch.gui.widgets.pages import MessagePage, WelcomePage
from photosearch.gui.widgets.side_panel import one_at_a_time
from photosearch.i18n import tr, translated

_REFRESH_MS = 700
_RESTS = 4  # times as long as reading took, so that a million photos do not keep a core while some come in
_LEAST_PAGE = 240  # logical pixels: a page may be narrower than it would be, for a panel beside it
_ROOM_FOR_ZOOM, _ROOM_FOR_ADDING = 640, 360  # logical pixels: in a narrower header the field needs it all
_MENU = QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10)
_WARMING_NOTE_MS = 500  # an engine that is up already is not worth a note


class Window(QWidget):
    """Shows the whole library, newest first, or the answer to a query."""

    photos_dropped = Signal(object)  # tuple[bytes, ...]: whole paths, from elsewhere

    def __init__(self, link: EngineLink, reader: LibraryReader, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._link, self._reader, self._thumbnails = link, reader, thumbnails
        self._timeline: Timeline | None = None  # None until it was read for the first time
        self._timeline_place: int | None = None  # to return to when a query ends
        self._page_before: QWidget | None = None  # likewise, of the sidebar's
        self._folders: Sequence[messages.FolderStatus] = ()
        self._progress = Progress("idle")
        self._ready = False
        self._stale = False
        self.header = Header()
        self.grid = PhotoGrid(thumbnails, reader)
        self.zoom = ZoomSlider()
        self.header.top.insertWidget(self.header.top.count() - 1, self.zoom)
        self.welcome = WelcomePage()
        self._pictures = PicturesLook(self)
        self.message = MessagePage()
        self.status = StatusLine()
        self.viewer = ViewerController(link, reader, self.grid, self)
        self.search = SearchController(link, reader, self.header, self.grid, self)
        detail = self.viewer.detail
        detail.sought = self.search.sought
        self.explanation = ExplanationController(
            link, detail.why, lambda: detail.photo_id, lambda: self.search.shown, detail.picture
        )
        self.library = LibraryController(link, reader, self.grid, self.status, self)
        self.changes = Changes(link, self)
        self.selection = SelectionBar(self.grid, self.viewer.actions, self.library.leave_album)
        self.header.column.insertWidget(1, self.library.title)
        for button in self.library.orders.values():
            self.header.buttons.addWidget(button)
        self.pages = QStackedWidget()
        self.pages.setMinimumWidth(_LEAST_PAGE)
        self.pages.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        own = (self.grid, self.welcome, self.message, self.search.nothing)
        for page in (*own, *self.library.pages.values()):
            self.pages.addWidget(page)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.pages, 1)
        body.addWidget(self.search.why)
        body.addWidget(self.viewer.panel)
        right = QWidget()
        above = QVBoxLayout(right)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self.header)
        above.addLayout(body, 1)
        # Beside the sidebar and above the bar, so that no button moves as they come and go.
        self.lines = QVBoxLayout()
        self.lines.addWidget(self.library.jobs)
        self.lines.addWidget(self.status)
        above.addLayout(self.lines)
        above.addWidget(self.selection)
        self.splitter = SidebarSplitter(self.library.sidebar, right)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.splitter, 1)
        self.setTabOrder(self.zoom, self.header.add_folder)  # as they stand
        DropOverlay(self, self._drop_text).dropped.connect(self._on_drop)
        self._refresh_timer = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._refresh_timer.timeout.connect(self._refresh_if_stale)
        self.setWindowTitle("PhotoSearch")
        self.setMinimumSize(480, 360)
        self._connect()
        self.header.field.setFocus()
        QTimer.singleShot(_WARMING_NOTE_MS, self, self._update_readiness)
        self._read_stacks()
        self.refresh()

    def _connect(self) -> None:
        self.header.add_folder.clicked.connect(self.choose_folder)
        self.header.menu.clicked.connect(self.splitter.toggle)
        self.splitter.menu_needed.connect(self.header.menu.setVisible)
        self.splitter.menu_needed.connect(self._fit_header_soon)
        self.splitter.keyboard_left.connect(lambda: self._enter_page(Qt.FocusReason.OtherFocusReason))
        self.splitter.splitterMoved.connect(self._fit_header)
        self.welcome.add_folder.clicked.connect(self.choose_folder)
        self.welcome.pictures_wanted.connect(self.add_folder)
        self._pictures.found.connect(self._on_pictures)
        for elsewhere in (self.header.field, self.library.sidebar.tree):
            elsewhere.addActions(self.grid.zooms)
        self.grid.left_upwards.connect(self.focus_field)
        self.grid.row_height_changed.connect(self.zoom.set_value)
        self.zoom.value_changed.connect(self.grid.set_row_height)
        self.viewer.detail.why_wanted.connect(self.explanation.toggle)
        self.viewer.detail.photo_changed.connect(self.explanation.refresh)
        self.viewer.actions.on_results = (
            *self.search.actions_,
            self.grid.turn_stack,
            self.library.leave_album,
        )
        self.viewer.actions.album_wanted.connect(self.library.add_to_album)
        self.library.albums_changed.connect(self.viewer.on_albums_changed)
        self.viewer.actions.on_window = (self.changes.undo, self.changes.redo)
        for told in (self.viewer.said, self.changes.made, self.changes.turned, self.explanation.told):
            told.connect(self.status.show_message)
            told.connect(self.viewer.say)
        detail = self.viewer.detail
        detail.turned.connect(self.changes.add_turn)
        detail.turns_over.connect(self.changes.forget_turns)
        self.changes.view_turned.connect(detail.picture.turn)
        self.changes.passed.connect(self.status.withdraw)
        self.changes.passed.connect(self.viewer.detail.withdraw)
        self.changes.waits = lambda: self.viewer.trash.busy
        self.changes.put_back_wanted.connect(self.viewer.trash.put_back)
        self.changes.trash_wanted.connect(self.viewer.trash.send_again)
        self.search.runner.answered.connect(lambda question, _: self.library.on_answered(question))
        self.search.ended.connect(lambda: self.library.on_answered(None))
        self.viewer.similar_wanted.connect(self.search.find_similar)
        one_at_a_time(self.viewer.panel, self.search.why)
        self.viewer.followed.connect(self._follow)
        self.viewer.failed.connect(self.status.show_problem)
        self.search.begun.connect(self._remember_place)
        self.search.page_wanted.connect(self.pages.setCurrentWidget)
        self.search.nothing_yet.connect(self._show_nothing_yet)
        self.search.ended.connect(lambda: self.search.search_within(self.library.place))
        self.search.ended.connect(self._show_timeline)
        self.search.scope_changed.connect(self._show_scope)
        self.search.scope_left.connect(lambda: self.library.go(places.ALL))
        self.library.names_changed.connect(self._show_scope)
        self.library.names_changed.connect(self._say_count_anew)
        self.search.told.connect(self.status.show_message)
        self.library.place_chosen.connect(self._show_place)
        self.library.photos_changed.connect(self.refresh)
        self.library.search_chosen.connect(self.search.submit)
        self.library.sidebar.edit_wanted.connect(self.search.edit)
        self.library.page_wanted.connect(self._show_page)
        tree = self.library.sidebar.tree
        tree.entered.connect(lambda: self._enter_page())
        for led in (tree.entered, tree.itemClicked):  # arrows go on to the next row
            led.connect(lambda *_: self.splitter.close_called())
        duplicates, trash = self.library.duplicates, self.viewer.trash
        duplicates.trash_wanted.connect(trash.ask_spare)
        duplicates.told.connect(self.status.show_message)
        duplicates.opened.connect(lambda photo_id: self.viewer.open(photo_id, duplicates.list))
        trash.recorded.connect(duplicates.forget)
        self.library.add_folder_wanted.connect(self.choose_folder)
        self.pages.currentChanged.connect(self._on_page_changed)
        self.pages.currentChanged.connect(self.selection.refresh)
        self.status.pause_wanted.connect(lambda paused: self._link.order(self, messages.SetPaused(paused)))
        self.status.retry_wanted.connect(self._link.retry)
        self._link.connected.connect(self._on_connected)
        self._link.event_received.connect(self._on_event)
        for refused in (self._link.refused, self._reader.refused):
            refused.connect(self._show_problem)
        self._link.lost.connect(self._on_engine_lost)
        self._reader.absent.connect(self._on_no_library)
        self._reader.failed.connect(self._on_library_failed)

    @property
    def has_photos(self) -> bool:
        """Whether there is anything to search."""
        return bool(self.library.sidebar.count_of(places.ALL))

    def retranslate(self) -> None:
        self._update_readiness()
        self._show_scope()
        self._say_count_anew()

    # --- the library

    def refresh(self) -> None:
        """Read again what is at the present place, at most every 0.7 s, and a large one less often."""
        if self._refresh_timer.isActive():
            self._stale = True
            return
        self._stale = False
        self._refresh_timer.start()
        self._read_place()
        self.grid.refresh_marks()

    def _read_stacks(self) -> None:
        self._reader.ask(self, read_stacks, self.grid.show_stacks)

    def _refresh_if_stale(self) -> None:
        if self._stale:
            self.refresh()

    def _show_place(self) -> None:
        """Another place was chosen: it is shown from its top, and a query ends."""
        self._timeline = self._timeline_place = self._page_before = None
        self.pages.setCurrentWidget(self.grid)
        self.search.leave()
        self._read_place()

    def _read_place(self) -> None:
        place, order = asked = self.library.place, self.library.order
        seen = self.library.live.seen
        began = time.monotonic()

        def on_read(timeline: Timeline) -> None:
            taken_ms = round((time.monotonic() - began) * 1000)
            self._refresh_timer.setInterval(max(_REFRESH_MS, _RESTS * taken_ms))
            if asked == (self.library.place, self.library.order):
                self._on_timeline(timeline)

        self._reader.ask(
            self, lambda reader: places.read(reader, place, order, seen), on_read, self._on_place_refused
        )

    @property
    def _browsing(self) -> bool:
        return self.search.shown is None and self._page_key is None

    @property
    def _page_key(self) -> str | None:
        """Of the page that stands where photos would; None where photos do."""
        shown = self.pages.currentWidget()
        return next((key for key, page in self.library.pages.items() if page is shown), None)

    def _on_timeline(self, timeline: Timeline) -> None:
        new, self._timeline = self._timeline is None, timeline
        self._thumbnails.forget_missing()
        if self._browsing:
            self.grid.facts.show_moments(timeline.moments)
            self.grid.show_photos(*timeline.photos, keep_place=not new)
            self._update_page()
        self.search.leave_out_gone()
        self.viewer.on_photos_changed()

    def _on_no_library(self) -> None:
        self._on_timeline(Timeline(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32), ()))

    def _on_place_refused(self, sentence: str) -> None:
        if self._browsing and self._timeline is None:
            self._show_message(tr("These photos cannot be listed"), sentence)
        else:  # those that are shown stay
            self.status.show_problem(sentence)

    def _on_library_failed(self, sentence: str) -> None:
        self._show_message(tr("This library cannot be opened"), sentence)

    def choose_folder(self) -> None:
        """Ask for a folder to add."""
        dialogs.ask_folder(self, tr("Add a folder of photos"), files.pictures_folder(), self.add_folder)

    def _on_pictures(self, pictures: Pictures) -> None:
        self.welcome.offer_pictures(*pictures)

    def add_folder(self, path: str) -> None:
        """Have the photos of a folder indexed, and watched from then on."""
        self._link.order(self, messages.AddFolder(os.fsencode(os.path.normpath(path))))

    # --- the timeline and the answers

    def _remember_place(self) -> None:
        """What is at the top stays there: photos that come in meanwhile do so above what was first."""
        scrolled = self.grid.verticalScrollBar().value() > 0
        self._timeline_place = self.grid.first_in_view if scrolled else None
        shown = self.pages.currentWidget()
        self._page_before = shown if self._page_key is not None else None

    def _show_timeline(self) -> None:
        """A query ended: back to where one was; what was selected was so among its answers."""
        if self._page_before is not None:
            self._show_page(self._page_before)
            return
        if self._timeline is None or not self._browsing:
            return
        self.grid.clear_selection()
        self.grid.leave_current()
        self.grid.facts.show_moments(self._timeline.moments)
        self.grid.show_photos(*self._timeline.photos, keep_place=False)
        if self._timeline_place is not None:
            self.grid.scroll_to_photo(self._timeline_place)
        self._update_page()

    def _update_page(self) -> None:
        self._say_count()
        if self._timeline is not None and len(self._timeline.ids):
            self.pages.setCurrentWidget(self.grid)
        elif self.library.place != places.ALL:
            self._show_message(*self.library.live.nothing_here(self.library.place))
        elif self._progress.state != "idle":
            self._show_message(tr("Looking for photos…"), tr("They appear here as they are found."))
        elif self._folders:
            self._show_message(
                tr("No photos here yet"),
                tr("There are none in the folders that you added. New ones appear by themselves."),
            )
        else:
            self.pages.setCurrentWidget(self.welcome)

    def _say_count_anew(self) -> None:
        if self._browsing:
            self._say_count()

    def _say_count(self) -> None:
        place, timeline = self.library.place, self._timeline
        count = self.library.sidebar.count_of(place)
        line = places.line(place, timeline, count) if timeline else ""
        self.header.say(self.library.live.line(place, line))

    def answer(self, query: str) -> None:
        """Show the answer to a query that came from elsewhere, from its top."""
        self.viewer.close_detail()
        self.search.submit(query)
        self.grid.verticalScrollBar().setValue(0)  # where it is the answer that is shown already

    def _show_nothing_yet(self) -> None:
        self._show_message(tr("Nothing to search yet"), tr("Photos can be found once they have been read."))

    def _follow(self, to: places.Place | str) -> None:
        """From one photo to those that share something with it."""
        if isinstance(to, str):
            self.search.submit(to)
        else:
            self.library.go(to)

    def _show_page(self, page: QWidget) -> None:
        """Of the sidebar's: it takes the place of photos, and a query ends."""
        self._page_before = None
        self.search.leave()
        self.search.search_within(places.ALL)
        self.pages.setCurrentWidget(page)
        self.header.say("")

    def _enter_page(self, reason: Qt.FocusReason = Qt.FocusReason.TabFocusReason) -> None:
        """The keyboard goes on from the sidebar into what it led to; by another reason it selects nothing."""
        for page in (self.grid, *self.library.pages.values()):
            if page is self.pages.currentWidget():
                page.setFocus(reason)

    def _show_scope(self) -> None:
        """Sidebar and field say where one searches, and so does the row of a saved search."""
        question = self.search.runner.question
        query = question.text if isinstance(question, messages.Search) and not question.has_examples else ""
        scope = self.search.scope
        if question is not None and not scope.filters:
            scope = places.ALL  # of what does not narrow, such as the photos added last, all are searched
        self.library.sidebar.choose(self._page_key or scope, query)
        self.header.field.show_scope(self.library.sidebar.name_of(self.search.scope))
        self.library.update_title()

    def _on_page_changed(self) -> None:
        page = self.pages.currentWidget()
        self._show_scope()
        self._fit_header()
        self.header.keep_line(self._page_key is None)
        self.viewer.rest_panel(self._page_key is not None)
        if page is self.welcome:
            self._pictures.begin()
            if self.focusWidget() is self.header.field:
                self.welcome.first.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.focusWidget() in (self.welcome.add_pictures, self.welcome.add_folder):
            self.header.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit_header(self) -> None:
        """Where there is nothing yet there is one thing to do, and the page says it."""
        welcome = self.pages.currentWidget() is self.welcome
        self.zoom.setVisible(not welcome and self.header.width() >= _ROOM_FOR_ZOOM)
        self.header.add_folder.setVisible(not welcome and self.header.width() >= _ROOM_FOR_ADDING)

    def _fit_header_soon(self) -> None:
        """Once the header has its width."""
        QTimer.singleShot(0, self, self._fit_header)

    def _show_message(self, title: str, explanation: str) -> None:
        self.message.say(title, explanation)
        self.pages.setCurrentWidget(self.message)

    # --- the engine

    def _on_connected(self, status: messages.Status) -> None:
        self.status.on_connected()
        self._folders = status.folders
        self._ready = status.model_ready
        self.header.field.set_languages(status.languages)
        self._set_progress(status.progress)
        self._update_readiness()
        self.library.on_connected(status)
        self._read_stacks()
        self.refresh()
        self.search.runner.repeat()

    def _on_engine_lost(self, sentence: str) -> None:
        self._ready = False
        self.library.on_lost()
        self.status.show_note("")
        self._set_progress(Progress("idle"))
        self.status.show_problem(sentence, retry=True)

    def say_program_gone(self) -> None:
        """Say that the program was removed, or is being updated, under the window."""
        self.status.show_problem(translated(programs.gone().sentence))

    def _on_event(self, event: messages.AnyEvent) -> None:
        self.library.on_event(event)
        match event:
            case messages.ProgressChanged():
                self._set_progress(event.progress)
            case messages.PhotosChanged():
                self.refresh()
                self.search.library_changed()
            case model_messages.ModelsChanged() | model_messages.ModelChanged():
                self.search.library_changed()  # others may answer now
            case stack_messages.StacksChanged():
                self._read_stacks()
            case history_messages.HistoryChanged():
                self.changes.on_event(event)
            case tag_messages.TagsChanged():
                self.viewer.on_tags_changed()
            case note_messages.NotesChanged():
                self.viewer.on_notes_changed(event)
            case messages.ModelReady():
                self._ready = True
                self.header.field.set_languages(event.languages)
                self._update_readiness()
            case messages.FoldersChanged():
                self._folders = event.folders
                self.refresh()
            case messages.Problem():
                self._show_problem(translated(event.sentence))

    def _show_problem(self, sentence: str) -> None:
        """Say what is wrong until it is dismissed, over the photo in view, too."""
        self.status.show_problem(sentence)
        self.viewer.remark(sentence)

    def _set_progress(self, progress: Progress) -> None:
        self._progress = progress
        self.status.show_progress(progress)
        if self._browsing and self._timeline is not None and not len(self._timeline.ids):
            self._update_page()

    def _update_readiness(self) -> None:
        self.status.show_note("" if self._ready else tr("Getting ready to search…"))

    # --- keyboard, drops, the end

    def focus_field(self) -> None:
        """Put the keyboard into the search field, with what is there selected."""
        self.header.field.enter()

    def step_back(self) -> None:
        """Escape: first what is open, then what is said, then the selection, then the query."""
        if self.viewer.step_back() or self.search.close_open() or self.splitter.close_called():
            return
        if self.viewer.panel.leave() or self.status.dismiss():
            return
        if self._page_key:
            self._show_place()
        elif self.grid.clear_selection():
            return
        elif self.isFullScreen() and self.search.runner.question is None and not self.header.field.text():
            self.viewer.toggle_full_screen()
        else:
            in_page = self.pages.isAncestorOf(self.focusWidget() or self)
            self.search.step_back()
            if in_page and self.pages.currentWidget() is not self.grid:
                self._enter_page()  # the page that led to them, as the map does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, Shift+F10 opens a menu; Qt has neither on Linux."""
        widget = self.focusWidget() or self
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(widget, QAbstractButton):
            widget.click()
        elif sys.platform == "linux" and event.keyCombination() == _MENU:
            where = widget.rect().center()
            asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, where, widget.mapToGlobal(where))
            QApplication.sendEvent(widget, asked)
        else:
            super().keyPressEvent(event)

    def _on_drop(self, dropped: QMimeData) -> None:
        if photos := examples.paths_of(dropped):
            self.photos_dropped.emit(tuple(map(os.fsencode, photos)))
        for folder in _folders(dropped):
            if _holds_model(Path(folder)):
                self._lead_to_models(Path(folder).name)
            else:
                self.add_folder(folder)

    def _lead_to_models(self, name: str) -> None:
        """A model was dropped where photos are."""
        told = tr("“{name}” is a model; drop it in Settings › Models, or Import a folder there.", name=name)
        self.status.show_offer(
            told, Offer(lambda: tr("Show the models"), lambda: self.search.model_wanted.emit(""))
        )

    def _drop_text(self, event: QDropEvent) -> str:
        from_here = event.source() is not None  # its own photos, on their way to an album or elsewhere
        if from_here or not any(url.isLocalFile() for url in event.mimeData().urls()):
            return ""
        if _folders(event.mimeData()):
            return tr("Drop to add this folder")
        return tr("Drop to find photos like it") if self.has_photos else tr("Drop to add its folder")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_header_soon()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.hide()  # ending the threads may take a moment
        self.viewer.trash.close()  # the link takes what went there to the history
        self._link.close()
        self.library.close()
        self._pictures.close()
        self.viewer.close()
        self._thumbnails.close()
        self._reader.close()
        event.accept()


def _folders(mime: QMimeData) -> list[str]:
    """The paths of what is not named like a picture."""
    files = [url for url in mime.urls() if url.isLocalFile()]
    return [url.toLocalFile() for url in files if Path(url.fileName()).suffix.lower() not in PHOTO_EXTENSIONS]


def _holds_model(folder: Path) -> bool:
    """Whether it is a model's folder, ours or as the hub has it: it holds weights, and no photo itself."""
    try:
        if not (folder / "config.json").is_file():
            return False
        kinds = {file.suffix.lower() for file in folder.iterdir()}
    except OSError:
        return False  # whoever adds it says why it cannot be read
    return ".safetensors" in kinds and kinds.isdisjoint(PHOTO_EXTENSIONS)
