"""JPEG XL, which libjxl reads where the extra `jxl` is installed."""

import struct
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from photosearch.decode import jxl_header
from photosearch.decode.boxes import Box, boxes

FORMAT = "JXL"
_BARE, _CONTAINED = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
_WHOLE, _PART, _PART_NUMBER = b"jxlc", b"jxlp", 4  # bytes before the content of a part
_METADATA = (b"Exif", b"xml ", b"brob")  # the last: one of the others, compressed
_BEGINNING = _CONTAINED + b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
# One black pixel, which stands in for the picture where only what is said of it is read.
_PIXEL = bytes.fromhex("ff0a00101009080401001c004b188b15820300")


def is_jxl(data: bytes) -> bool:
    """Whether a file is JPEG XL, in a container or without one."""
    return data.startswith((_BARE, _CONTAINED))


class JxlImage(ImageFile.ImageFile):
    """Its pixels come upright and in 8 bits; of an animation they are the last frame's."""

    format = FORMAT
    format_description = "JPEG XL"

    def _open(self) -> None:
        """
        Raises:
            ImportError: the extra is not installed.
            RuntimeError: it is damaged.
        """
        import pylibjxl  # lazily: it may not be there, and loads a codec that most folders never need

        assert self.fp is not None
        data = self.fp.read()
        self._codestream = _codestream_of(data)
        said = pylibjxl.probe(self._codestream)
        self._size = (said["width"], said["height"])
        self._mode = {1: "L", 2: "LA", 4: "RGBA"}.get(said["channels"], "RGB")
        self.space = jxl_header.space_of(self._codestream)
        self.info.update(_metadata_of(data))

    def load(self) -> Any:
        """Read the picture.

        Raises:
            RuntimeError: it is damaged.
            MemoryError: it needs more than there is.
        """
        if self._codestream:
            pixels, said = _decode(self._codestream)
            self._codestream = b""
            picture = Image.fromarray(pixels)
            self.im, self._size, self._mode = picture.im, picture.size, picture.mode
            self.info["icc_profile"] = said.get("icc")
        return Image.Image.load(self)


def _codestream_of(data: bytes) -> bytes:
    """The picture itself, out of the parts that a container may have it in."""
    if not data.startswith(_CONTAINED):
        return data
    parts = {_WHOLE: 0, _PART: _PART_NUMBER}
    return b"".join(
        data[box.start + parts[box.kind] : box.end] for box in boxes(data, 0, len(data)) if box.kind in parts
    )


def _metadata_of(data: bytes) -> dict[str, bytes]:
    """EXIF and XMP, as Pillow names them; empty where they are damaged, or unpack to too much."""
    if not data.startswith(_CONTAINED):
        return {}
    kept = [_written(data, box) for box in boxes(data, 0, len(data)) if box.kind in _METADATA]
    if not kept:
        return {}
    try:
        _, said = _decode(_BEGINNING + _box(_WHOLE, _PIXEL) + b"".join(kept))
    except (RuntimeError, MemoryError):
        return {}
    return {name: said[name] for name in ("exif", "xmp") if name in said}


def _decode(data: bytes) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], dict[str, bytes]]:
    """-> pixels (height, width[, channels]), and what is said of them: "icc", "exif", "xmp"."""
    import pylibjxl

    with pylibjxl.JXL(threads=1, pool_size=1) as decoder:  # there are as many children as there are cores
        return decoder.decode(data, metadata=True)


def _written(data: bytes, box: Box) -> bytes:
    return _box(box.kind, data[box.start : box.end])


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content
