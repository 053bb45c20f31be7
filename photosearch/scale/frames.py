"""What `python -m photosearch.scale` and its parent say to each other, in frames of msgpack.

    embed: a program of Ray's
    parent  Begin
    child   Shares, or Refused
    parent  Task, then any number of Chunks, then NoMore
    child   an Answer to each chunk, in any order, but for those whose worker died each time; then Over
    read FOLDER: what reads Parquet or Lance, which may be anybody's
    child   Part for each file, followed by its Rows; then Over; or Refused

The parent closes its end to end the child.
"""

from typing import IO, TypeVar

import msgspec

from photosearch.core import framing
from photosearch.core.errors import KnownError, Sentence
from photosearch.scale import PARQUET
from photosearch.scale.rows import Header, PhotoRow, Stamp, is_shard


class Begin(msgspec.Struct, frozen=True, tag=True):
    """Where Ray is to run."""

    folder: str  # an empty one, for what Ray keeps in files
    address: str | None  # of a cluster; None: on this computer alone
    workers: int | None  # None: as many as there is room for


class Shares(msgspec.Struct, frozen=True, tag=True):
    """How many workers there are, and what each has."""

    workers: int
    cores: int
    gpus: float  # a part of one; 0: it encodes on the processor


class Task(msgspec.Struct, frozen=True, tag=True):
    """What all workers of a run have in common."""

    out: str  # the folder of the parts
    run: str  # begins their names
    header: Header
    checkpoint: str  # the model's folder; empty: the bundled one, which each computer has for itself
    shares: Shares
    batch: int | None = None  # photos that are encoded at once; None: as it suits the device
    format: str = PARQUET  # of what is written


class Chunk(msgspec.Struct, frozen=True, tag=True):
    """What a worker does at a time, and what then is one part."""

    number: int
    files: tuple[Stamp, ...]
    bucket: str = ""  # the URL that says how they are come by; empty: they are files of this computer

    @property
    def shard(self) -> Stamp | None:
        """The archive that it is of; None where it is of single files."""
        return self.files[0] if is_shard(self.files[0].path) else None


class NoMore(msgspec.Struct, frozen=True, tag=True):
    """The chunks are at an end."""


class Report(msgspec.Struct, frozen=True):
    """What became of a chunk."""

    photos: int = 0
    failed: int = 0
    decode_seconds: float = 0.0  # of all decoders together
    encode_seconds: float = 0.0
    write_seconds: float = 0.0


class Answer(msgspec.Struct, frozen=True, tag=True):
    """A chunk is done."""

    files: int  # that it had
    report: Report


class Part(msgspec.Struct, frozen=True, tag=True):
    """A file of vectors."""

    header: Header
    rows: int
    left: int  # rows of this and the files to come


class Rows(msgspec.Struct, frozen=True, tag=True):
    """Some of its photos."""

    rows: tuple[PhotoRow, ...]


class Over(msgspec.Struct, frozen=True, tag=True):
    """All is done."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """It cannot go on."""

    sentence: Sentence


AnyFrame = Begin | Shares | Task | Chunk | NoMore | Answer | Part | Rows | Over | Refused

_Frame = TypeVar("_Frame", bound=AnyFrame)
_decoder = msgspec.msgpack.Decoder(AnyFrame)


def send(stream: IO[bytes], frame: AnyFrame) -> None:
    """
    Raises:
        OSError: nobody listens any more.
    """
    framing.send(stream, msgspec.msgpack.encode(frame))


def receive(stream: IO[bytes]) -> AnyFrame:
    """The next frame.

    Raises:
        EOFError: the other side is gone, or sends what is none.
        KnownError: it refused.
    """
    try:
        frame = _decoder.decode(framing.receive(stream))
    except (msgspec.MsgspecError, OSError):
        raise EOFError from None
    if isinstance(frame, Refused):
        raise KnownError(frame.sentence)
    return frame


def expect(stream: IO[bytes], kind: type[_Frame]) -> _Frame:
    """The next frame, which must be of this kind.

    Raises:
        EOFError, KnownError: see receive.
    """
    frame = receive(stream)
    if not isinstance(frame, kind):
        raise EOFError
    return frame
