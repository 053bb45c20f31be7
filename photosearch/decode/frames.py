"""What a decoder child and its parent say to each other, one msgpack frame at a time.

    child   ChildReady                             once, when it has started
    parent  Asked
    child   Read, or DecodeFailed
    parent  Wanted, PreviewWanted or Edit
    child   DecodedPicture, Described, DecodedPreview, SidecarRead, Edited or DecodeFailed; or nothing

Before any frame a child may send Noise, and of a video StillAtIt. Before a video's DecodedPicture come its
VideoFrames.

The parent takes nothing from a child but these: a child has had untrusted data in its hands.
"""

import enum
from typing import Any

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.photo import Facts, Look, Told, Video


class ChildReady(msgspec.Struct, frozen=True, tag=True):
    """The child has started."""


class Asked(msgspec.Struct, frozen=True):
    """A file that a child is to open."""

    path: bytes
    hashed: bool = True  # False: what the file holds is known, and of a video it is not read to its end


class StillAtIt(msgspec.Struct, frozen=True, tag=True):
    """A large file takes its time, and the child has come further."""


class Read(msgspec.Struct, frozen=True, tag=True):
    """The file was read and hashed."""

    content_hash: bytes  # BLAKE2b-160 of the bytes that were read; empty where it was not asked for
    size: int  # of the open file, bytes
    mtime_ns: int
    ctime_ns: int | None


class Wanted(enum.StrEnum):
    """What a file is good for, once its content is known."""

    NOTHING = "nothing"
    FACTS = "facts"
    PICTURE = "picture"  # and its facts
    SIDECAR = "sidecar"  # it is no photo: what it says of one


class PreviewWanted(msgspec.Struct, frozen=True, tag=True):
    """The picture for a person to look at."""

    longest_edge: int  # at most, pixels
    at_ms: int = 0  # of a video: from its beginning


class Edit(msgspec.Struct, frozen=True, tag=True):
    """The file, which is XMP, with this in it. None: nothing; UNSET: what it says."""

    caption: str | msgspec.UnsetType | None = msgspec.UNSET  # dc:description
    rating: int | msgspec.UnsetType | None = msgspec.UNSET  # xmp:Rating


class Described(msgspec.Struct, frozen=True, tag=True):
    """The facts alone, as they were wanted."""

    facts: Facts


class Edited(msgspec.Struct, frozen=True, tag=True):
    """A file beside a photo as it is to be, None where it cannot be edited; and what that says."""

    packet: bytes | None
    told: Told


class SidecarRead(msgspec.Struct, frozen=True, tag=True):
    """What a file beside a photo says of it."""

    told: Told


class VideoFrame(msgspec.Struct, frozen=True, tag=True):
    """A picture of a video beside its poster."""

    at_ms: int  # from its beginning
    pixels: bytes  # (size, size, 3) uint8, as fit() gives
    thumbnail: bytes  # JPEG, upright, smaller than a photo's


class Poster(msgspec.Struct, frozen=True):
    """What a video's picture is, beside a picture."""

    at_ms: int
    thumbnail: bytes  # as a VideoFrame's
    video: Video


class DecodedPicture(msgspec.Struct, frozen=True, tag=True):
    """The picture as a model takes it, its thumbnail and its facts; of a video its poster."""

    facts: Facts
    pixels: bytes  # (size, size, 3) uint8, as fit() gives
    thumbnail: bytes  # JPEG, upright, without metadata
    colour: bytes  # its average, 3 bytes of sRGB
    look: Look
    damage: Sentence | None = None  # what is wrong with the file, whose picture is shown as far as it goes
    poster: Poster | None = None  # None: it is no video


class DecodedPreview(msgspec.Struct, frozen=True, tag=True):
    """The picture for a person to look at, upright JPEG."""

    jpeg: bytes
    width: int  # of the photo itself, upright, pixels
    height: int


class DecodeFailed(msgspec.Struct, frozen=True, tag=True):
    """The file gives no picture."""

    reason: Sentence
    passing: bool
    for_memory: bool = False  # with more of it there may be a picture


class Noise(msgspec.Struct, frozen=True, tag=True):
    """What codecs wrote to the standard error stream, cut; for the log and not for a terminal."""

    text: str


AnyFrame = (
    Noise
    | ChildReady
    | StillAtIt
    | Read
    | VideoFrame
    | Described
    | SidecarRead
    | Edited
    | DecodedPicture
    | DecodedPreview
    | DecodeFailed
)

_encoder = msgspec.msgpack.Encoder()
_from_child: msgspec.msgpack.Decoder[AnyFrame] = msgspec.msgpack.Decoder(AnyFrame)


def encode(message: Any) -> bytes:
    """A frame of either side as bytes."""
    return _encoder.encode(message)


def decode_from_child(frame: bytes) -> AnyFrame:
    """What a child sent.

    Raises:
        msgspec.MsgspecError: it is no frame of a child.
    """
    return _from_child.decode(frame)


def decode_asked(frame: bytes) -> Asked:
    """The photo that a child is to read."""
    return msgspec.msgpack.decode(frame, type=Asked)


def decode_verdict(frame: bytes) -> Wanted | PreviewWanted | Edit:
    """What the parent wants of the photo that the child has read."""
    return msgspec.msgpack.decode(frame, type=Wanted | PreviewWanted | Edit)
