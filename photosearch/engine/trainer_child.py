"""The trainer as a child of the engine: how it is started, and what the lines say that it prints."""

import logging
from typing import TypeVar

import msgspec

from photosearch import programs
from photosearch.core.errors import Sentence
from photosearch.core.reading import decode_json

TRAINER = programs.command("trainer")

_log = logging.getLogger(__name__)

T = TypeVar("T")


class TrainerLine(msgspec.Struct, frozen=True):
    """A line of the trainer's: what it does now, that it is done, or why it cannot go on."""

    event: str
    stage: str = ""
    done: int = 0  # bytes that were downloaded
    total: int = 0  # bytes to download
    takes_torch: bool = False  # what is to be downloaded
    ms: float = 0.0  # a photo, as was measured
    sentence: Sentence | None = None
    notes: tuple[Sentence, ...] = ()


def read_line(line: bytes, kind: type[T]) -> T | None:
    """What a line says, as `kind`; None, and a word in the log, where it is none of that."""
    try:
        return decode_json(line, kind)
    except msgspec.DecodeError as error:
        _log.warning("The trainer said what is not understood: %s", error)
        return None
