"""Photos for other programs, by the clipboard: as files, as paths, as pixels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication

from photosearch.core.photo import Photo
from photosearch.gui.data.preview_cache import PreviewCache, PreviewWish
from photosearch.gui.desktop import files

_EDGE = 2560  # pixels of a photo that nobody has looked at yet


def copy_files(photos: Sequence[Photo]) -> None:
    copied = QMimeData()
    copied.setText("\n".join(files.shown(photo.path_bytes) for photo in photos))
    copied.setUrls([files.url(photo.path_bytes) for photo in photos])
    QGuiApplication.clipboard().setMimeData(copied)


class PictureCopier(QObject):
    """Copies the pixels of a photo once the engine has given them."""

    failed = Signal(object)  # str

    def __init__(self, previews: PreviewCache) -> None:
        super().__init__()
        self._previews = previews
        self._awaited: int | None = None  # photo id
        previews.arrived.connect(self._came)
        previews.failed.connect(self._came)

    def copy(self, photo_id: int) -> None:
        self._awaited = photo_id
        if self._previews.get(photo_id) or self._previews.failure(photo_id):
            self._came(photo_id)
        else:
            self._previews.want([PreviewWish(photo_id, _EDGE)])

    def _came(self, photo_id: int) -> None:
        if photo_id != self._awaited:
            return
        self._awaited = None
        if picture := self._previews.get(photo_id):
            QGuiApplication.clipboard().setImage(picture.image)
        else:
            self.failed.emit(self._previews.failure(photo_id))
