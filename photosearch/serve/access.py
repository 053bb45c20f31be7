"""Who may ask: whoever has the library's token, or a session that was begun with it.

A session is a cookie that says when it ends and carries a mac under the token. Nothing is kept of it here, so
it outlives a restart; a new token ends them all.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.reading import read_regular
from photosearch.core.writing import written_whole
from photosearch.paths import Library

SESSION_SECONDS = 30 * 24 * 3600
_LONGEST_TOKEN = 200  # characters; what is longer was not made here
_SHORTEST_TOKEN = 32


class Access:
    """Knows a token from anything else, and sessions that were begun with it, in constant time."""

    def __init__(self, token: str, now: Callable[[], float] = time.time) -> None:
        self._token = token.encode()
        self._now = now

    def knows(self, token: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(token.encode(errors="replace"), self._token)

    def session(self) -> str:
        """A session that begins now, as its cookie has it."""
        said = f"{int(self._now()) + SESSION_SECONDS}.{secrets.token_hex(8)}"
        return f"{said}.{self._mac(said)}"

    def holds(self, session: str) -> bool:
        """Whether it was begun with this token, and has not ended."""
        said, _, mac = session.rpartition(".")
        if not hmac.compare_digest(mac.encode(errors="replace"), self._mac(said).encode()):
            return False
        return int(said.partition(".")[0]) > self._now()

    def _mac(self, said: str) -> str:
        return hmac.new(self._token, said.encode(errors="replace"), hashlib.sha256).hexdigest()


def token_of(library: Library) -> str | None:
    """The token that was made for a library; None: none yet.

    Raises:
        KnownError: it is there and cannot be used.
    """
    try:
        token = read_regular(library.serve_token, _LONGEST_TOKEN).decode("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else error
        raise KnownError(
            "The token in {path} cannot be read: {reason}. Make another: photosearch serve --new-token",
            path=library.serve_token,
            reason=reason,
        ) from error
    if len(token) < _SHORTEST_TOKEN:
        raise KnownError(
            "The token in {path} is too short to be safe; make another: photosearch serve --new-token",
            path=library.serve_token,
        )
    return token


def new_token(library: Library) -> str:
    """Make a token, in place of any before, whose sessions end so; readable by this person alone.

    Raises:
        KnownError: it cannot be written.
    """
    token = secrets.token_urlsafe(32)
    try:
        with written_whole(library.serve_token, private=True) as file:
            file.write(token.encode())
    except OSError as error:
        raise KnownError(
            "The token cannot be written to {path}: {reason}.",
            path=library.serve_token,
            reason=system_reason(error),
        ) from error
    return token
