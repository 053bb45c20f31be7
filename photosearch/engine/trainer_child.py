"""The trainer as a child of the engine: how it is started, and what the lines say that it prints."""

import logging
import signal
from typing import TypeVar

import msgspec

from photosearch import programs
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.reading import decode_json

TRAINER = programs.command("trainer")

_KILLED = -getattr(signal, "SIGKILL", 9)

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


def failed(code: int, last: TrainerLine, otherwise: Sentence) -> KnownError:
    """What is said of a trainer that could not take in or try a model.

    Args:
        code: its exit code
        last: what it said in the end
        otherwise: what is said where it said nothing
    """
    if last.sentence:
        return KnownError(last.sentence)
    if code == _KILLED:
        return KnownError(
            "The system ended the work on the model, as it does when memory runs out; close other programs "
            "and try again."
        )
    return KnownError(otherwise)
