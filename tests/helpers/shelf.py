"""A library filled with photos as indexing would fill it, without any file."""

import hashlib
from collections.abc import Callable, Iterable

import msgspec
import numpy as np

from photosearch.core.photo import Facts, Video
from photosearch.decode.thumbnail import thumbnail
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile, IndexedFrame, IndexedVideo
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

    def copy(self, numbers: Iterable[int], folder: bytes) -> None:
        """Put files of these photos, by the numbers that they came as, into another folder, too."""
        count = self._count
        for self._count in numbers:
            self.add(1, folder=folder)
        self._count = count

    def add_video(self, seconds: float = 12.0, frames: int = 4) -> int:
        """One video with so many frames, evenly over it; newer than what is there; -> its id."""
        size, number = (128, 72), self._count
        pictures = [picture(10 * number + each, size) for each in range(frames)]
        vector = np.ones(4, dtype=np.float16)
        kept = [
            IndexedFrame(round(1000 * seconds * each / frames), vector, 0.0, thumbnail(one))
            for each, one in enumerate(pictures)
        ]
        with Writer.open(self._library) as writer:
            added = writer.add_folder(b"/photos", "a volume")
            writer.register_model("model", "model", 4)
            file = IndexedFile(
                folder_id=added.folder_id,
                path=b"/photos/%d.mp4" % number,
                size=1,
                mtime_ns=(1_000_000 + number) * 10**9 * 60,
                content_hash=hashlib.blake2b(b"%d" % number, digest_size=20).digest(),
                facts=Facts("MP4", *size),
                colour=b"\x80\x80\x80",
                vector=vector,
                bias=0.0,
                thumbnail=thumbnail(pictures[0]),
                video=IndexedVideo(Video(seconds, of_live_photo=False), kept[0].at_ms, tuple(kept)),
            )
            self._count += 1
            (photo_id,) = writer.commit([file], "model")
            return photo_id

    def favourite(self, photo_ids: list[int]) -> None:
        with Writer.open(self._library) as writer:
            writer.set_favourite(photo_ids, True)
