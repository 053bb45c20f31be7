"""The program that reads a folder of parts for the engine: it may be anybody's, and this may be killed."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

import msgspec
import pyarrow as pa

from photosearch.core.errors import KnownError, Sentence
from photosearch.scale import frames, parts, schema

ROWS_AT_ONCE = 256
_NOWHERE = "http://127.0.0.1:9"  # where nobody listens
_MOST_MEMORY = 4 << 30  # bytes of address space


def serve(folder: str, answers: IO[bytes]) -> None:
    """Send all parts of a folder, the oldest first; end when nobody listens any more."""
    _bound()
    with contextlib.suppress(OSError):
        try:
            _send(Path(folder), answers)
        except KnownError as error:
            frames.send(answers, frames.Refused(error.sentence))
        except MemoryError:
            sentence = Sentence("{path} cannot be read, as it takes too much memory.", path=folder)
            frames.send(answers, frames.Refused(sentence))


def _send(folder: Path, answers: IO[bytes]) -> None:
    files = parts.photos(folder)
    if not files:
        raise KnownError(
            "{folder} holds no vectors; name a folder that photosearch embed or export-vectors wrote.",
            folder=folder,
        )
    counts = []
    for file in files:
        with parts.opened(file) as photos:
            counts.append(photos.rows)
    for number, file in enumerate(files):
        with parts.opened(file) as photos:
            frames.send(answers, frames.Part(photos.header, counts[number], sum(counts[number:])))
            for batch in photos.batches(ROWS_AT_ONCE):
                try:
                    rows = schema.photo_rows(batch, photos.header)
                except KnownError as error:
                    raise KnownError(
                        "{path} cannot be read: {reason}.", path=file, reason=error.sentence
                    ) from None
                except (pa.ArrowException, ValueError, TypeError, AttributeError, msgspec.MsgspecError):
                    raise KnownError(
                        "{path} cannot be read: {reason}.", path=file, reason=Sentence("a value is missing")
                    ) from None
                frames.send(answers, frames.Rows(tuple(rows)))
    frames.send(answers, frames.Over())


def _bound() -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):  # a table of Lance may refer to files of servers
        os.environ[name] = os.environ[name.upper()] = _NOWHERE
    for name in ("no_proxy", "NO_PROXY"):
        os.environ.pop(name, None)
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):  # macOS refuses some values
            resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
