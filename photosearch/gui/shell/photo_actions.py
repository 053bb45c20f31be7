"""What one can do with photos: those selected in the grid, or the one in the detail view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QToolTip

from photosearch.core.photo import VIDEO_EXTENSIONS, Photo
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.note_orders import NoteOrders
from photosearch.gui.desktop import files
from photosearch.gui.desktop.clipboard import PictureCopier, copy_files
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.library.status import Offer
from photosearch.gui.shell.album_menu import AlbumMenu
from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.widgets.actions import Action, Menu, make_action, make_menu
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.stars import MOST
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr, tr_n


class PhotoActions(QObject):
    """The commands on photos: those selected in the grid, or the one in the detail view.

    Their shortcuts work while the grid or the photo has the keyboard.
    """

    similar_wanted = Signal(object)  # Sequence[int]
    album_wanted = Signal(object, object)  # Album, or None for a new one; Sequence[int]
    export_wanted = Signal(object)  # Sequence[int]
    caption_wanted = Signal()
    information_wanted = Signal()
    show_wanted = Signal(object)  # photo id
    trash_wanted = Signal(object)  # Sequence[int]
    failed = Signal(object)  # str
    said = Signal(object, object)  # str: what is wrong; Offer: what can be done about it

    def __init__(
        self,
        grid: PhotoGrid,
        detail: DetailView,
        reader: LibraryReader,
        notes: NoteOrders,
        copier: PictureCopier,
    ) -> None:
        super().__init__(grid)
        self._copier = copier
        self._grid, self._detail, self._reader, self._notes = grid, detail, reader, notes
        self.on_results: Sequence[QAction] = ()  # what else the grid's menu has
        self.on_window: Sequence[QAction] = ()  # what can be done without a photo, too
        self.show = self._action(
            lambda: tr("Look at it"), "", lambda: self._of_first(self.show_wanted.emit), "full-screen"
        )
        self.open = self._action(lambda: tr("Open with the system's program"), "Ctrl+O", self._open, "open")
        self.open_with = self._action(lambda: tr("Open with…"), "", self._open_with)
        self.reveal = self._action(lambda: tr("Show in file manager"), "Ctrl+R", self._reveal, "folder")
        self.copy = self._action(lambda: tr("Copy path"), "Ctrl+C", self._copy, "copy")
        self.copy_picture = self._action(lambda: tr("Copy picture"), "Ctrl+Shift+C", self._copy_picture)
        self.similar = self._action(
            lambda: tr("Find similar photos"),
            "S",
            lambda: self._of_chosen(self.similar_wanted.emit),
            "similar",
        )
        self.favourite = self._action(lambda: tr("Favourite"), "F", self._toggle_favourite, "heart")
        self.albums = AlbumMenu(grid)
        self.albums.chosen.connect(
            lambda album: self._of_chosen(lambda chosen: self.album_wanted.emit(album, chosen))
        )
        self.add_to_album = self._action(lambda: tr("Add to album…"), "A", self._ask_for_album, "album")
        self.export = self._action(
            lambda: tr("Copy to a folder…"),
            "Ctrl+E",
            lambda: self._of_chosen(self.export_wanted.emit),
            "export",
        )
        self.caption = self._action(lambda: tr("Write a caption"), "C", self.caption_wanted.emit, "pencil")
        self.information = self._action(lambda: tr("Information"), "I", self.information_wanted.emit, "info")
        self.trash = self._action(
            lambda: tr("Move to trash…"),
            "Delete",
            lambda: self._of_chosen(self.trash_wanted.emit),
            "trash",
        )
        self.ratings = [self._rating(stars) for stars in range(MOST + 1)]
        grid.menu_wanted.connect(self._show_menu)
        grid.favourite_wanted.connect(lambda photo_id, on: notes.set_favourite([photo_id], on))
        grid.hover_text_wanted.connect(self._hover_text)
        detail.picture.menu_wanted.connect(self._show_menu)

    def chosen(self) -> list[int]:
        """Ids of the photos that are meant."""
        if self._detail.isVisible():
            return [] if self._detail.photo_id is None else [self._detail.photo_id]
        selected = self._grid.selected_ids.tolist()
        current = self._grid.current_id
        return selected or ([] if current is None else [current])

    def menu(self) -> QMenu:
        """A context menu of what can be done with the photos meant; it deletes itself when closed."""
        menu = make_menu(self._grid)  # also where the darkroom is open: its colours are not those of icons
        if self.chosen():
            self._fill(menu)
        menu.addSeparator()
        menu.addActions([action for action in self.on_window if action.isEnabled()])
        return menu

    def _fill(self, menu: QMenu) -> None:
        if not self._detail.isVisible():
            menu.addAction(self.show)
        menu.addAction(self.open)
        menu.addAction(self.open_with)
        menu.addAction(self.similar)
        if self._detail.isVisible():
            menu.addActions(self._detail.in_menu)
        else:
            menu.addActions(self.on_results)
        menu.addSeparator()
        menu.addAction(self.favourite)
        rating = Menu(menu)
        rating.setIcon(icon("star"))
        rating.setTitle(tr("Rating"))
        rating.addActions(self.ratings[::-1])
        menu.addMenu(rating)
        menu.addMenu(self.albums)
        menu.addAction(self.caption)
        menu.addAction(self.information)
        menu.addSeparator()
        menu.addAction(self.reveal)
        menu.addAction(self.copy)
        menu.addAction(self.copy_picture)
        menu.addAction(self.export)
        menu.addSeparator()
        menu.addAction(self.trash)

    def _action(
        self, text: Callable[[], str], keys: str, slot: Callable[[], object], picture: str = ""
    ) -> Action:
        action = make_action(self._grid, text, keys, slot, picture, local=True)
        self._detail.picture.addAction(action)
        return action

    def _rating(self, stars: int) -> Action:
        def text() -> str:
            return tr_n("{n} star", "{n} stars", stars) if stars else tr("No stars")

        return self._action(text, str(stars), lambda: self._rate(stars))

    def _show_menu(self, where: QPoint) -> None:
        menu = self.menu()
        if menu.actions():
            menu.popup(where)
        else:
            menu.deleteLater()

    def _ask_for_album(self) -> None:
        """The albums, near the photo that has the keyboard."""
        if self._detail.isVisible():
            where = self._detail.picture.mapToGlobal(self._detail.picture.rect().center())
        else:
            where = self._grid.global_place_of_current()
        if self.chosen():
            self.albums.popup(where)

    def _of_chosen(self, act: Callable[[list[int]], object]) -> None:
        if chosen := self.chosen():
            act(chosen)

    def _of_first(self, act: Callable[[int], object]) -> None:
        if chosen := self.chosen():
            act(chosen[0])

    # --- files

    def _with_photo(self, act: Callable[[Photo], None]) -> None:
        def then(photo: Photo | None) -> None:
            if photo is None:
                self.failed.emit(tr("That photo is not there any more."))
            elif photo.away:
                self.failed.emit(tr("That photo is on a drive that is not connected."))
            else:
                act(photo)

        def read(photo_id: int) -> None:
            self._reader.ask(
                self, lambda reader: reader.photo(photo_id, self._reader.choice), then, self.failed.emit
            )

        self._of_first(read)

    def _open(self) -> None:
        self._with_photo(lambda photo: files.open_file(photo.path_bytes, lambda: self._not_opened(photo)))

    def _open_with(self) -> None:
        def act(photo: Photo) -> None:
            files.choose_program(photo.path_bytes, self._grid.window(), lambda: self._not_opened(photo))

        self._with_photo(act)

    def _not_opened(self, photo: Photo) -> None:
        if Path(photo.path).suffix.lower() in VIDEO_EXTENSIONS:
            sentence = tr("No program on this computer plays this video.")
        else:
            sentence = tr("No program opened {file}.", file=files.shown(photo.path_bytes))
        self.said.emit(sentence, Offer(lambda: tr("Show in folder"), lambda: files.reveal(photo.path_bytes)))

    def _reveal(self) -> None:
        self._with_photo(lambda photo: files.reveal(photo.path_bytes))

    def _copy(self) -> None:
        if chosen := self.chosen():
            self._reader.ask(
                self, lambda reader: reader.photos(chosen, self._reader.choice), copy_files, self.failed.emit
            )

    def _copy_picture(self) -> None:
        self._of_first(self._copier.copy)

    # --- notes

    def _toggle_favourite(self) -> None:
        if self._detail.isVisible():
            self._detail.toggle_favourite()
        elif chosen := self.chosen():
            marked = np.isin(chosen, self._grid.facts.marks.favourites)
            self._notes.set_favourite(chosen, not marked.all())

    def _rate(self, stars: int) -> None:
        if self._detail.isVisible():
            self._detail.rate(stars)
        elif chosen := self.chosen():
            self._notes.set_rating(chosen, stars)

    def _hover_text(self, photo_id: int) -> None:
        where = QCursor.pos()

        def show(photo: Photo | None) -> None:
            if photo is not None and QCursor.pos() == where:
                QToolTip.showText(where, tip(self._grid.facts.spoken(photo)), self._grid.viewport())

        self._reader.ask(self, lambda reader: reader.photo(photo_id, self._reader.choice), show)
