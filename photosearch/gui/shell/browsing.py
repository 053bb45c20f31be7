"""Browsing: the photos of a place while nothing is searched, and what is said where there are none."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core import messages
from photosearch.core.progress import Progress
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.timeline import Timeline
from photosearch.gui.library import places
from photosearch.gui.query.controller import SearchController
from photosearch.gui.query.header import Header
from photosearch.gui.shell.library_controller import LibraryController
from photosearch.gui.shell.pages import Pages
from photosearch.i18n import tr

_REFRESH_MS = 700
_RESTS = 4  # times as long as reading took, so that a million photos do not keep a core while some come in


class BrowseController(QObject):
    """Keeps the grid in step with the place that one is at, and returns there when a query ends.

    Its owner tells it when a query has ended, and what the engine says of its folders and its work.

    Attributes:
        folders: that the library has, as the engine last told
    """

    read = Signal()  # the photos of the place, which may be others now
    failed = Signal(object)  # str: why they could not be read anew

    def __init__(
        self,
        reader: LibraryReader,
        grid: PhotoGrid,
        header: Header,
        library: LibraryController,
        search: SearchController,
        pages: Pages,
    ) -> None:
        super().__init__(pages)
        self._reader, self._grid, self._header = reader, grid, header
        self._library, self._search, self._pages = library, search, pages
        self._timeline: Timeline | None = None  # None until it was read for the first time
        self._timeline_place: int | None = None  # to return to when a query ends
        self._page_before: QWidget | None = None  # likewise, of the sidebar's
        self.folders: Sequence[messages.FolderStatus] = ()
        self._progress = Progress("idle")
        self._stale = False
        self._refresh_timer = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._refresh_timer.timeout.connect(self._refresh_if_stale)
        search.answer.begun.connect(self._remember_place)
        search.answer.nothing_yet.connect(self._show_nothing_yet)
        library.names_changed.connect(self.retranslate)
        library.place_chosen.connect(self.show_place)
        library.place_gone.connect(self._on_place_gone)
        library.photos_changed.connect(self.refresh)
        library.page_wanted.connect(self._show_page)
        reader.absent.connect(self._on_no_library)
        reader.failed.connect(self._on_library_failed)

    def retranslate(self) -> None:
        if self._browsing:
            self._say_count()

    def refresh(self) -> None:
        """Read again what is at the present place, at most every 0.7 s, and a large one less often."""
        if self._refresh_timer.isActive():
            self._stale = True
            return
        self._stale = False
        self._refresh_timer.start()
        self._read_place()
        self._grid.refresh_marks()

    def _refresh_if_stale(self) -> None:
        if self._stale:
            self.refresh()

    def show_place(self) -> None:
        """Another place was chosen: it is shown from its top, and a query ends."""
        self._timeline = self._timeline_place = self._page_before = None
        self._pages.setCurrentWidget(self._grid)
        self._search.leave()
        self._read_place()

    def _on_place_gone(self, gone: places.Place) -> None:
        """A page, and a search elsewhere, stay; all photos are what one comes back to."""
        self._search.place_gone(gone)
        if self._browsing or self._search.scope == gone:
            self.show_place()
        else:
            self._timeline = self._timeline_place = None
            self._read_place()

    def _read_place(self) -> None:
        place, order = asked = self._library.place, self._library.order
        seen = self._library.live.seen
        began = time.monotonic()

        def on_read(timeline: Timeline) -> None:
            taken_ms = round((time.monotonic() - began) * 1000)
            self._refresh_timer.setInterval(max(_REFRESH_MS, _RESTS * taken_ms))
            if asked == (self._library.place, self._library.order):
                self._on_timeline(timeline)

        self._reader.ask(
            self, lambda reader: places.read(reader, place, order, seen), on_read, self._on_place_refused
        )

    @property
    def _browsing(self) -> bool:
        return self._search.shown is None and self._pages.key is None

    def _on_timeline(self, timeline: Timeline) -> None:
        new, self._timeline = self._timeline is None, timeline
        self._grid.thumbnails.forget_missing()
        if self._browsing:
            self._grid.facts.show_moments(timeline.moments)
            self._grid.show_photos(*timeline.photos, keep_place=not new)
            self._update_page()
        self._search.answer.leave_out_gone()
        self.read.emit()

    def _on_no_library(self) -> None:
        self._on_timeline(Timeline(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32), ()))

    def _on_place_refused(self, sentence: str) -> None:
        if self._browsing and self._timeline is None:
            self._pages.show_message(tr("These photos cannot be listed"), sentence)
        else:  # those that are shown stay
            self.failed.emit(sentence)

    def _on_library_failed(self, sentence: str) -> None:
        self._pages.show_message(tr("This library cannot be opened"), sentence)

    # --- a query, or a page, and back

    def _remember_place(self) -> None:
        """What is at the top stays there: photos that come in meanwhile do so above what was first."""
        scrolled = self._grid.verticalScrollBar().value() > 0
        self._timeline_place = self._grid.first_in_view if scrolled else None
        shown = self._pages.currentWidget()
        self._page_before = shown if self._pages.key is not None else None

    def go_back(self) -> None:
        """A query ended: back to where one was; what was selected was so among its answers."""
        if self._page_before is not None:
            self._show_page(self._page_before)
            return
        if self._timeline is None or not self._browsing:
            return
        self._grid.clear_selection()
        self._grid.leave_current()
        self._grid.facts.show_moments(self._timeline.moments)
        self._grid.show_photos(*self._timeline.photos, keep_place=False)
        if self._timeline_place is not None:
            self._grid.scroll_to_photo(self._timeline_place)
        self._update_page()

    def _show_page(self, page: QWidget) -> None:
        """Of the sidebar's: it takes the place of photos, and a query ends."""
        self._page_before = None
        self._search.leave()
        self._search.search_within(places.ALL)
        self._pages.setCurrentWidget(page)
        self._header.say("")

    # --- what is said of the photos, or in their place

    def show_progress(self, progress: Progress) -> None:
        """Say what the engine does, where there are no photos yet."""
        self._progress = progress
        if self._browsing and self._timeline is not None and not len(self._timeline.ids):
            self._update_page()

    def _update_page(self) -> None:
        self._say_count()
        if self._timeline is not None and len(self._timeline.ids):
            self._pages.setCurrentWidget(self._grid)
        elif self._library.place != places.ALL:
            self._pages.show_message(*self._library.live.nothing_here(self._library.place))
        elif self._progress.state != "idle":
            self._pages.show_message(tr("Looking for photos…"), tr("They appear here as they are found."))
        elif self.folders:
            self._pages.show_message(
                tr("No photos here yet"),
                tr("There are none in the folders that you added. New ones appear by themselves."),
            )
        else:
            self._pages.setCurrentWidget(self._pages.welcome)

    def _say_count(self) -> None:
        place, timeline = self._library.place, self._timeline
        count = self._library.sidebar.contents.count_of(place)
        line = places.line(place, timeline, count) if timeline else ""
        self._header.say(self._library.live.line(place, line))

    def _show_nothing_yet(self) -> None:
        self._pages.show_message(
            tr("Nothing to search yet"), tr("Photos can be found once they have been read.")
        )
