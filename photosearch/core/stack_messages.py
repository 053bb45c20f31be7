"""What faces and the engine say to each other of photos that belong together, such as duplicates."""

import os
from typing import Literal

import msgspec

from photosearch.core.message import Event, Reply, Request

# "identical": the same bytes in several files; the others as in search/stacks.py.
Kind = Literal["identical", "copies", "raw", "burst"]


class FindStacks(Request["Stacks"], frozen=True, tag="find_stacks"):
    """Look for photos that belong together, behind queries; 100,000 photos take half a minute of a core."""

    kinds: tuple[Kind, ...] = ("identical", "copies", "raw", "burst")


class StackedFile(msgspec.Struct, frozen=True):
    """A file of a photo in a stack."""

    photo_id: int
    path_bytes: bytes
    size: int  # bytes
    mtime_ns: int
    width: int  # upright, pixels
    height: int
    format: str  # as of Facts
    noted: bool  # the person said something of the photo, in the window called notes
    away: bool  # its drive is not here
    # Whether it may go and nothing is lost: another file shows the same as well or better, and what was said
    # of the photo stays. Never of a burst, nor of a RAW file and its picture.
    spare: bool

    @property
    def path(self) -> str:
        """The file's path; bytes that are not Unicode become surrogates, as `os.fsdecode` has it."""
        return os.fsdecode(self.path_bytes)


class PhotoStack(msgspec.Struct, frozen=True):
    """Files that belong together."""

    kind: Kind
    files: tuple[StackedFile, ...]  # the best first; two at least

    @property
    def to_win(self) -> int:
        """Bytes of the files that may go."""
        return sum(file.size for file in self.files if file.spare)


class Stacks(Reply, frozen=True, tag="stacks"):
    """The photos that belong together."""

    stacks: tuple[PhotoStack, ...]  # those first that would free most
    searched: int  # photos that were looked at
    unknown: int  # photos that the present model has not read yet, which were not

    @property
    def to_win(self) -> int:
        """Bytes of the files that may go."""
        return sum(stack.to_win for stack in self.stacks)


class StackProgress(Event, frozen=True, tag="stack_progress"):
    """How far the engine is with FindStacks."""

    done: float  # 0 to 1


class StacksChanged(Event, frozen=True, tag="stacks_changed"):
    """Other photos are shown as one than before, or none are any more; `Reader.stacked` has them."""


AnyRequest = FindStacks
AnyReply = Stacks
AnyEvent = StackProgress | StacksChanged
