"""What the child that reads text and its parent say to each other.

    child   Ready                           once, when its models are loaded
    parent  a picture, as a JPEG
    child   Lines

Each is a frame: its length in 4 bytes, then so many bytes; the child's are msgpack. The parent takes nothing
else from it.
"""

import struct
from typing import IO

import msgspec

from photosearch.core.lines import Line

_LENGTH = struct.Struct("<I")
LARGEST = 64 << 20  # bytes of a frame


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
    data = frame if isinstance(frame, bytes) else msgspec.msgpack.encode(frame)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """The next frame.

    Raises:
        EOFError: the other side is gone, or sends what is none.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size or (length := _LENGTH.unpack(head)[0]) > LARGEST:
        raise EOFError
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def from_child(frame: bytes) -> AnyFrame:
    """
    Raises:
        msgspec.MsgspecError: it is no frame of a child.
    """
    return _decoder.decode(frame)
