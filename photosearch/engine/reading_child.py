"""The child that reads text in pictures: started when it is first needed, killed when it takes too long."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from photosearch import programs
from photosearch.core.errors import Cancelled, KnownError, system_reason
from photosearch.core.lines import Line
from photosearch.engine import children
from photosearch.paths import Library
from photosearch.text import frames

CHILD = programs.command("photosearch.text")
_START_SECONDS = 120.0  # on a machine that is busy
_STARTS = 3  # tries

_Frame = TypeVar("_Frame", bound=frames.AnyFrame)


class Unreadable(Exception):
    """The child came to an end over a picture."""


class ReadingChild:
    """Reads one picture at a time, for one thread; close() may come from any.

    Args:
        threads: that it computes on
        seconds: that a picture may take
        command: the beginning of the child's command line
    """

    def __init__(
        self, library: Library, threads: int, seconds: float = 120.0, command: Sequence[str] = CHILD
    ) -> None:
        self._library = library
        self._log = library.logs / "text.txt"
        self._command = [*command, str(threads)]
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()

    def lines(self, jpeg: bytes) -> tuple[Line, ...]:
        """What is written in an upright picture.

        Raises:
            Unreadable: the child crashed over it, or took too long.
            KnownError: no child starts.
            Cancelled: it was closed.
        """
        child = self._started()
        try:
            return _answer(child, frames.Lines, self._seconds, jpeg).lines
        except _Ended:
            self.end()
            if self._closed.is_set():
                raise Cancelled from None
            raise Unreadable("what reads it came to an end, or took too long") from None

    def end(self) -> None:
        """End the child, which holds memory; the next picture starts it again."""
        child, self._child = self._child, None
        children.end(child)
        if child is not None:
            assert child.stdin is not None and child.stdout is not None
            with contextlib.suppress(OSError):  # what it did not take
                child.stdin.close()
            child.stdout.close()

    def close(self) -> None:
        """Kill it, whatever it is doing; it does not start again."""
        self._closed.set()
        if (child := self._child) is not None:
            child.kill()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None and not self._closed.is_set():
            return self._child
        for _ in range(_STARTS):
            self.end()
            if self._closed.is_set():
                raise Cancelled
            self._child = self._start()
            if self._closed.is_set():  # before there was a child to kill
                continue
            try:
                _answer(self._child, frames.Ready, _START_SECONDS)
                return self._child
            except _Ended:
                pass  # killed, most likely: the system is short of memory, or a person ended it
        self.end()
        raise KnownError(
            "What reads the text in photos does not start; try again, or reinstall PhotoSearch. {log} may "
            "say why.",
            log=self._log,
        )

    def _start(self) -> "subprocess.Popen[bytes]":
        self._library.logs.mkdir(mode=0o700, exist_ok=True)
        try:
            with self._log.open("wb") as errors:
                return children.start(
                    self._command,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd=self._library.root,
                    env=os.environ,
                )
        except OSError as error:
            raise KnownError(
                "What reads the text in photos could not be started: {reason}.", reason=system_reason(error)
            ) from error


class _Ended(Exception):
    """The child is gone, or says what it should not."""


def _answer(
    child: "subprocess.Popen[bytes]", kind: type[_Frame], seconds: float, asked: bytes | None = None
) -> _Frame:
    """Its next frame, to a picture or to none, within so many seconds.

    Raises:
        _Ended
    """
    assert child.stdin is not None and child.stdout is not None
    late = threading.Timer(seconds, child.kill)
    late.daemon = True
    late.start()
    try:
        if asked is not None:
            frames.send(child.stdin, asked)
        frame = frames.from_child(frames.receive(child.stdout))
    except (EOFError, OSError, msgspec.MsgspecError):
        raise _Ended from None
    finally:
        late.cancel()
    if not isinstance(frame, kind):
        raise _Ended
    return frame
