"""The standard streams, as a shell left them: closed ones, full ones, and those whose reader has gone."""

import errno
import io
import os
import sys
from typing import TextIO

from photosearch.cli.text import complain
from photosearch.core.errors import KnownError, Sentence, system_reason

_FAILS_OUTPUT = (errno.ENOSPC, errno.EBADF)


def make_ready() -> None:
    """Let them take any text, and fail where the shell closed them; Python has None for these."""
    sys.stdin = sys.stdin or io.TextIOWrapper(io.BufferedReader(_ClosedInput()))
    sys.stdout = sys.stdout or _output(os.O_RDONLY)
    sys.stderr = sys.stderr or _output(os.O_WRONLY)  # nobody is there to be told
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # File names and queries need not fit the terminal's encoding.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="surrogateescape" if stream is sys.stdin else "backslashreplace")


def is_of_output(error: OSError) -> bool:
    """Whether it says that what we print cannot be written."""
    return isinstance(error, BrokenPipeError) or (error.errno in _FAILS_OUTPUT and error.filename is None)


def unwritten(error: OSError) -> int:
    """Our output cannot be written; -> the exit status."""
    # Python's own flush at exit must not fail on it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return 0  # whoever read it has seen enough
    complain(Sentence("the output cannot be written: {reason}.", reason=system_reason(error)))
    return 1


class _ClosedInput(io.RawIOBase):
    def __init__(self) -> None:
        _taken(os.O_WRONLY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        raise KnownError("There is nothing to read: standard input is closed.")


def _taken(flags: int) -> int:
    """The number of a closed stream, as that is the lowest free one: no file opened later may have it."""
    number = os.open(os.devnull, flags)
    os.set_inheritable(number, True)
    return number


def _output(flags: int) -> TextIO:
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(_taken(flags), "w")))
