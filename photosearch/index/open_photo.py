"""A photo's file, opened: what took its place since it was read is given to nobody."""

import contextlib
import os
import stat
from io import BufferedReader
from typing import NamedTuple

from photosearch.core.photo import content_hash_in, ctime_ns_of, mtime_ns_of
from photosearch.decode.image import DecodeError
from photosearch.decode.reading import opened, readable
from photosearch.store.reader import Reader
from photosearch.store.rows import ListedPhoto


class OpenPhoto(NamedTuple):
    """A file that holds its photo, from its beginning; who has it closes its content."""

    path: bytes
    content: BufferedReader
    status: os.stat_result

    def check(self) -> None:
        """
        Raises:
            DecodeError: its path leads elsewhere by now, or something was written into it meanwhile.
        """
        with readable(self.path):
            if _marks(os.stat(self.path)) != _marks(self.status):  # noqa: PTH116  (pathlib takes no bytes)
                raise _changed()


def open_photo(path: bytes, photo: ListedPhoto, reader: Reader) -> OpenPhoto:
    """Open a file of a photo.

    Raises:
        DecodeError: it cannot be opened, or what lies there by now is not the photo.
    """
    with contextlib.ExitStack() as unless_held, readable(path):
        content = unless_held.enter_context(opened(path))
        file = OpenPhoto(path, content, os.fstat(content.fileno()))
        if not _holds(file, photo, reader):
            raise _changed()
        content.seek(0)
        unless_held.pop_all()
    return file


def _holds(file: OpenPhoto, photo: ListedPhoto, reader: Reader) -> bool:
    there = file.status
    if not stat.S_ISREG(there.st_mode):
        return False
    known = reader.holds(file.path, there.st_size, mtime_ns_of(there), ctime_ns_of(there))
    return known == photo.photo_id or content_hash_in(file.content) == photo.content_hash


def _marks(there: os.stat_result) -> tuple[int, ...]:
    return there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns


def _changed() -> DecodeError:
    return DecodeError("the file is not as it was when it was read", passing=True)
