"""Frames on a stream between a program and its child: a length in 4 bytes, then so many bytes."""

import struct
from typing import IO

_LENGTH = struct.Struct("<I")
LARGEST = 64 << 20  # bytes of a frame


def send(stream: IO[bytes], frame: bytes) -> None:
    """
    Raises:
        OSError: nobody listens any more.
    """
    stream.write(_LENGTH.pack(len(frame)) + frame)
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
