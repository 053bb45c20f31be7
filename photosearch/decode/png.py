"""Metadata that a PNG holds behind its pixels, where Pillow meets it only after these."""

import io
import struct
from collections.abc import Iterator

from PIL.PngImagePlugin import PngImageFile, PngStream

from photosearch.decode.exif import BROKEN

_SIGNATURE = 8  # bytes
_CHUNK = struct.Struct(">I4s")
_CHECKSUM = 4
_METADATA = (b"eXIf", b"iTXt", b"tEXt", b"zTXt")


def complete(image: PngImageFile, data: bytes) -> None:
    """Give an opened image all the metadata of its file, with none of its pixels read."""
    for kind, body in _behind_the_pixels(data):
        stream = PngStream(io.BytesIO(body))
        try:
            stream.call(kind, 0, len(body))
        except BROKEN:
            continue
        image.info.update(stream.im_info)
    if "Raw profile type exif" not in image.info:
        image.info.setdefault("exif", b"")  # Pillow would look for it behind the pixels


def _behind_the_pixels(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, behind = _SIGNATURE, False
    while at + _CHUNK.size <= len(data):
        size, kind = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        behind = behind or kind == b"IDAT"
        if behind and kind in _METADATA:
            yield kind, data[at : at + size]
        at += size + _CHECKSUM
