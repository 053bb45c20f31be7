"""What one can do with photos: those selected in the grid, or the one in the detail view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QCursor, QKeySequence
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from photosearch.core.photo import Photo
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.notes import Notes
from photosearch.gui.desktop import files
from photosearch.gui.desktop.clipboard import PictureCopier, copy_files
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.photo_facts import spoken
from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.stars import MOST
from photosearch.i18n import tr, tr_n


class PhotoActions(QObject):
    """Shortcuts work while the grid or the photo has the keyboard; paths are read in the library's thread."""

    similar_wanted = Signal(object)  # photo id
    caption_wanted = Signal()
    information_wanted = Signal()
    show_wanted = Signal(object)  # photo id
    trash_wanted = Signal(object)  # Sequence[int]
    failed = Signal(object)  # str

    def __init__(
        self, grid: PhotoGrid, detail: DetailView, reader: LibraryReader, notes: Notes, copier: PictureCopier
    ) -> None:
        super().__init__(grid)
        self._copier = copier
        self._grid, self._detail, self._reader, self._notes = grid, detail, reader, notes
        self.on_results: Sequence[QAction] = ()  # what else the grid's menu has
        self.show = self._action("full-screen", "", lambda: self._of_first(self.show_wanted.emit))
        self.open = self._action("open", "Ctrl+O", self._open)
        self.open_with = self._action("", "", self._open_with)
        self.reveal = self._action("folder", "Ctrl+R", self._reveal)
        self.copy = self._action("copy", "Ctrl+C", self._copy)
        self.copy_picture = self._action("", "Ctrl+Shift+C", self._copy_picture)
        self.similar = self._action("similar", "S", lambda: self._of_first(self.similar_wanted.emit))
        self.favourite = self._action("heart", "F", self._toggle_favourite)
        self.caption = self._action("pencil", "C", self.caption_wanted.emit)
        self.information = self._action("info", "I", self.information_wanted.emit)
        self.trash = self._action("trash", "Delete", lambda: self.trash_wanted.emit(self.chosen()))
        self.ratings = [self._rating(stars) for stars in range(MOST + 1)]
        grid.menu_wanted.connect(self._show_menu)
        grid.hover_text_wanted.connect(self._hover_text)
        detail.picture.menu_wanted.connect(self._show_menu)
        self.retranslate()

    def retranslate(self) -> None:
        self.show.setText(tr("Look at it"))
        self.open.setText(tr("Open with the system's program"))
        self.open_with.setText(tr("Open with…"))
        self.reveal.setText(tr("Show in file manager"))
        self.copy.setText(tr("Copy path"))
        self.copy_picture.setText(tr("Copy picture"))
        self.similar.setText(tr("Find similar photos"))
        self.favourite.setText(tr("Favourite"))
        self.caption.setText(tr("Write a caption"))
        self.information.setText(tr("Information"))
        self.trash.setText(tr("Move to trash…"))
        for stars, action in enumerate(self.ratings):
            action.setText(tr_n("{n} star", "{n} stars", stars) if stars else tr("No stars"))

    def chosen(self) -> list[int]:
        """Ids of the photos that are meant."""
        if self._detail.isVisible():
            return [] if self._detail.photo_id is None else [self._detail.photo_id]
        selected = self._grid.selected_ids.tolist()
        current = self._grid.current_id
        return selected or ([] if current is None else [current])

    def menu(self) -> QMenu:
        parent: QWidget = self._detail if self._detail.isVisible() else self._grid
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)  # behind its round corners
        if not self._detail.isVisible():
            menu.addAction(self.show)
        menu.addAction(self.open)
        menu.addAction(self.open_with)
        menu.addAction(self.similar)
        if self._detail.isVisible():
            menu.addAction(self._detail.actions_.why)
        else:
            menu.addActions(self.on_results)
        menu.addSeparator()
        menu.addAction(self.favourite)
        rating = menu.addMenu(icon("star"), tr("Rating"))
        rating.addActions(self.ratings[::-1])
        menu.addAction(self.caption)
        menu.addAction(self.information)
        menu.addSeparator()
        menu.addAction(self.reveal)
        menu.addAction(self.copy)
        menu.addAction(self.copy_picture)
        menu.addSeparator()
        menu.addAction(self.trash)
        return menu

    def _action(self, picture: str, keys: str, act: Callable[[], object]) -> QAction:
        action = QAction(self)
        if picture:
            action.setIcon(icon(picture))
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: act())
        self._grid.addAction(action)
        self._detail.picture.addAction(action)
        return action

    def _rating(self, stars: int) -> QAction:
        return self._action("", str(stars), lambda: self._rate(stars))

    def _show_menu(self, where: QPoint) -> None:
        self.menu().popup(where)

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

        self._of_first(lambda photo_id: self._reader.ask(lambda reader: reader.photo(photo_id), then))

    def _open(self) -> None:
        def act(photo: Photo) -> None:
            if not files.open_file(photo.path_bytes):
                self._not_opened(photo)

        self._with_photo(act)

    def _open_with(self) -> None:
        def act(photo: Photo) -> None:
            files.choose_program(photo.path_bytes, self._grid.window(), lambda: self._not_opened(photo))

        self._with_photo(act)

    def _not_opened(self, photo: Photo) -> None:
        self.failed.emit(tr("No program opened {file}.", file=files.shown(photo.path_bytes)))

    def _reveal(self) -> None:
        self._with_photo(lambda photo: files.reveal(photo.path_bytes))

    def _copy(self) -> None:
        if chosen := self.chosen():
            self._reader.ask(lambda reader: reader.photos(chosen), copy_files)

    def _copy_picture(self) -> None:
        self._of_first(self._copier.copy)

    # --- notes

    def _toggle_favourite(self) -> None:
        if self._detail.isVisible():
            self._detail.toggle_favourite()
        elif chosen := self.chosen():
            marks = self._grid.facts.marks.favourites if self._grid.facts else ()
            self._notes.set_favourite(chosen, not np.isin(chosen, marks).all())

    def _rate(self, stars: int) -> None:
        if self._detail.isVisible():
            self._detail.rate(stars)
        elif chosen := self.chosen():
            self._notes.set_rating(chosen, stars)

    def _hover_text(self, photo_id: int) -> None:
        where = QCursor.pos()

        def show(photo: Photo | None) -> None:
            if photo is not None and QCursor.pos() == where:
                QToolTip.showText(where, spoken(photo), self._grid.viewport())

        self._reader.ask(lambda reader: reader.photo(photo_id), show)
