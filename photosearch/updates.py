"""Whether there is a newer version: asked only when a person wants to know, and nothing is installed by it.

Whoever makes packages says where to ask: the file `releases` among the resources has one line, the https
address of a JSON object such as docs/releasing.md shows. Without that file nobody is asked.
"""

import queue
import threading
from http.client import HTTPException
from urllib.parse import urlsplit

import msgspec

from photosearch import __version__, online, version_numbers
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.reading import decode_json
from photosearch.paths import resources

SECONDS = 10.0  # that it takes at most
LARGEST = 64 * 1024  # bytes of the answer
MOST_SHOWN = 2_000  # characters of the notes
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Release(msgspec.Struct, frozen=True):
    """The newest version.

    Attributes:
        notes: what is new in it, as plain text
        page: where it can be had, an https address
        sha256: of each file there, in hexadecimal digits, by its name
    """

    version: str
    page: str
    notes: str = ""
    sha256: dict[str, str] = {}

    @property
    def is_newer(self) -> bool:
        """Than this program."""
        return version_numbers(self.version) > version_numbers(__version__)


def address() -> str:
    """Where to ask; empty where nobody has said so."""
    file = resources() / "releases"
    return file.read_text("utf-8").strip() if file.is_file() else ""


def newest() -> Release:
    """Ask for the newest version. It blocks, for SECONDS at most.

    Raises:
        KnownError: there is no address to ask at, no answer in time, or none that makes sense.
    """
    asked = address()
    if not asked:
        raise KnownError(
            "This PhotoSearch was made without an address to ask for new versions; look where you got it "
            "from."
        )
    answers: queue.SimpleQueue[Release | Sentence] = queue.SimpleQueue()
    # The system's look-up of a name knows no time limit: it is left to itself where it does not return.
    threading.Thread(target=lambda: answers.put(_ask(asked)), name="updates", daemon=True).start()
    try:
        answer = answers.get(timeout=SECONDS)
    except queue.Empty:
        answer = Sentence("there was no answer within {seconds:.0f} s", seconds=SECONDS)
    if isinstance(answer, Sentence):
        raise KnownError("Whether there is a newer version cannot be found out: {reason}.", reason=answer)
    return answer


def _ask(asked: str) -> Release | Sentence:
    """The release, or why there is none."""
    try:
        _check(asked)
        with online.opened(asked, SECONDS) as answer:
            _check(answer.url)  # it may have led elsewhere
            body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise ValueError("the answer is too large")
        release = decode_json(body, Release)
        _check(release.page)
        if not version_numbers(release.version):
            raise ValueError("the answer names no version")
    except (OSError, HTTPException) as error:
        return online.reason(error)
    except (ValueError, msgspec.MsgspecError) as error:
        return Sentence("{address} does not say what it should ({error})", address=asked, error=error)
    return release


def _check(url: str) -> None:
    """
    Raises:
        ValueError: somebody on the way could have written it.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(f"{url} is no https address")
