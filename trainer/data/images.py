"""Images at the size that a model takes, decoded once and kept on disk."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import filelock
import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import DecodeError, open_image
from trainer.data.cache import default_cache
from trainer.data.image_file import ImageFile
from trainer.data.workers import workers
from trainer.progress_bar import track

_BLOCK = 256  # images between two records of what is done
_VERSION = 2  # of what `pixels` gives for the same bytes


def pixels(image: ImageFile, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """One photo as the model will see it when the program indexes it; (size, size, 3).

    Raises:
        DecodeError, OSError, MemoryError: it cannot be read.
    """
    # The person named these photos for training, so this process may decode them itself.
    picture, _ = open_image(image.read_bytes(), at_least=decoding_edge(preprocessing))
    return fit(picture, preprocessing)


def pixels_key(preprocessing: Preprocessing) -> bytes:
    """What tells pixels that were kept, or what was made of them, from those of another preprocessing."""
    return b"%d" % _VERSION + msgspec.json.encode(preprocessing)


class ImageCache:
    """Photos as squares of uint8 in a memory-mapped file of the user's cache folder.

    The file is named by the images' bytes and the preprocessing, so another order, split or size is another
    file and stale pixels are never read. It fills on construction, by several threads; what a killed process
    had done is kept. Several processes may ask for the same one: the first fills, the others wait.
    """

    def __init__(
        self,
        images: Sequence[ImageFile],
        hashes: Sequence[bytes],
        preprocessing: Preprocessing,
        *,
        margin: float = 1.0,
        cache: Path | None = None,
    ) -> None:
        """
        Args:
            hashes: of the images' bytes
            preprocessing: of the model; at margin 1 the pixels are exactly those that it indexes
            margin: edge of the kept square over the model's, for augmentation that crops

        Raises:
            KnownError: an image cannot be decoded, or the disk is full.
        """
        self.preprocessing = preprocessing
        self.edge = round(preprocessing.size * margin)
        self._kept = msgspec.structs.replace(preprocessing, size=self.edge)
        self._images = images
        folder = (cache or default_cache()) / "images"
        key = _key(self._kept, hashes)
        self._file, self._done_file = folder / f"{key}.u8", folder / f"{key}.done"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(folder / f"{key}.lock"):
                self._fill()
        except OSError as error:
            size = len(images) * self._image_bytes / 2**30
            raise KnownError(
                f"The images cannot be kept in {folder}: {error.strerror or error}. They take {size:.1f} GB; "
                "make room, or move the cache by setting XDG_CACHE_HOME."
            ) from error
        shape = (len(images), self.edge, self.edge, 3)
        self._rows = (
            np.memmap(self._file, np.uint8, "r", shape=shape) if len(images) else np.empty(shape, np.uint8)
        )

    def __len__(self) -> int:
        return len(self._images)

    def rows(self, indices: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        """Copies of these images, by index; (B, edge, edge, 3) RGB."""
        found: NDArray[np.uint8] = self._rows[np.asarray(indices, dtype=np.int64)]
        return np.asarray(found)

    @property
    def _image_bytes(self) -> int:
        return self.edge * self.edge * 3

    def _fill(self) -> None:
        """Decode what is not done yet; pixels reach the disk before the record that they are there."""
        for path in (self._file, self._done_file):
            path.touch()
        done = np.zeros(len(self._images), dtype=np.uint8)
        recorded = np.frombuffer(self._done_file.read_bytes()[: len(done)], np.uint8)
        done[: len(recorded)] = recorded
        left = np.flatnonzero(done == 0)
        if len(left) == 0:
            return
        faults: list[str] = []
        starts = range(0, len(left), _BLOCK)
        with (
            self._file.open("r+b") as pixel_file,
            self._done_file.open("r+b") as done_file,
            workers(_threads()) as pool,
        ):
            for start in track(starts, len(starts), f"Decoding photos, {_BLOCK} at a time"):
                block = left[start : start + _BLOCK]
                for index, found in zip(block.tolist(), pool.map(self._decode, block.tolist()), strict=True):
                    if isinstance(found, str):
                        faults.append(found)
                    else:
                        pixel_file.seek(index * self._image_bytes)
                        pixel_file.write(found.tobytes())
                        done[index] = 1
                _sync(pixel_file)
                done_file.seek(0)
                done_file.write(done.tobytes())
                _sync(done_file)
        if faults:
            raise KnownError(
                f"{len(faults)} image(s) cannot be decoded, such as {'; '.join(faults[:3])}; remove them, or "
                "leave them out with --skip-unreadable."
            )

    def _decode(self, index: int) -> NDArray[np.uint8] | str:
        """The pixels, or why there are none."""
        image = self._images[index]
        try:
            return pixels(image, self._kept)
        except (DecodeError, OSError, MemoryError) as error:
            return f"{image} ({error or 'it needs more memory than there is'})"


def _key(preprocessing: Preprocessing, hashes: Sequence[bytes]) -> str:
    shape = msgspec.structs.replace(preprocessing, mean=(0, 0, 0), std=(1, 1, 1))  # the model normalises
    digest = hashlib.blake2b(pixels_key(shape), digest_size=20)
    for content_hash in hashes:
        digest.update(content_hash)
    return digest.hexdigest()


def _threads() -> int:
    return min(16, os.cpu_count() or 1)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
