"""What one can do with the photos selected in the grid."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QCursor, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QToolTip

from photosearch.core.photo import Photo
from photosearch.gui import files
from photosearch.gui.grid import PhotoGrid
from photosearch.gui.icons import icon
from photosearch.gui.library_reader import LibraryReader
from photosearch.i18n import tr


class PhotoActions(QObject):
    """Shortcuts work while the grid has the keyboard; paths are read in the library's thread."""

    similar_wanted = Signal(object)  # photo id
    failed = Signal(object)  # str

    def __init__(self, grid: PhotoGrid, reader: LibraryReader) -> None:
        super().__init__(grid)
        self._grid, self._reader = grid, reader
        self.open = self._action(tr("Open"), "open", "", self._open_selected)  # Enter is the grid's own
        self.reveal = self._action(tr("Show in file manager"), "folder", "Ctrl+R", self._reveal)
        self.copy = self._action(tr("Copy path"), "copy", QKeySequence.StandardKey.Copy, self._copy)
        self.similar = self._action(tr("Find similar photos"), "similar", "S", self._similar)
        grid.opened.connect(self._open)
        grid.menu_wanted.connect(self._show_menu)
        grid.hover_text_wanted.connect(self._hover_text)

    def menu(self) -> QMenu:
        menu = QMenu(self._grid)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)  # behind its round corners
        menu.addAction(self.open)
        menu.addAction(self.similar)
        menu.addSeparator()
        menu.addAction(self.reveal)
        menu.addAction(self.copy)
        return menu

    def _action(
        self, text: str, picture: str, keys: str | QKeySequence.StandardKey, act: Callable[[], object]
    ) -> QAction:
        action = QAction(text, self._grid)
        if picture:
            action.setIcon(icon(picture))
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: act())
        self._grid.addAction(action)
        return action

    def _show_menu(self, where: QPoint) -> None:
        self.menu().popup(where)

    def _first(self) -> int | None:
        selected = self._grid.selected_ids
        return int(selected[0]) if len(selected) else None

    def _with_photo(self, photo_id: int | None, act: Callable[[Photo], None]) -> None:
        def then(photo: Photo | None) -> None:
            if photo is None:
                self.failed.emit(tr("That photo is not there any more."))
            elif photo.away:
                self.failed.emit(tr("That photo is on a drive that is not connected."))
            else:
                act(photo)

        if photo_id is not None:
            self._reader.ask(lambda reader: reader.photo(photo_id), then)

    def _open_selected(self) -> None:
        self._open(self._first())

    def _open(self, photo_id: int | None) -> None:
        def act(photo: Photo) -> None:
            if not files.open_file(photo.path_bytes):
                self.failed.emit(tr("No program opened {file}.", file=files.shown(photo.path_bytes)))

        self._with_photo(photo_id, act)

    def _reveal(self) -> None:
        self._with_photo(self._first(), lambda photo: files.reveal(photo.path_bytes))

    def _copy(self) -> None:
        selected = self._grid.selected_ids

        def copy(photos: list[Photo]) -> None:
            copied = QMimeData()
            copied.setText("\n".join(files.shown(photo.path_bytes) for photo in photos))
            copied.setUrls([files.url(photo.path_bytes) for photo in photos])
            QGuiApplication.clipboard().setMimeData(copied)

        if len(selected):
            self._reader.ask(lambda reader: reader.photos(selected), copy)

    def _similar(self) -> None:
        photo_id = self._first()
        if photo_id is not None:
            self.similar_wanted.emit(photo_id)

    def _hover_text(self, photo_id: int) -> None:
        where = QCursor.pos()

        def show(photo: Photo | None) -> None:
            if photo is not None and QCursor.pos() == where:
                name = files.shown(photo.path_bytes).replace("\\", "/").rsplit("/", 1)[-1]
                taken = f"\n{photo.taken_at[:16].replace('T', ' ')}" if photo.taken_at else ""
                QToolTip.showText(where, name + taken, self._grid.viewport())

        self._reader.ask(lambda reader: reader.photo(photo_id), show)
