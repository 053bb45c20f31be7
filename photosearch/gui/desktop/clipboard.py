"""Photos for other programs, by the clipboard: as files, as paths, as pixels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from photosearch.core.photo import Photo
from photosearch.gui.data.preview_cache import PreviewCache, PreviewWish
from photosearch.gui.desktop import files

_EDGE = 2560  # pixels of a photo that nobody has looked at yet


def copy_files(photos: Sequence[Photo]) -> None:
    """Put photos on the clipboard as files, and their paths as text, a line each."""
    QGuiApplication.clipboard().setMimeData(files.mime_data(photos))


class PictureCopier(QObject):
    """Copies the pixels of a photo once the engine has given them; what is copied meanwhile stays."""

    failed = Signal(object)  # str

    def __init__(self, previews: PreviewCache) -> None:
        super().__init__()
        self._previews = previews
        self._awaited: int | None = None  # photo id
        previews.arrived.connect(self._on_preview)
        previews.failed.connect(self._on_preview)
        QGuiApplication.clipboard().dataChanged.connect(self._forget)

    def copy(self, photo_id: int) -> None:
        """Put a photo's pixels on the clipboard as soon as they are here."""
        self._awaited = photo_id
        if self._previews.get(photo_id) or self._previews.failure(photo_id):
            self._on_preview(photo_id)
        else:
            self._previews.keep(PreviewWish(photo_id, _EDGE))

    def _forget(self) -> None:
        self._awaited = None

    def _on_preview(self, photo_id: int) -> None:
        if photo_id != self._awaited:
            return
        self._awaited = None
        if picture := self._previews.get(photo_id):
            QGuiApplication.clipboard().setImage(picture.image)
        else:
            self.failed.emit(self._previews.failure(photo_id))
