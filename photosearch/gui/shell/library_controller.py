"""What the window shows of the library besides its photos: the sidebar, the work going on, the problems."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core import messages, note_messages, stack_messages, stage_messages, tag_messages
from photosearch.core.file_names import moved
from photosearch.core.progress import Progress
from photosearch.gui.data.engine_link import EngineLink, Question
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.stack_search import StackSearch
from photosearch.gui.desktop import files
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.library.contents import Contents, folder_name, gone, read_contents
from photosearch.gui.library.duplicates import DuplicatesPage
from photosearch.gui.library.jobs import JobPanel
from photosearch.gui.library.places import ALL, RECENT, Order, Place
from photosearch.gui.library.problems import ProblemsPage
from photosearch.gui.library.sidebar import Sidebar
from photosearch.gui.library.sidebar_nodes import DUPLICATES, MAP, PROBLEMS
from photosearch.gui.library.sidebar_row import Node
from photosearch.gui.library.stage_work import StageWork
from photosearch.gui.library.status import StatusLine
from photosearch.gui.map.map_page import MapPage
from photosearch.gui.shell.library_edits import LibraryEdits
from photosearch.gui.shell.live_albums import LiveAlbums
from photosearch.gui.shell.model_work import ModelWork
from photosearch.gui.shell.place_title import PlaceTitle
from photosearch.gui.widgets import dialogs
from photosearch.gui.widgets.actions import make_action
from photosearch.gui.widgets.choice_button import ChoiceButton
from photosearch.i18n import tr
from photosearch.store.rows import SavedSearch

_QUIET_MS = 400  # counts are read no more often
_SETTLED_MS = 1500  # without a change, before duplicates are looked for once more


class LibraryController(QObject):
    """Keeps the sidebar, the list of jobs and its pages in step with the library.

    Its owner lays out `sidebar`, `title` above the photos, `jobs` and, among its own pages, those of `pages`.
    """

    albums_changed = Signal(object)  # Sequence[Album]: that there are
    place_chosen = Signal()  # the grid is to show `place`
    place_gone = Signal(object)  # Place: the library has it no more; `place` is another
    names_changed = Signal()  # those of places and saved searches, maybe
    photos_changed = Signal()  # those at `place` may be others now
    search_chosen = Signal(object)  # str
    page_wanted = Signal(object)  # QWidget: one of `pages`
    add_folder_wanted = Signal()

    def __init__(
        self, link: EngineLink, reader: LibraryReader, grid: PhotoGrid, status: StatusLine, window: QWidget
    ) -> None:
        super().__init__(window)
        self._link, self._reader, self._grid, self._window = link, reader, grid, window
        self.place = ALL
        self.sidebar = Sidebar()
        self.title = PlaceTitle()
        dates = {"newest": lambda: tr("Newest first"), "oldest": lambda: tr("Oldest first")}
        self.orders = {
            kind: ChoiceButton(lambda: tr("Order of the photos"), values)
            for kind, values in (("days", dates), ("album", {"own": lambda: tr("As arranged")} | dates))
        }
        self.jobs = JobPanel()
        self.problems = ProblemsPage()
        self.duplicates = DuplicatesPage(reader)
        self.map = MapPage(reader, grid.thumbnails)
        self._stacks = StackSearch(link)
        self._stacks_are_old = True  # or were never looked for
        self._stack_timer = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._stack_timer.timeout.connect(self._find_stacks_again)
        self._status = status
        self._question: Question | None = None  # the grid answers it; None: it shows a place
        self._busy = False
        self.edits = LibraryEdits(link, self.sidebar, grid, status, window)
        self.live = LiveAlbums(link, self.sidebar, window)
        self.models = ModelWork(link, self.jobs, status, window)
        self._stages_at_work = StageWork(link, self.jobs, status)
        self.leave_album = make_action(
            grid,
            self._leave_text,
            "Backspace",
            self._take_out,
            "minus",
            local=True,
        )
        make_action(
            grid,
            lambda: tr("Rename the album or saved search"),
            "F2",
            self._rename_shown,
            "pencil",
            local=True,
        )
        self._read_timer = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._read_timer.timeout.connect(self._read_contents)
        self._connect()
        self.on_answered(None)
        self._read_contents()

    def _connect(self) -> None:
        bar = self.sidebar
        bar.place_chosen.connect(self.go)
        bar.search_chosen.connect(self.search_chosen)
        bar.page_chosen.connect(self._show_page)
        bar.add_folder_wanted.connect(self.add_folder_wanted)
        bar.rescan_wanted.connect(self._rescan)
        bar.relocation_wanted.connect(self._ask_where_it_is)
        bar.retry_wanted.connect(lambda: self._retry(None))
        self.title.menu_wanted.connect(self._show_menu)
        for button in self.orders.values():
            button.chosen.connect(self.place_chosen)
        self.problems.retry_wanted.connect(self._retry)
        self.jobs.end_wanted.connect(lambda job_id: self._link.order(self, messages.CancelJob(job_id)))
        for work in (self.models, self._stages_at_work):
            work.changed.connect(self._close_jobs_where_idle)
        self.jobs.problems_wanted.connect(lambda: self._show_page(PROBLEMS))
        self.duplicates.search_wanted.connect(self._find_stacks)
        self.map.query_wanted.connect(self.search_chosen)
        self._stacks.found.connect(self._on_stacks_found)
        self._stacks.refused.connect(self._on_stacks_refused)
        self._status.details.toggled.connect(self.jobs.setVisible)

    # --- where one is

    def go(self, place: Place) -> None:
        """Look at a place."""
        self._be_at(place)
        if place.filters:
            # Where no engine can be had, others tell of it.
            self._link.order(self, messages.LookAt(place.filters), refused=lambda sentence: None)
        self.place_chosen.emit()

    def _be_at(self, place: Place) -> None:
        self.place = place
        self.live.enter(place)
        self.on_answered(self._question)

    def on_answered(self, question: Question | None) -> None:
        """The grid answers another question, or for None shows the place again.

        Photos can be taken out of an album, or of what shows a thing, while one looks at it without a search.
        """
        self._question = question
        here = question is None and self.place.kind in ("album", "tag")
        self.leave_album.retranslate()
        self.leave_album.setEnabled(here)
        self.leave_album.setVisible(here)
        self.update_title()

    @property
    def order(self) -> Order:
        """How the photos of the place are sorted."""
        button = self._order_button
        return button.values[0] if button else "newest"  # type: ignore[return-value]  # as it was made

    @property
    def _order_button(self) -> ChoiceButton | None:
        return self.orders.get({"recent": "", "album": "album"}.get(self.place.kind, "days"))

    def update_title(self) -> None:
        """Name what is lit up in the sidebar, where that is what is shown."""
        titled = self._titled
        has_menu = titled is not None and titled.key != RECENT
        self.title.show_name(titled.name if titled else "", has_menu=has_menu)
        browsing = self._question is None and not self._grid.isHidden()
        for button in self.orders.values():
            button.setVisible(browsing and button is self._order_button)

    @property
    def _titled(self) -> Node | None:
        lit = self.sidebar.lit
        if lit is None or lit.key == ALL:
            return None
        browsing = isinstance(lit.key, Place) and self._question is None
        return lit if browsing or isinstance(lit.key, SavedSearch) else None

    def _rename_shown(self) -> None:
        if self._titled is not None:
            self.sidebar.rename(self._titled.key)

    def _show_menu(self, where: QPoint) -> None:
        """What can be done with what is shown, its order too."""
        button = self._order_button if self._question is None else None
        if self._titled is not None:
            self.sidebar.show_menu(self._titled.key, where, button.menu().actions() if button else ())

    def _show_page(self, key: str) -> None:
        self.live.leave()
        if key == PROBLEMS:
            self._read_problems()
        elif key == MAP:
            self.map.read()
        elif self._stacks_are_old:
            self._find_stacks()
        self.page_wanted.emit(self.pages[key])

    @property
    def pages(self) -> dict[str, QWidget]:
        """What the sidebar leads to besides photos, by the keys of its rows."""
        return {PROBLEMS: self.problems, DUPLICATES: self.duplicates, MAP: self.map}

    def _find_stacks(self) -> None:
        if self._stacks.begin():
            self._stacks_are_old = False
            self.duplicates.begin()

    def _find_stacks_again(self) -> None:
        if self.duplicates.isVisible() and self._stacks_are_old:
            self._find_stacks()

    def _on_stacks_found(self, stacks: stack_messages.Stacks) -> None:
        self.duplicates.show_stacks(stacks)
        if self._stacks_are_old:  # photos came or went meanwhile, as by an undo
            self._stack_timer.start()

    def _on_stacks_refused(self, sentence: str) -> None:
        self._stacks_are_old = True
        self.duplicates.show_refusal(sentence)

    def close(self) -> None:
        """End the threads. The link is closed before: that frees them."""
        self._stacks.close()

    # --- what the engine tells

    def on_connected(self, status: messages.Status) -> None:
        """The engine answers: show how it stands, and read the library."""
        self._show_progress(status.progress)
        self._show_folders(status.folders)
        self._read_timer.start()

    def on_event(self, event: messages.AnyEvent) -> None:
        """Show what the engine tells of jobs, folders, notes and models."""
        self.models.on_event(event)
        match event:
            case messages.ProgressChanged():
                self._show_progress(event.progress)
            case messages.JobsChanged():
                self._show_jobs(event.jobs)
            case stage_messages.StagesChanged():
                self._stages_at_work.show(event.stages)
            case stack_messages.StackProgress():
                self.duplicates.show_progress(event.done)
            case messages.FoldersChanged():
                self._show_folders(event.folders)
                self._read_contents()
            case note_messages.AlbumsChanged():
                self._read_contents()
            case tag_messages.TagsChanged():
                if not self._read_timer.isActive():
                    self._read_timer.start()
            case messages.PhotosChanged() | note_messages.NotesChanged():
                self._stacks_are_old = True
                self._stack_timer.start()
                if not self._read_timer.isActive():
                    self._read_timer.start()

    def on_lost(self) -> None:
        """With the engine, the work on models and photos has ended."""
        self.models.on_lost()
        self._stages_at_work.show(())

    def _show_folders(self, folders: Sequence[messages.FolderStatus]) -> None:
        self.sidebar.show_status(folders)
        self.duplicates.show_gone(gone(folders))

    def _show_progress(self, progress: Progress) -> None:
        self._busy = progress.state != "idle"
        self.jobs.show_progress(progress)
        self._close_jobs_where_idle()

    def _close_jobs_where_idle(self) -> None:
        if not (self._busy or self.models.busy or self._stages_at_work.busy):
            self._status.details.setChecked(False)

    def _show_jobs(self, jobs: Sequence[messages.Job]) -> None:
        self.jobs.show_jobs(jobs)
        self.sidebar.show_busy(path for job in jobs if job.running for path in job.folders)

    # --- what the library holds

    def _read_contents(self) -> None:
        self._reader.ask(self, read_contents, self._on_contents)

    def _on_contents(self, contents: Contents) -> None:
        self.sidebar.show_contents(contents)
        self.albums_changed.emit(contents.albums)
        self.names_changed.emit()
        self.jobs.show_failures(sum(contents.failures.values()))
        if self.problems.isVisible():
            self._read_problems()
        if self.map.isVisible():
            self.map.read()
        if not contents.has(gone_place := self.place):
            self._be_at(ALL)
            self.place_gone.emit(gone_place)
        elif self.place.kind in ("favourites", "album", "live", "tag"):
            self.photos_changed.emit()

    def _read_problems(self) -> None:
        self._reader.ask(
            self,
            lambda reader: (reader.failures(), reader.damaged()),
            lambda read: self.problems.show_problems(*read),
        )

    # --- what the person wants done

    def rescan_all(self) -> None:
        """Look through every folder for what is new."""
        self._rescan(None)

    def _rescan(self, path: bytes | None) -> None:
        self._link.order(self, messages.Rescan() if path is None else messages.AddFolder(path))

    def _retry(self, paths: tuple[bytes, ...] | None) -> None:
        self._link.order(self, messages.RetryFailures(paths))

    def _ask_where_it_is(self, path: bytes) -> None:
        name = folder_name(path)

        def relocate(chosen: str) -> None:
            new = os.fsencode(os.path.normpath(chosen))
            said = tr("“{name}” is {folder} now.", name=name, folder=files.shown(new))
            at = self.place
            there = moved(at.path, path, new) if at.kind == "folder" else None

            def relocated(_: messages.Done) -> None:
                self._status.show_message(said)
                stayed = self.place in (at, ALL) and self._question is None  # ALL: its former place was gone
                if there is not None and stayed:
                    self.go(Place("folder", path=there))

            self._link.order(self, messages.RelocateFolder(path, new), relocated)

        dialogs.ask_folder(
            self._window, tr("Where is “{name}” now?", name=name), files.nearest_folder(path), relocate
        )

    def _leave_text(self) -> str:
        if self.place.kind == "tag":
            return tr("This is not “{thing}”", thing=self.sidebar.contents.name_of(self.place))
        return tr("Remove from album")

    def _take_out(self) -> None:
        photo_ids = tuple(self._grid.selected_ids.tolist())
        if photo_ids and self.place.kind == "tag":
            self._link.order(self, tag_messages.DenyTag(photo_ids, self.place.tag))
        elif photo_ids:
            self._link.order(self, note_messages.ChangeAlbum(self.place.album_id, photo_ids, "remove"))
