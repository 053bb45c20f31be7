"""Photos as vectors, whatever computes them."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.decode.image import DecodeError
from trainer.data.image_file import ImageFile
from trainer.data.images import pixels
from trainer.data.workers import workers as data_workers
from trainer.progress_bar import track

IMAGE_BATCH = 32

Vectors = NDArray[np.float32]


def encode_photos(
    encode: Callable[[NDArray[np.uint8]], Vectors],
    preprocessing: Preprocessing,
    images: Sequence[ImageFile],
    *,
    batch_size: int | None = None,
    workers: int | None = None,
) -> tuple[Vectors, list[int]]:
    """The images that can be read, in their order (R, D), and the positions of those that cannot.

    Args:
        encode: a batch of prepared images (B, H, W, 3) -> (B, D)
        batch_size: B; None: `IMAGE_BATCH`
        workers: threads that decode; None: a few more than there are cores
    """
    found: list[Vectors] = []
    unreadable: list[int] = []
    size = batch_size or IMAGE_BATCH
    starts = range(0, len(images), size)
    with data_workers(workers) as readers:
        for start in track(starts, len(starts), f"Encoding photos, batches of {size}"):
            batch = images[start : start + size]
            squares = list(readers.map(lambda image: _readable(image, preprocessing), batch))
            unreadable += [start + i for i, square in enumerate(squares) if square is None]
            readable = [square for square in squares if square is not None]
            if readable:
                found.append(encode(np.stack(readable)))
    return np.concatenate(found) if found else np.empty((0, 0), np.float32), unreadable


def refuse_unreadable(unreadable: Sequence[int], images: Sequence[ImageFile]) -> None:
    """Refuse to go on without some of the images; `unreadable` are their positions.

    Raises:
        KnownError: there are any.
    """
    if unreadable:
        raise KnownError(
            f"{len(unreadable)} photo(s) that the captions name cannot be read, the first is "
            f"{images[unreadable[0]]}; repair them or remove them from the captions."
        )


def _readable(image: ImageFile, preprocessing: Preprocessing) -> NDArray[np.uint8] | None:
    try:
        return pixels(image, preprocessing)
    except (DecodeError, OSError):
        return None
