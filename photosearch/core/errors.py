"""Errors that a person is told about: one sentence, with what to do.

Sentences are in English here; a face puts them into the person's language, with i18n.translated().
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import ssl

Value: TypeAlias = "str | int | float | Sentence"


@dataclass(frozen=True, init=False)
class Sentence:
    """What a person is told: an English text with {names} in it, and what is filled in there.

    It travels as it is, so that a face can look the template up. `str()` gives the English text.

    Attributes:
        template: a format string; without values it is the text itself, whatever braces it has
        values: by their names in the template; one that is a sentence is a reason inside this one
    """

    template: str
    values: dict[str, Value]

    def __init__(self, template: str, /, **values: object) -> None:
        """What is neither text nor a number, such as a path or an exception, is filled in as its text."""
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", {name: _value(value) for name, value in values.items()})

    def __str__(self) -> str:
        return self.filled(self.template, str)

    def filled(self, template: str, said: Callable[[Sentence], str]) -> str:
        """Another template with these values; `said` gives the text of those that are sentences."""
        if not self.values:
            return template
        return template.format_map(
            {
                name: said(value) if isinstance(value, Sentence) else value
                for name, value in self.values.items()
            }
        )


# What systems say when they refuse, in the words of the C library; the commonest on a person's disks.
_SYSTEM_REASONS = {
    errno.EACCES: Sentence("Permission denied"),
    errno.EPERM: Sentence("Operation not permitted"),
    errno.EROFS: Sentence("Read-only file system"),
    errno.ENOENT: Sentence("No such file or directory"),
    errno.EISDIR: Sentence("Is a directory"),
    errno.ENOTDIR: Sentence("Not a directory"),
    errno.EEXIST: Sentence("File exists"),
    errno.ELOOP: Sentence("Too many levels of symbolic links"),
    errno.ENAMETOOLONG: Sentence("File name too long"),
    errno.EXDEV: Sentence("Invalid cross-device link"),
    errno.EBADF: Sentence("Bad file descriptor"),
    errno.EBUSY: Sentence("Device or resource busy"),
    errno.EIO: Sentence("Input/output error"),
    errno.ENODEV: Sentence("No such device"),
    errno.ESTALE: Sentence("Stale file handle"),
    errno.ETIMEDOUT: Sentence("Connection timed out"),
    errno.ENOSPC: Sentence("No space left on device"),
    errno.EDQUOT: Sentence("Disk quota exceeded"),
    errno.EFBIG: Sentence("File too large"),
    errno.EMFILE: Sentence("Too many open files"),
    errno.ENOMEM: Sentence("Cannot allocate memory"),
}

_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")  # OpenSSL, of an answer in the clear


def first_line(error: Exception) -> str:
    """What another library's error says first, as a clause; its kind where it says nothing."""
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def system_reason(error: OSError) -> Sentence:
    """Why the system refused, as a reason inside another sentence; in its own words where it says more."""
    import socket
    import ssl

    if isinstance(error, ssl.SSLError):  # its numbers, and those of names, are of their own
        return _tls_reason(error)
    if isinstance(error, socket.gaierror):
        return Sentence(error.strerror or str(error))
    return _SYSTEM_REASONS.get(error.errno or 0) or Sentence(error.strerror or str(error))


def _tls_reason(error: ssl.SSLError) -> Sentence:
    if verdict := getattr(error, "verify_message", ""):
        return Sentence("its certificate is not trusted ({reason})", reason=verdict)
    said = getattr(error, "reason", None) or str(error)
    if said in _NO_TLS:
        return Sentence("it does not speak TLS there")
    return Sentence("no TLS could be agreed on ({reason})", reason=said.replace("_", " ").lower())


class KnownError(Exception):
    """Something went wrong that we understand; its sentence is shown to the person.

    Anything else that escapes is a bug and is reported as one.

    Args:
        sentence: it, or its template to which `values` belong
    """

    def __init__(self, sentence: str | Sentence, /, **values: object) -> None:
        self.sentence = sentence if isinstance(sentence, Sentence) else Sentence(sentence, **values)
        super().__init__(str(self.sentence))


class QueryError(KnownError):
    """A query that cannot be understood.

    Attributes:
        span: the place in the text as it was typed, from and to, in code points.
        instead: what was probably meant, to be typed at this place; None: nobody knows.
    """

    def __init__(
        self,
        sentence: str | Sentence,
        span: tuple[int, int],
        /,
        *,
        instead: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(sentence, **values)
        self.span = span
        self.instead = instead


class Cancelled(Exception):
    """The person asked a job to stop; never shown as an error."""


def _value(value: object) -> Value:
    """Names of files need not be Unicode, a message must, and its numbers have 64 bits."""
    if isinstance(value, int):
        return max(-(2**63), min(value, 2**63 - 1))
    if isinstance(value, float | Sentence):
        return value
    return str(value).encode(errors="replace").decode()
