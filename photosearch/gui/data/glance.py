"""What the library knows of a photo, read at once: enough to show it before its picture has come."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QImage

from photosearch.gui.data.preview_cache import decoded
from photosearch.store.folders import ANY_FILE, FileChoice
from photosearch.store.reader import Reader
from photosearch.store.rows import Details


class Glance(NamedTuple):
    """A photo's details and thumbnail; None and a null image where there are none."""

    details: Details | None
    thumbnail: QImage


def glance(reader: Reader, photo_id: int, at_ms: int | None = None, choice: FileChoice = ANY_FILE) -> Glance:
    """Read both of a photo, or of a video at a time; in the library's thread.

    Args:
        choice: see `Reader.details`
    """
    jpeg = None if at_ms is None else reader.frame_thumbnail(photo_id, at_ms)
    jpeg = jpeg or reader.thumbnail(photo_id)
    return Glance(reader.details(photo_id, choice), decoded(jpeg) if jpeg else QImage())
