"""Photos and folders that the window is asked to open: as it was started, by a file manager, or by a drop."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox

from photosearch.core import messages
from photosearch.core.file_names import is_photo_name
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.library.places import ALL, Place
from photosearch.gui.library.status import Offer
from photosearch.gui.query import examples
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import dialogs
from photosearch.gui.widgets.drops import DropOverlay, paths_in
from photosearch.i18n import tr
from photosearch.search.query import of_path
from photosearch.store.folders import FileChoice, contains
from photosearch.store.reader import Reader


class _Known(NamedTuple):
    """What the library has of a path."""

    photo_id: int | None = None
    is_copy: bool = False  # where one looks, the photo goes by another file
    in_folder: bool = False  # it is one of the library's, or below one


class Opening(QObject):
    """Looks at a photo of the library's, and shows a folder of it; of others it offers to add the folder.

    A photo of another folder can be handed to another program, too. What is dropped on the window is opened
    so; but a folder is added at once, and for a model the way to the settings is shown.
    """

    def __init__(self, window: Window, reader: LibraryReader, link: EngineLink) -> None:
        super().__init__(window)
        self._window, self._reader = window, reader
        self._asked: tuple[bytes, ...] = ()  # until the library said what it has of them
        self._dropped = False  # they were, onto the window
        self._awaited = b""  # a photo that is looked at once it has been read
        DropOverlay(window, self._drop_text).dropped.connect(self._on_drop)
        reader.absent.connect(self._on_absent)
        link.connected.connect(lambda _: self._ask())  # it can read what an older program left
        link.event_received.connect(self._on_event)

    def open(self, paths: Sequence[bytes]) -> None:
        """Show what these name: the first of them that the library has, else offer to add the first.

        Args:
            paths: whole ones, of photos and folders
        """
        self._look_up(paths, dropped=False)

    def open_dropped(self, paths: Sequence[bytes]) -> None:
        """Show the first of these pictures that the library has, else find photos like them.

        Where there is nothing to search yet, the folder of the first is offered.
        """
        self._look_up(paths, dropped=True)

    def _drop_text(self, event: QDropEvent) -> str:
        from_here = event.source() is not None  # its own photos, on their way to an album or elsewhere
        if from_here or not paths_in(event.mimeData()):
            return ""
        if _folders(event.mimeData()):
            return tr("Drop to add this folder")
        return tr("Drop to find photos like it") if self._window.has_photos else tr("Drop to add its folder")

    def _on_drop(self, dropped: QMimeData) -> None:
        if photos := examples.paths_of(dropped):
            self.open_dropped(tuple(map(os.fsencode, photos)))
        for folder in _folders(dropped):
            if _holds_model(Path(folder)):
                self._lead_to_models(files.shown(os.fsencode(Path(folder).name)))
            else:
                self._window.add_folder(folder)

    def _lead_to_models(self, name: str) -> None:
        """A model was dropped where photos are."""
        told = tr("“{name}” is a model; drop it in Settings › Models, or Import a folder there.", name=name)
        show = Offer(lambda: tr("Show the models"), lambda: self._window.search.model_wanted.emit(""))
        self._window.status.show_offer(told, show)

    def _look_up(self, paths: Sequence[bytes], *, dropped: bool) -> None:
        self._asked, self._dropped, self._awaited = tuple(paths), dropped, b""
        self._ask()

    def _ask(self) -> None:
        if paths := self._asked:
            self._reader.ask(
                self,
                lambda reader: [_known(reader, path, self._reader.choice) for path in paths],
                lambda known: self._on_known(paths, known),
            )

    def _on_known(self, paths: tuple[bytes, ...], known: list[_Known]) -> None:
        if paths is not self._asked:
            return  # others were asked for meanwhile
        self._asked = ()
        for path, found in zip(paths, known, strict=True):
            if found.photo_id is not None:
                self._look_at(found.photo_id, path if found.is_copy else None)
                return
            if found.in_folder and not is_photo_name(path):
                self._window.viewer.close_detail()
                self._window.library.go(Place("folder", path=path))
                return
        if paths and self._dropped and self._window.has_photos:
            self._window.answer(" ".join(of_path("like", os.fsdecode(path)) for path in paths))
        elif paths:
            self._offer(paths[0], in_folder=known[0].in_folder)

    def _on_absent(self) -> None:
        self._on_known(self._asked, [_Known() for _ in self._asked])

    def _look_at(self, photo_id: int, copy: bytes | None = None) -> None:
        """Look at a photo, and at the folder of a file that it does not go by elsewhere."""
        if copy is None and photo_id in self._window.grid.ids:
            self._window.viewer.open(photo_id)
        else:
            folder = os.path.dirname(os.path.realpath(copy)) if copy else b""  # noqa: PTH120  (bytes)
            self._window.library.go(Place("folder", path=folder) if folder else ALL)
            self._reader.ask(self, lambda _: photo_id, self._window.viewer.open)  # after what is there now

    def _offer(self, path: bytes, *, in_folder: bool) -> None:
        self._window.viewer.close_detail()  # it would hide what is said
        folder = os.path.dirname(path) if is_photo_name(path) else path  # noqa: PTH120  (bytes)
        name = files.shown(os.path.basename(path))  # noqa: PTH119
        if in_folder:
            self._awaited = path
            self._window.status.show_message(
                tr("“{name}” has not been read yet; it is shown as soon as that is done.", name=name)
            )
            return

        elsewhere = Offer(lambda: tr("Open with…"), lambda: self._open_elsewhere(path))
        if is_photo_name(path) and _holds_all_sorts(folder):
            self._window.status.show_offer(
                tr(
                    "“{name}” is not in the library; its folder holds more than photos and is not offered.",
                    name=name,
                ),
                elsewhere,
            )
            return

        def add() -> None:
            self._awaited = path
            self._window.add_folder(os.fsdecode(folder))

        box = dialogs.confirm(
            self._window,
            tr("“{name}” is not in the library yet. Add its folder?", name=name)
            if is_photo_name(path)
            else tr("Add the folder “{name}”?", name=name),
            tr(
                "The photos in {folder} and below it are read, and can be found from then on. The files stay "
                "as they are.",
                folder=files.shown(folder),
            ),
            tr("Add this folder"),
            add,
        )
        if is_photo_name(path):
            box.addButton(elsewhere.text(), QMessageBox.ButtonRole.ActionRole).clicked.connect(elsewhere.take)

    def _open_elsewhere(self, path: bytes) -> None:
        """By a program that the person chooses: the one that the system has for photos may be this one."""
        refused = tr("No program opened {file}.", file=files.shown(path))
        files.choose_program(path, self._window, lambda: self._window.status.show_problem(refused))

    def _on_event(self, event: messages.AnyEvent) -> None:
        if self._awaited and isinstance(event, messages.PhotosChanged):
            path = self._awaited
            self._reader.ask(
                self,
                lambda reader: _known(reader, path, self._reader.choice),
                lambda found: self._on_read(path, found),
            )

    def _on_read(self, path: bytes, found: _Known) -> None:
        if found.photo_id is not None and path == self._awaited:
            self._awaited = b""
            self._look_at(found.photo_id, path if found.is_copy else None)


def _holds_all_sorts(folder: bytes) -> bool:
    """Whether it is a drive, the person's own folder or that of temporary files."""
    whole = Path(os.fsdecode(folder))
    return whole in (Path(whole.anchor), Path.home(), Path(tempfile.gettempdir()))


def _known(reader: Reader, path: bytes, choice: FileChoice) -> _Known:
    whole = os.path.realpath(path)
    photo_id = reader.photo_at(path)
    if photo_id is None:
        photo_id = reader.photo_at(whole)
    photo = reader.photo(photo_id, choice) if photo_id is not None else None
    is_copy = photo is not None and photo.path_bytes not in (path, whole)
    return _Known(photo_id, is_copy, any(contains(folder.path, whole) for folder in reader.folders()))


def _folders(mime: QMimeData) -> list[str]:
    """The paths of what is not named like a picture."""
    return [path for path in paths_in(mime) if not is_photo_name(os.fsencode(path))]


def _holds_model(folder: Path) -> bool:
    """Whether it is a model's folder, ours or as the hub has it: it holds weights, and no photo itself."""
    try:
        if not (folder / "config.json").is_file():
            return False
        kinds = {file.suffix.lower() for file in folder.iterdir()}
    except OSError:
        return False  # whoever adds it says why it cannot be read
    return ".safetensors" in kinds and kinds.isdisjoint(PHOTO_EXTENSIONS)
