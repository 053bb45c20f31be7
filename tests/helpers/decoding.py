"""What tests ask of decoders."""

from photosearch.core.encoder import Preprocessing
from photosearch.decode.pool import Wanted

PREPROCESSING = Preprocessing(64, "squash", "bicubic", (127.0,) * 3, (128.0,) * 3)


def always(content_hash: bytes) -> Wanted:
    return Wanted.PICTURE
