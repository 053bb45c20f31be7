"""The window: photos first, one field to find them."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QKeyCombination, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from photosearch import programs
from photosearch.core import (
    history_messages,
    messages,
    model_messages,
    note_messages,
    search_messages,
    stack_messages,
    tag_messages,
)
from photosearch.core.progress import Progress
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.desktop import files
from photosearch.gui.desktop.pictures import Pictures, PicturesLook
from photosearch.gui.grid.folding import read_stacks
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.zoom_slider import ZoomSlider
from photosearch.gui.library import places
from photosearch.gui.library.status import StatusLine
from photosearch.gui.query.controller import SearchController
from photosearch.gui.query.explanation import ExplanationController
from photosearch.gui.query.header import Header
from photosearch.gui.shell.browsing import BrowseController
from photosearch.gui.shell.changes import Changes
from photosearch.gui.shell.library_controller import LibraryController
from photosearch.gui.shell.pages import Pages
from photosearch.gui.shell.selection_bar import SelectionBar
from photosearch.gui.shell.sidebar_splitter import SidebarSplitter
from photosearch.gui.shell.viewer_controller import ViewerController
from photosearch.gui.widgets import dialogs
from photosearch.gui.widgets.side_panel import one_at_a_time
from photosearch.i18n import tr, translated

_ROOM_FOR_ZOOM, _ROOM_FOR_WORDS, _ROOM_FOR_ADDING = (
    640,
    520,
    360,
)  # logical pixels: in a narrower header the field needs it all
_MENU = QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10)
_WARMING_NOTE_MS = 500  # an engine that is up already is not worth a note


class Window(QWidget):
    """Shows the whole library, newest first, or the answer to a query."""

    def __init__(self, link: EngineLink, reader: LibraryReader, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._link, self._reader, self._thumbnails = link, reader, thumbnails
        self._ready = False
        self.header = Header()
        self.grid = PhotoGrid(thumbnails, reader)
        self.zoom = ZoomSlider()
        self.header.top.insertWidget(self.header.top.count() - 1, self.zoom)
        self._pictures = PicturesLook(self)
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
        self.pages = Pages(self.grid, self.search.nothing, self.library.pages)
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
        self.header.order_tabs(self.zoom)
        self.setWindowTitle("PhotoSearch")
        self.setMinimumSize(480, 360)
        self.browsing = BrowseController(
            reader, self.grid, self.header, self.library, self.search, self.pages
        )
        self._connect()
        self.header.field.setFocus()
        QTimer.singleShot(_WARMING_NOTE_MS, self, self._update_readiness)
        self._read_stacks()
        self.browsing.refresh()

    def _connect(self) -> None:
        self.header.add_folder.clicked.connect(self.choose_folder)
        self.header.menu.clicked.connect(self.splitter.toggle)
        self.splitter.menu_needed.connect(self.header.menu.setVisible)
        self.splitter.menu_needed.connect(self._fit_header_soon)
        self.splitter.keyboard_left.connect(lambda: self.pages.enter(Qt.FocusReason.OtherFocusReason))
        self.splitter.splitterMoved.connect(self._fit_header)
        self.pages.welcome.add_folder.clicked.connect(self.choose_folder)
        self.pages.welcome.pictures_wanted.connect(self.add_folder)
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
        self.viewer.actions.album_wanted.connect(self.library.edits.add_to_album)
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
        self.browsing.read.connect(self.viewer.on_photos_changed)
        self.browsing.failed.connect(self.status.show_problem)
        self.search.answer.page_wanted.connect(self.pages.setCurrentWidget)
        self.search.ended.connect(lambda: self.search.search_within(self.library.place))
        self.search.ended.connect(self.browsing.go_back)
        self.search.scope_changed.connect(self._choose_files)
        self.search.scope_changed.connect(self._show_scope)
        self.search.scope_left.connect(lambda: self.library.go(places.ALL))
        self.library.names_changed.connect(self._show_scope)
        self.search.told.connect(self.status.show_message)
        self.library.search_chosen.connect(self.search.submit)
        self.library.sidebar.edit_wanted.connect(self.search.edit)
        tree = self.library.sidebar.tree
        tree.entered.connect(lambda: self.pages.enter())
        tree.typed.connect(self.header.field.begin)
        for led in (tree.entered, tree.itemClicked):  # arrows go on to the next row
            led.connect(lambda *_: self.splitter.close_called())
        duplicates, trash = self.library.duplicates, self.viewer.trash
        duplicates.trash_wanted.connect(trash.ask_spare)
        duplicates.told.connect(self.status.show_message)
        duplicates.opened.connect(lambda photo_id: self.viewer.open(photo_id, duplicates.list))
        trash.recorded.connect(duplicates.forget)
        self._link.connected.connect(trash.record_left, Qt.ConnectionType.SingleShotConnection)
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

    @property
    def has_photos(self) -> bool:
        """Whether there is anything to search."""
        return bool(self.library.sidebar.contents.photos)

    def retranslate(self) -> None:
        self._update_readiness()
        self._show_scope()

    # --- folders

    def choose_folder(self) -> None:
        """Ask for a folder to add."""
        dialogs.ask_folder(self, tr("Add a folder of photos"), files.pictures_folder(), self.add_folder)

    def _on_pictures(self, pictures: Pictures) -> None:
        self.pages.welcome.offer_pictures(*pictures)

    def add_folder(self, path: str) -> None:
        """Have the photos of a folder indexed, and watched from then on."""
        self._link.order(self, messages.AddFolder(os.fsencode(os.path.normpath(path))))

    # --- what is shown

    def answer(self, query: str) -> None:
        """Show the answer to a query that came from elsewhere, from its top."""
        self.viewer.close_detail()
        self.search.submit(query)
        self.grid.verticalScrollBar().setValue(0)  # where it is the answer that is shown already

    def _follow(self, to: places.Place | str) -> None:
        """From one photo to those that share something with it."""
        if isinstance(to, str):
            self.search.submit(to)
        else:
            self.library.go(to)

    def _choose_files(self) -> None:
        """In a folder a photo goes by its file there, and where a name answers by the file that has it."""
        choice = self.search.file_choice()
        if choice != self._reader.choice:
            self._reader.choice = choice
            self.grid.refresh_marks()

    def _show_scope(self) -> None:
        """Sidebar and field say where one searches, and so does the row of a saved search."""
        question = self.search.runner.question
        query = (
            question.text
            if isinstance(question, search_messages.Search) and not question.has_examples
            else ""
        )
        scope = self.search.scope
        if question is not None and not scope.filters:
            scope = places.ALL  # of what does not narrow, such as the photos added last, all are searched
        self.header.field.show_scope(self.library.sidebar.contents.name_of(self.search.scope))
        self.library.sidebar.choose(self.pages.key or scope, (query and self.search.whole_text(query)) or "")
        self.library.update_title()

    def _on_page_changed(self) -> None:
        page = self.pages.currentWidget()
        self._show_scope()
        self._fit_header()
        self.header.keep_line(self.pages.key is None)
        self.viewer.rest_panel(self.pages.key is not None)
        if page is self.pages.welcome:
            self._pictures.begin()
            if self.focusWidget() is self.header.field:
                self.pages.welcome.first.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.focusWidget() in (self.pages.welcome.add_pictures, self.pages.welcome.add_folder):
            self.header.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit_header(self) -> None:
        """Where there is nothing yet there is one thing to do, and the page says it."""
        welcome = self.pages.currentWidget() is self.pages.welcome
        self.zoom.setVisible(not welcome and self.header.width() >= _ROOM_FOR_ZOOM)
        self.header.be_brief(self.header.width() < _ROOM_FOR_WORDS)
        self.header.add_folder.setVisible(not welcome and self.header.width() >= _ROOM_FOR_ADDING)

    def _fit_header_soon(self) -> None:
        """Once the header has its width."""
        QTimer.singleShot(0, self, self._fit_header)

    # --- the engine

    def _read_stacks(self) -> None:
        self._reader.ask(self, read_stacks, self.grid.show_stacks)

    def _on_connected(self, status: messages.Status) -> None:
        self.status.on_connected()
        self.browsing.folders = status.folders
        self._ready = status.model_ready
        self.header.field.set_languages(status.languages)
        self._show_progress(status.progress)
        self._update_readiness()
        self.library.on_connected(status)
        self._read_stacks()
        self.browsing.refresh()
        self.search.runner.repeat()

    def _on_engine_lost(self, sentence: str) -> None:
        self._ready = False
        self.library.on_lost()
        self.status.show_note("")
        self._show_progress(Progress("idle"))
        self.status.show_problem(sentence, retry=True)

    def say_program_gone(self) -> None:
        """Say that the program was removed, or is being updated, under the window."""
        self.status.show_problem(translated(programs.gone().sentence))

    def _on_event(self, event: messages.AnyEvent) -> None:
        self.library.on_event(event)
        match event:
            case messages.ProgressChanged():
                self._show_progress(event.progress)
            case messages.PhotosChanged():
                self.browsing.refresh()
                self.search.library_changed()
            case model_messages.ModelsChanged() | model_messages.ModelChanged():
                self.search.library_changed()  # others may answer now
            case note_messages.AlbumsChanged():
                self.search.library_changed()  # it may name one
            case stack_messages.StacksChanged():
                self._read_stacks()
            case history_messages.HistoryChanged():
                self.changes.on_event(event)
            case tag_messages.TagsChanged():
                self.viewer.on_tags_changed()
                self.search.library_changed()
            case note_messages.NotesChanged():
                self.viewer.on_notes_changed(event)
                self.search.library_changed()
            case messages.ModelReady():
                self._ready = True
                self.header.field.set_languages(event.languages)
                self._update_readiness()
            case messages.FoldersChanged():
                self.browsing.folders = event.folders
                self.browsing.refresh()
            case messages.Problem():
                self._show_problem(translated(event.sentence))

    def _show_problem(self, sentence: str) -> None:
        """Say what is wrong until it is dismissed, over the photo in view, too."""
        self.status.show_problem(sentence)
        self.viewer.remark(sentence)

    def _show_progress(self, progress: Progress) -> None:
        self.status.show_progress(progress)
        self.browsing.show_progress(progress)

    def _update_readiness(self) -> None:
        self.status.show_note("" if self._ready else tr("Getting ready to search…"))

    # --- keyboard, the end

    def focus_field(self) -> None:
        """Put the keyboard into the search field, with what is there selected."""
        self.header.field.enter()

    def step_back(self) -> None:
        """Escape: first what is open, then what is said, then the selection, then the query."""
        if self.viewer.step_back() or self.search.close_open() or self.splitter.close_called():
            return
        if self.viewer.panel.leave() or self.status.dismiss():
            return
        if self.pages.key:
            self.browsing.show_place()
        elif self.grid.clear_selection():
            return
        elif self.isFullScreen() and self.search.runner.question is None and not self.header.field.text():
            self.viewer.toggle_full_screen()
        else:
            in_page = self.pages.isAncestorOf(self.focusWidget() or self)
            self.search.step_back()
            if in_page and self.pages.currentWidget() is not self.grid:
                self.pages.enter()  # the page that led to them, as the map does

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
