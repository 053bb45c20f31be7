"""What is worth a message of the desktop while the person looks elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from photosearch import settings
from photosearch.core import messages, note_messages
from photosearch.core.progress import Progress
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.desktop import files
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.library.contents import why_not_here
from photosearch.i18n import tr, tr_n, translated

LONG_SECONDS = 60.0  # work that took less needs no word

Say = Callable[[str, str], object]  # title, text


class Notifications(QObject):
    """Tells of the end of long work, of problems, of drives that went and of new photos in live albums.

    Of nothing while the window is used.

    Args:
        say: shows a message without taking the keyboard from anything.
        clock: seconds.
    """

    def __init__(
        self,
        window: QWidget,
        link: EngineLink,
        preferences: Preferences,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._window, self._preferences, self._say, self._clock = window, preferences, say, clock
        self._busy_since: float | None = None
        self._work = Progress("idle")  # as it was told last while there was some
        self._away: set[bytes] | None = None  # None until it was told once
        link.event_received.connect(self._on_event)

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case messages.ProgressChanged():
                self._on_progress(event.progress)
            case messages.FoldersChanged():
                self._on_folders(event.folders)
            case note_messages.NewInAlbums():
                self._on_new_in_albums(event.photos)
            case messages.Problem():
                self._notify("PhotoSearch", translated(event.sentence))

    def _on_progress(self, progress: Progress) -> None:
        if progress.state != "idle":
            self._busy_since = self._clock() if self._busy_since is None else self._busy_since
            self._work = progress
        elif self._busy_since is not None:
            took, self._busy_since = self._clock() - self._busy_since, None
            read = self._work.done - self._work.failed
            if took >= LONG_SECONDS and read > 0:
                self._notify(
                    tr("Your photos can be searched"),
                    tr_n("{n} photo was read.", "{n} photos were read.", read),
                )

    def _on_new_in_albums(self, photos: Mapping[str, int]) -> None:
        lines = {name: tr_n("{n} photo came.", "{n} photos came.", n) for name, n in photos.items()}
        if len(lines) == 1:
            ((name, came),) = lines.items()
            self._notify(tr("“{name}” has new photos", name=name), came)
        else:
            told = (tr("“{name}”: {came}", name=name, came=came) for name, came in lines.items())
            self._notify(tr("Albums have new photos"), "\n".join(told))

    def _on_folders(self, folders: Sequence[messages.FolderStatus]) -> None:
        before = self._away
        self._away = {folder.path_bytes for folder in folders if folder.state != "here"}
        for folder in folders:
            path = folder.path_bytes
            if before is not None and path in self._away - before:
                self._notify(
                    tr("“{name}” is away", name=files.shown(os.path.basename(path) or path)),  # noqa: PTH119
                    why_not_here(gone=folder.state == "gone"),
                )

    def _notify(self, title: str, text: str) -> None:
        if self._preferences.value(settings.NOTIFY) == settings.YES and not self._window.isActiveWindow():
            self._say(title, text)
