"""What goes into the library and comes out of it. Paths are bytes: file names need not be Unicode."""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray


class Folder(msgspec.Struct, frozen=True):
    """A folder that the person added; folders never lie inside one another."""

    folder_id: int
    path: bytes
    volume: str  # names the drive, so that another drive at the same place is told apart
    away: bool  # the drive is not here; its photos stay searchable


class FileStamp(msgspec.Struct, frozen=True):
    """What the library knows of a path: enough to tell whether the file must be read again."""

    size: int
    mtime_ns: int
    photo_id: int | None  # None: the file is a recorded failure
    attempts: int = 0  # of a failure
    retry_at: float | None = None  # of a failure, seconds since the epoch; None: wait until the file changes


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be indexed."""

    folder_id: int
    path: bytes
    stage: str  # "read", "decode", "encode"
    reason: str  # one clause for a person: "the file is truncated"
    size: int
    mtime_ns: int
    attempts: int = 1  # counted by the library; what a writer is given is ignored
    retry_at: float | None = None  # seconds since the epoch; None: wait until the file changes


class IndexedFile(msgspec.Struct, frozen=True):
    """A file that was decoded and encoded, ready to be written."""

    folder_id: int
    path: bytes
    size: int  # of the bytes that were read
    mtime_ns: int
    content_hash: bytes  # BLAKE2b-160
    width: int  # upright, pixels
    height: int
    format: str
    taken_at: str | None  # local time as the camera wrote it, ISO 8601
    camera: str | None
    vector: NDArray[np.float16]  # (D,), L2-normed
    bias: float  # subtracted from cosines, see Encoder.image_bias
    thumbnail: bytes  # JPEG


class Counts(msgspec.Struct, frozen=True):
    photos: int  # with at least one file
    searchable: int  # of these, with a vector of the model asked for
    failures: int


class Vectors(NamedTuple):
    """Vectors of one model, row by row."""

    ids: NDArray[np.int64]  # (N,), of photos
    vectors: NDArray[np.float16]  # (N, D), L2-normed
    bias: NDArray[np.float32]  # (N,)
