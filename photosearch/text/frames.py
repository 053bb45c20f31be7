"""What the child that reads text and its parent say to each other.

    child   Ready                           once, when its models are loaded
    parent  a picture, as a JPEG
    child   Lines

Each is a frame; the child's are msgpack. The parent takes nothing else from it.
"""

from typing import IO

import msgspec

from photosearch.core import framing
from photosearch.core.framing import receive as receive
from photosearch.core.lines import Line


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The child has loaded its models."""


class Lines(msgspec.Struct, frozen=True, tag=True):
    """What is written in a picture."""

    lines: tuple[Line, ...]


AnyFrame = Ready | Lines

_decoder = msgspec.msgpack.Decoder(AnyFrame)


def send(stream: IO[bytes], frame: bytes | AnyFrame) -> None:
    """
    Raises:
        OSError: nobody listens any more.
    """
    framing.send(stream, frame if isinstance(frame, bytes) else msgspec.msgpack.encode(frame))


def from_child(frame: bytes) -> AnyFrame:
    """
    Raises:
        msgspec.MsgspecError: it is no frame of a child.
    """
    return _decoder.decode(frame)
