"""The three kinds of messages between faces and engine."""

from typing import Generic, TypeVar

import msgspec

R = TypeVar("R", bound="Reply")


class Request(msgspec.Struct, Generic[R], frozen=True, tag_field="type"):
    """Anything a face may ask, and what it is answered with; or with `Failed`, where that cannot be."""


class Reply(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything the engine may answer."""


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything the engine tells its subscribers unasked."""


class Done(Reply, frozen=True, tag="done"):
    """What was asked for is done, or will be in the background."""
