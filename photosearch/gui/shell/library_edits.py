"""What the person wants done with folders, albums, saved searches and things: named, renamed, removed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from photosearch.core import messages, note_messages, tag_messages
from photosearch.core.tags import Tag
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.desktop import files
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.library.contents import folder_name
from photosearch.gui.library.sidebar import Sidebar
from photosearch.gui.library.status import Offer, StatusLine
from photosearch.gui.widgets import dialogs
from photosearch.i18n import tr
from photosearch.store.rows import Album, LiveAlbum, SavedSearch


class LibraryEdits(QObject):
    """Asks for what is still to be known of what the sidebar says is wanted, and has it done."""

    def __init__(
        self, link: EngineLink, sidebar: Sidebar, grid: PhotoGrid, status: StatusLine, window: QWidget
    ) -> None:
        super().__init__(window)
        self._link, self._grid, self._status, self._window = link, grid, status, window
        sidebar.leave_out_wanted.connect(lambda path: self._link.order(self, messages.LeaveOut(path)))
        sidebar.removal_wanted.connect(self._on_removal_wanted)
        sidebar.album_wanted.connect(lambda: self.ask_for_album(()))
        sidebar.tag_wanted.connect(lambda: self._ask_for_tag())
        sidebar.tag_restored.connect(lambda name: self._link.order(self, tag_messages.RestoreTag(name)))
        sidebar.rename_wanted.connect(self._on_rename_wanted)
        sidebar.photos_dropped.connect(lambda album: self.add_to_album(album, grid.selected_ids.tolist()))

    def ask_for_album(self, photo_ids: Sequence[int] | None = None) -> None:
        """A new album, of these photos; None: of the selected ones."""
        photo_ids = tuple(self._grid.selected_ids.tolist() if photo_ids is None else photo_ids)

        def create(name: str) -> None:
            self._link.order(self, note_messages.CreateAlbum(name, photo_ids))

        dialogs.ask_name(self._window, tr("New album"), tr("Name"), "", create)

    def add_to_album(self, album: Album | None, photo_ids: Sequence[int]) -> None:
        """Put photos into an album; None: into a new one, for which a name is asked."""
        if album is None:
            self.ask_for_album(photo_ids)
        elif photo_ids:
            self._link.order(self, note_messages.ChangeAlbum(album.album_id, tuple(photo_ids)))

    def _on_removal_wanted(self, thing: bytes | Album | LiveAlbum | SavedSearch | Tag) -> None:
        match thing:
            case bytes():
                self._ask_to_remove(thing)
            case Album():  # what can be undone is not asked about
                self._link.order(self, note_messages.DeleteAlbum(thing.album_id))
            case LiveAlbum() | SavedSearch():
                self._link.order(self, note_messages.DeleteSearch(thing.search_id))
            case Tag():
                self._link.order(self, tag_messages.RemoveTag(thing.name))

    def _ask_to_remove(self, path: bytes) -> None:
        name = folder_name(path)
        said = tr("“{name}” is no longer in the library.", name=name)
        again = Offer(lambda: tr("Add it again"), lambda: self._link.order(self, messages.AddFolder(path)))
        dialogs.confirm(
            self._window,
            tr("Remove “{name}” from the library?", name=name),
            tr(
                "Its photos are not shown any more. They stay on the disk, untouched, and what you wrote "
                "about them comes back if you add the folder again."
            ),
            tr("Remove"),
            lambda: self._link.order(
                self, messages.RemoveFolder(path), lambda _: self._status.show_message(said, again)
            ),
        )

    def _on_rename_wanted(self, thing: bytes | Album | LiveAlbum | Tag | SavedSearch) -> None:
        if isinstance(thing, bytes):
            self._lead_to_file_manager(thing)
        elif isinstance(thing, Tag):
            self._ask_for_tag(thing)
        else:
            self._ask_for_new_name(thing)

    def _lead_to_file_manager(self, path: bytes) -> None:
        """A folder is called here what it is called on the disk, where nothing is ever changed."""
        name = folder_name(path)
        how = tr(
            "PhotoSearch changes nothing there. Rename the folder in the file manager: it is called so here "
            "soon after, and captions, stars and albums stay with its photos."
        )
        dialogs.confirm(
            self._window,
            tr("“{name}” is called what it is called on the disk", name=name),
            how,
            tr("Show in file manager"),
            lambda: files.reveal(path),
        )

    def _ask_for_new_name(self, thing: Album | LiveAlbum | SavedSearch) -> None:
        def rename(name: str) -> None:
            if isinstance(thing, Album):
                self._link.order(self, note_messages.RenameAlbum(thing.album_id, name))
            else:
                self._link.order(self, note_messages.RenameSearch(thing.search_id, name))

        title = tr("Rename saved search") if isinstance(thing, SavedSearch) else tr("Rename album")
        dialogs.ask_name(self._window, title, tr("Name"), thing.name, rename)

    def _ask_for_tag(self, tag: Tag | None = None) -> None:
        """What the person calls a thing, and what a model is asked for it; None: a new one."""
        wording = QLineEdit("; ".join(tag.ask) if tag else "")
        wording.setObjectName("line")
        wording.setPlaceholderText(tr("a brown dog; a dog with a red collar"))
        said = QLabel(tr("What is looked for where that is not the name; semicolons part several ways:"))
        said.setBuddy(wording)
        wording.setAccessibleName(said.text())

        def save(name: str) -> None:
            asked = tuple(one.strip() for one in re.split("[;；]", wording.text()) if one.strip())
            if tag is None:
                self._link.order(self, tag_messages.AddTag(name, asked))
            elif name != tag.name:
                self._link.order(
                    self, tag_messages.RenameTag(tag.name, name), lambda _: change_wording(name, asked)
                )
            else:
                change_wording(name, asked)

        def change_wording(name: str, asked: tuple[str, ...]) -> None:
            if tag is not None and asked != tag.ask:
                self._link.order(self, tag_messages.AddTag(name, asked))

        dialogs.ask_name(
            self._window,
            tr("“{tag}” among the things", tag=tag.name) if tag else tr("Add a tag"),
            tr("Its name, such as: Rusty, or red sofa"),
            tag.name if tag else "",
            save,
            said,
            wording,
        )
