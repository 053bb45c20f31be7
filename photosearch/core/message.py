"""The three kinds of messages between faces and engine."""

import msgspec


class Request(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything a face may ask."""


class Reply(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything the engine may answer."""


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Anything the engine tells its subscribers unasked."""
