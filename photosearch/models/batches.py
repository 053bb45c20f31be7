"""A batch of photos through an encoder, of which one that fails costs no other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError, Sentence, first_line


def encode_each(
    encoder: Encoder, images: Sequence[NDArray[np.uint8]]
) -> list[NDArray[np.float32] | Sentence]:
    """Embed images, each (H, W, 3) uint8 RGB; -> of each its vector (D,), L2-normed, or why there is none.

    After an error, out of memory mostly, the batch is tried in halves, down to single images.

    Raises:
        KnownError: the encoder failed on each of several images, which is not the images' fault.
    """
    found, error = _encode(encoder, images)
    if error and len(images) > 1 and all(isinstance(one, Sentence) for one in found):
        raise KnownError(
            "The model {model} cannot run: {reason}.", model=encoder.name, reason=first_line(error)
        ) from error
    return found


def _encode(
    encoder: Encoder, images: Sequence[NDArray[np.uint8]]
) -> tuple[list[NDArray[np.float32] | Sentence], RuntimeError | None]:
    try:
        vectors = encoder.encode_images(np.stack(images))
    except RuntimeError as error:
        if len(images) == 1:
            return [Sentence("the model failed: {reason}", reason=first_line(error))], error
        half = len(images) // 2
        return [one for part in (images[:half], images[half:]) for one in _encode(encoder, part)[0]], error
    return [
        vector if np.isfinite(vector).all() else Sentence("the model gave no finite vector")
        for vector in vectors  # one NaN would spoil every search
    ], None
