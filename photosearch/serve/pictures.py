"""Answers with pictures: thumbnails, previews and the files themselves, each by the id of its photo alone."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from io import BufferedReader
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from photosearch.core.errors import Sentence
from photosearch.core.messages import Preview
from photosearch.decode.image import DecodeError
from photosearch.index.open_photo import OpenPhoto, open_photo
from photosearch.serve.saying import Call, Refused, living
from photosearch.serve.shapes import OfPhoto, PreviewAsked
from photosearch.store.reader import Reader
from photosearch.store.rows import ListedPhoto

_CHUNK = 256 << 10  # bytes
# What browsers may show by themselves; everything else is a file to them.
_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "JXL": "image/jxl",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
    "WEBM": "video/webm",
    "MKV": "video/x-matroska",
    "AVI": "video/x-msvideo",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def thumbnail(call: Call, asked: OfPhoto) -> Response:
    """A JPEG of at most 512 pixels."""
    with call.asking.reader() as reader:
        photo = living(reader, asked.photo_id)
        etag = f'"{photo.content_hash.hex()}-t"'
        if _is_known(call, etag):
            return _unchanged(etag)
        jpeg = reader.thumbnail(asked.photo_id)
    if jpeg is None:
        raise Refused(404, Sentence("This photo has no thumbnail; index its folder again."))
    return _picture(jpeg, etag)


def preview(call: Call, asked: PreviewAsked) -> Response:
    """A JPEG, upright, in sRGB and without metadata."""
    with call.asking.reader() as reader:
        photo = living(reader, asked.photo_id)
        etag = f'"{photo.content_hash.hex()}-{asked.edge}"'
        if _is_known(call, etag):
            return _unchanged(etag)
        with _file_of(photo, reader).content:
            pass  # the engine looks, too, and does not know what HTTP says of it
        jpeg = call.asking.call(Preview(asked.photo_id, asked.edge)).jpeg
    return _picture(jpeg, etag)


def original(call: Call, asked: OfPhoto) -> Response:
    """The file itself, with all that it says; or a part of it, where a Range is asked for."""
    with call.asking.reader() as reader:
        photo = living(reader, asked.photo_id)
        file = _file_of(photo, reader)
    return _of_file(call, photo, file)


def _of_file(call: Call, photo: ListedPhoto, file: OpenPhoto) -> Response:
    etag = f'"{photo.content_hash.hex()}"'
    if _is_known(call, etag):
        file.content.close()
        return _unchanged(etag)
    name = quote(os.path.basename(os.fsdecode(file.path)).encode(errors="replace"))
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
    }
    kind = _TYPES.get(photo.format, "application/octet-stream")
    size = file.status.st_size
    start, end, status = 0, size, 200
    if call.headers.get("if-range", etag) == etag and (
        part := _RANGE.fullmatch(call.headers.get("range", ""))
    ):
        first, last = part.groups()
        if not first and not last:
            pass  # it asks for nothing that we know
        elif not first:
            start = max(0, size - int(last))
            status = 206 if int(last) else 416
        else:
            start = int(first)
            end = min(size, int(last) + 1) if last else size
            status = 206 if start < end else 416
        if status == 416:
            file.content.close()
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    if call.head:  # a film is not read for that
        file.content.close()
        return Response(None, status, headers, kind)
    return StreamingResponse(_bytes_of(file.content, start, end), status, headers, kind)


async def _bytes_of(content: BufferedReader, start: int, end: int) -> AsyncIterator[bytes]:
    """A part of a file, as fast as it is taken."""
    with content:
        await asyncio.to_thread(content.seek, start)
        left = end - start
        while left and (part := await asyncio.to_thread(content.read, min(left, _CHUNK))):
            left -= len(part)
            yield part


def _file_of(photo: ListedPhoto, reader: Reader) -> OpenPhoto:
    """A file of the photo, of those on drives that are here.

    Raises:
        Refused: they are gone, or others by now.
    """
    for path in reader.paths_here(photo.photo_id):
        with contextlib.suppress(DecodeError):
            return open_photo(path, photo, reader)
    raise Refused(404, Sentence("The file of this photo is not there, or not as it was when it was read."))


def _is_known(call: Call, etag: str) -> bool:
    named = call.headers.get("if-none-match", "")
    return named.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in named.split(",")]


def _picture(jpeg: bytes, etag: str) -> Response:
    return Response(jpeg, 200, {"ETag": etag, "Cache-Control": "private, no-cache"}, "image/jpeg")


def _unchanged(etag: str) -> Response:
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
