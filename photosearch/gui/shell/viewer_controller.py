"""Looking at photos: the detail view over the window, the panel beside the grid, and all that one can do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from photosearch.core import messages, note_messages
from photosearch.core.history_messages import RecordTrash
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.note_orders import NoteOrders
from photosearch.gui.data.preview_cache import PreviewCache
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.desktop import files
from photosearch.gui.desktop.clipboard import PictureCopier
from photosearch.gui.desktop.export import Export
from photosearch.gui.desktop.trash import Trash
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.library.places import Place
from photosearch.gui.library.stack_list import StackList
from photosearch.gui.library.status import Offer
from photosearch.gui.shell.photo_actions import PhotoActions
from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.viewer.information import InformationPanel
from photosearch.i18n import tr
from photosearch.store.rows import Album, Details
from photosearch.store.shared import Shared

_STRIP_BYTES = 16 << 20
_PANEL_MS = 60  # an arrow key held down need not read each photo


class ViewerController(QObject):
    """Joins the detail view and the information panel to the grid. It is closed after the link."""

    failed = Signal(object)  # str, while the grid is in view
    said = Signal(object, object)  # str: what is done, begun or wrong; Offer | None
    similar_wanted = Signal(object)  # Sequence[int]
    followed = Signal(object)  # Place, or str: a search, that has the photos which share something

    def __init__(self, link: EngineLink, reader: LibraryReader, grid: PhotoGrid, window: QWidget) -> None:
        super().__init__(window)
        self._link, self._reader, self._grid, self._window = link, reader, grid, window
        self._was_maximised = False
        self._fills_for_photo = False  # the screen is filled for the photo, and given back with it
        self._source: PhotoGrid | StackList = grid  # whose photos the detail view walks through
        self._panel_rests = False
        self.previews = PreviewCache(link)
        self.notes = NoteOrders(link)
        self._small = ThumbnailCache(grid.thumbnails.library, _STRIP_BYTES)
        self.detail = DetailView(reader, self.previews, self._small, self.notes)
        self.detail.setParent(window)
        self.detail.hide()
        self.panel = InformationPanel()
        self.panel.home = grid
        self.trash = Trash(window, reader, grid.thumbnails.library.trashing)
        self.export = Export(window, reader)
        self._copier = PictureCopier(self.previews)
        self.actions = PhotoActions(grid, self.detail, reader, self.notes, self._copier)
        self._panel_timer = QTimer(self, interval=_PANEL_MS, singleShot=True)
        self._panel_timer.timeout.connect(lambda: self._update_panel())
        window.installEventFilter(self)
        self._connect()

    def _connect(self) -> None:
        grid, detail, actions = self._grid, self.detail, self.actions
        grid.opened.connect(self.open)
        grid.selection_changed.connect(self._panel_timer.start)
        grid.current_changed.connect(self._panel_timer.start)
        detail.closed.connect(self.close_detail)
        detail.full_screen_wanted.connect(self.toggle_full_screen)
        detail.slideshow.begun.connect(self._enter_full_screen)
        detail.slideshow.ended.connect(self._leave_full_screen)
        detail.bar.more.clicked.connect(self._show_menu)
        detail.play_wanted.connect(actions.open.trigger)
        self.panel.rated.connect(self.notes.set_rating)
        self.panel.captioned.connect(self.notes.set_caption)
        self.notes.caption_refused.connect(self.panel.caption.take_back)
        self.panel.caption.left.connect(grid.setFocus)
        for panel in (self.panel, detail.panel):
            panel.followed.connect(self._follow)
            panel.denied.connect(self.notes.deny_tag)
        self.notes.failed.connect(self._panel_timer.start)
        actions.said.connect(self.said)
        actions.show_wanted.connect(self.open)
        actions.similar_wanted.connect(self._find_similar)
        actions.caption_wanted.connect(self._write_caption)
        actions.information_wanted.connect(self._toggle_information)
        actions.trash_wanted.connect(detail.slideshow.hold)
        actions.trash_wanted.connect(self.trash.ask)
        actions.export_wanted.connect(self.export.ask)
        self.export.begun.connect(lambda sentence: self.said.emit(sentence, None))
        self.export.ended.connect(self._say_exported)
        self.trash.recorded.connect(self._record_trash)
        self.trash.files_moved.connect(lambda: self._link.order(self, messages.Rescan()))
        self.trash.moved.connect(self._on_trashed)
        for source in (actions, self.trash, self.export, self._copier, self.notes):
            source.failed.connect(self._show_problem)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    # --- the detail view

    def open(self, photo_id: int, source: StackList | None = None) -> None:
        """Look at a photo of those that the source, else the grid, shows; one returns to it."""
        self._source = source or self._grid
        self.detail.setGeometry(self._window.rect())
        self.detail.raise_()
        self.detail.show()
        self.detail.setFocus(Qt.FocusReason.OtherFocusReason)
        if source is None:
            self._grid.unfold(photo_id)
        self.detail.show_photo(photo_id, self._source.ids, self._grid.facts.moments if source is None else {})

    def close_detail(self) -> None:
        """Back to where one came from, at the photo where one ended."""
        if self.detail.isHidden():
            return
        photo_id = self.detail.photo_id
        self._leave_full_screen()
        self.detail.hide()
        if photo_id is not None:
            self._source.set_current(photo_id)
        self._source.setFocus(Qt.FocusReason.OtherFocusReason)

    def step_back(self) -> bool:
        """Escape; False where there is nothing of ours to leave."""
        if self.detail.isHidden():
            return False
        if self.detail.is_bare:
            self._leave_full_screen()
        elif not self.detail.close_panel():
            self.close_detail()
        return True

    def toggle_full_screen(self) -> None:
        """Fill the screen with the photo, or with the window where none is looked at; or give it back."""
        if self.detail.is_bare:
            self._leave_full_screen()
        elif self.detail.isVisible():
            self._enter_full_screen()
        else:
            self._fill_screen(not self._window.isFullScreen())

    def _enter_full_screen(self) -> None:
        self.detail.set_bare(True)
        self._fills_for_photo = not self._window.isFullScreen()
        self._fill_screen(True)

    def _leave_full_screen(self) -> None:
        self.detail.set_bare(False)
        if self._fills_for_photo:
            self._fills_for_photo = False
            self._fill_screen(False)

    def _fill_screen(self, filled: bool) -> None:
        if filled == self._window.isFullScreen():
            return
        if filled:
            self._was_maximised = self._window.isMaximized()
            self._window.showFullScreen()
        elif self._was_maximised:
            self._window.showMaximized()
        else:
            self._window.showNormal()

    def _on_focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        """Whatever else in the window takes the keyboard is what one wants to see."""
        if self.detail.isHidden() or now is None or now.window() is not self._window:
            return
        if now is not self.detail and not self.detail.isAncestorOf(now):
            self._leave_full_screen()
            self.detail.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.detail.setGeometry(self._window.rect())
        return False

    def _follow(self, to: Place | str) -> None:
        self.close_detail()
        self.followed.emit(to)

    def _find_similar(self, photo_ids: Sequence[int]) -> None:
        self.close_detail()
        self.similar_wanted.emit(photo_ids)

    def _show_menu(self) -> None:
        button = self.detail.bar.more
        self.actions.menu().popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    # --- the panel

    def _toggle_information(self) -> None:
        if self.detail.isVisible():
            self.detail.toggle_information()
            return
        if not self.panel.leave():
            self.panel.show()
            self._update_panel()

    def rest_panel(self, resting: bool) -> None:
        """Take the panel away while something else than photos is shown; it comes back with them."""
        if resting and not self.panel.isHidden():
            self._panel_rests = self.panel.leave()
        elif self._panel_rests and not resting:
            self._panel_rests = False
            self.panel.show()
            self._update_panel()

    def _write_caption(self) -> None:
        if self.detail.isVisible():
            self.detail.write_caption()
            return
        if not self.actions.chosen():
            return
        before = self._window.focusWidget()

        def focus_caption() -> None:
            if self._window.focusWidget() is before:  # else one has gone elsewhere meanwhile
                self.panel.caption.setFocus(Qt.FocusReason.ShortcutFocusReason)

        self.panel.show()
        self._update_panel(focus_caption)

    def _update_panel(self, then: Callable[[], object] = lambda: None) -> None:
        """Show what is selected, or else the photo that has the keyboard."""
        chosen = self._grid.selected_ids.tolist()
        if not chosen and self._grid.current_id is not None:
            chosen = [self._grid.current_id]

        def show(details: Details | None) -> None:
            self.panel.show_details(details)
            then()

        def show_shared(shared: Shared) -> None:
            self.panel.show_shared(shared, chosen)
            then()

        if self.panel.isHidden():
            return
        if len(chosen) > 1:
            self._reader.ask(self, lambda reader: reader.shared(chosen), show_shared)
        elif chosen:
            self._reader.ask(self, lambda reader: reader.details(chosen[0], self._reader.choice), show)
        else:
            show(None)

    # --- what happens elsewhere

    def on_photos_changed(self) -> None:
        """The grid shows others, or files came, went or moved."""
        self.previews.forget_failures()
        self._small.forget_missing()
        if self.detail.isVisible():
            self.detail.follow(self._source.ids)
            self.detail.refresh()
        self._panel_timer.start()

    def on_notes_changed(self, event: note_messages.NotesChanged) -> None:
        """Show the notes of these photos anew where they are seen."""
        self._grid.refresh_marks()
        if self.detail.isVisible() and self.detail.photo_id in event.photo_ids:
            self.detail.refresh()
        self._panel_timer.start()

    def on_tags_changed(self) -> None:
        """Photos have other tags."""
        if self.detail.isVisible():
            self.detail.refresh()
        self._panel_timer.start()

    def on_albums_changed(self, albums: Sequence[Album]) -> None:
        """These albums are there now; what is in them may be other than before."""
        self.actions.albums.show_albums(albums)
        self._panel_timer.start()

    def say(self, sentence: str, offer: Offer | None = None) -> None:
        """Say what was done, where the photo in view hides the window's own line."""
        if self.detail.isVisible():
            self.detail.say(sentence, offer)

    def remark(self, sentence: str) -> None:
        """Say what is wrong, likewise."""
        if self.detail.isVisible():
            self.detail.remark(sentence)

    def close(self) -> None:
        """Wait for what is copied, and end the threads of the pictures."""
        self.export.close()
        self.previews.close()
        self._small.close()

    def _record_trash(self, record: RecordTrash) -> None:
        self._link.order(self, record, lambda _: self.trash.remembered(record))

    def _on_trashed(self, photo_ids: Sequence[int]) -> None:
        if self.detail.isVisible() and self.detail.photo_id in photo_ids:  # one may have walked on
            self.detail.walk(1)

    def _say_exported(self, sentence: str, folder: str) -> None:
        show = Offer(lambda: tr("Show"), lambda: files.open_file(os.fsencode(folder)))
        self.said.emit(sentence, show)

    def _show_problem(self, sentence: str) -> None:
        if self.detail.isVisible():
            self.detail.remark(sentence)
        else:
            self.failed.emit(sentence)
