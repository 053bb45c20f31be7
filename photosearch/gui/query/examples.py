"""Pictures as queries: what was dropped or pasted, and the picture that its chip shows."""

from __future__ import annotations

import os

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QRect, QSize, Qt
from PySide6.QtGui import QImage

from photosearch.core.file_names import is_photo_name
from photosearch.gui.widgets.drops import paths_in
from photosearch.store.reader import Reader

_EDGE = 768  # more than any model looks at


def paths_of(mime: QMimeData) -> list[str]:
    """Return the paths of the files that are named like pictures."""
    return [path for path in paths_in(mime) if is_photo_name(os.fsencode(path))]


def holds_picture(mime: QMimeData) -> bool:
    """Return whether what is dropped or pasted has a picture."""
    return mime.hasImage() or bool(paths_of(mime))


def as_file(image: QImage) -> bytes:
    """Return a PNG of the image, of at most 768 pixels on the long edge."""
    if max(image.width(), image.height()) > _EDGE:
        image = image.scaled(
            QSize(_EDGE, _EDGE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(held.data())


def tiny(reader: Reader, picture: int | str | bytes, edge: int) -> QImage | None:
    """Return the middle of what image_of() has, `edge` pixels square."""
    image = image_of(reader, picture)
    if image is None:
        return None
    side = min(image.width(), image.height())
    middle = image.copy(QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side))
    return middle.scaled(
        edge, edge, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def image_of(reader: Reader, picture: int | str | bytes) -> QImage | None:
    """Return a picture, small: of a photo's id, a path of one, or what as_file() made.

    None for other files: only the engine reads those.
    """
    if isinstance(picture, str):
        found = reader.photo_at(os.fsencode(os.path.expanduser(picture)))  # noqa: PTH111
        if found is None:
            return None
        picture = found
    content = reader.thumbnail(picture) if isinstance(picture, int) else picture
    # Named, so that Qt asks no other format's plugin: see data/thumbnail_cache.py.
    made = "JPG" if isinstance(picture, int) else "PNG"
    image = QImage.fromData(content, made) if content is not None else QImage()  # type: ignore[arg-type]
    return None if image.isNull() else image
