"""A library filled with photos as indexing would fill it, without any file."""

import hashlib
from collections.abc import Callable

import msgspec
import numpy as np

from photosearch.core.photo import Facts
from photosearch.decode.thumbnail import thumbnail
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.photos import picture

SIZES = [(96, 64), (64, 96), (80, 80), (120, 64)]


class Shelf:
    """Puts photos into a library as indexing would."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._count = 0

    def add(
        self,
        count: int,
        jpeg: Callable[[int], bytes] | None = None,
        *,
        folder: bytes = b"/photos",
        name: bytes = b"%d.jpg",
        **facts: object,
    ) -> list[int]:
        """`count` more photos, each newer than the ones before, with these facts; -> their ids."""
        with Writer.open(self._library) as writer:
            added = writer.add_folder(folder, "a volume")
            writer.register_model("model", "model", 4)
            files = []
            for number in range(self._count, self._count + count):
                width, height = SIZES[number % len(SIZES)]
                files.append(
                    IndexedFile(
                        folder_id=added.folder_id,
                        path=b"%b/%b" % (folder, name % number if b"%" in name else name),
                        size=1,
                        mtime_ns=(1_000_000 + number) * 10**9 * 60,
                        content_hash=hashlib.blake2b(b"%d" % number, digest_size=20).digest(),
                        facts=msgspec.structs.replace(Facts("JPEG", width, height), **facts),
                        colour=b"\x80\x80\x80",
                        vector=np.ones(4, dtype=np.float16),
                        bias=0.0,
                        thumbnail=jpeg(number) if jpeg else thumbnail(picture(number, (width, height))),
                    )
                )
            self._count += count
            return writer.commit(files, "model")

    def favourite(self, photo_ids: list[int]) -> None:
        with Writer.open(self._library) as writer:
            writer.set_favourite(photo_ids, True)
