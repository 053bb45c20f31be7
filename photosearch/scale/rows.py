"""Photos on their way out of this program and into it: read, encoded, and in no library."""

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.photo import Facts, Look


def is_shard(path: bytes) -> bool:
    """Whether a file is an archive of photos, by its name."""
    return path.lower().endswith(b".tar")


class PhotoRow(msgspec.Struct, frozen=True):
    """A file that was decoded and encoded."""

    path: bytes  # absolute, os.fsencode; or the URL of an object in a bucket
    content_hash: bytes  # BLAKE2b-160 of its bytes
    size: int  # bytes
    mtime_ns: int
    facts: Facts
    colour: bytes  # the picture's average, 3 bytes of sRGB
    look: Look
    thumbnail: bytes  # JPEG
    vector: bytes  # (D,) float16, little-endian, L2-normed
    damage: Sentence | None = None  # what is wrong with it, whose picture is shown as far as it goes


class FailedRow(msgspec.Struct, frozen=True):
    """A file that gave no picture or no vector."""

    path: bytes
    size: int
    mtime_ns: int
    reason: str  # one clause, in English
    passing: bool  # whether the same file may do better at another time


class Header(msgspec.Struct, frozen=True):
    """What holds for all rows of a file of vectors."""

    model_id: str
    model: str  # its name
    dim: int  # D
    facts_version: int
    shard: "Stamp | None" = None  # the archive that all of the rows are from, read to its end


class Stamp(msgspec.Struct, frozen=True):
    """What tells a file from what it was before."""

    path: bytes
    size: int
    mtime_ns: int
