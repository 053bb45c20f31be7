"""Where an engine listens: a socket's address and its key, told in a private file of the library."""

import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from photosearch import __version__, version_numbers
from photosearch.core.errors import Sentence
from photosearch.core.reading import decode_json, read_regular
from photosearch.core.writing import written_whole
from photosearch.paths import Library

FAMILY = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
MAX_REQUEST = 4 << 20  # bytes in one frame
MAX_REPLY = 256 << 20

ANOTHER_VERSION = Sentence(
    "This program and the PhotoSearch engine that runs are of different versions; close PhotoSearch "
    "everywhere, and try again some minutes later."
)

_FOLDER_PREFIX = "photosearch-"
_LONGEST_ADDRESS = 100  # bytes; the systems' limits on a socket's path start at 104


class Endpoint(msgspec.Struct, frozen=True):
    """Where an engine listens, the key that its faces must know, its process and its program's version."""

    address: str
    key: bytes
    process_id: int = 0  # 0: of an older PhotoSearch, which did not say
    version: str = ""

    @property
    def is_older(self) -> bool:
        """Than this program, which was installed meanwhile."""
        return version_numbers(self.version) < version_numbers(__version__)


def create() -> Endpoint:
    """A fresh address and key, not yet published. A socket lies in a folder of this user alone."""
    key = secrets.token_bytes(32)
    if sys.platform == "win32":
        return Endpoint(rf"\\.\pipe\{_FOLDER_PREFIX}{secrets.token_hex(16)}", key, os.getpid(), __version__)
    folder = tempfile.mkdtemp(prefix=_FOLDER_PREFIX)
    if len(os.fsencode(folder)) > _LONGEST_ADDRESS - len("/engine"):
        Path(folder).rmdir()
        folder = tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir="/tmp")
    return Endpoint(str(Path(folder) / "engine"), key, os.getpid(), __version__)


def publish(library: Library, endpoint: Endpoint) -> None:
    """Write the key file, readable by this user only, in place of one that a killed engine left.

    The caller holds the library's lock.

    Raises:
        OSError: it cannot be written.
    """
    if stale := read(library):
        remove_socket(stale)
    with written_whole(library.engine_key, private=True) as file:
        file.write(msgspec.json.encode(endpoint))


def withdraw(library: Library, endpoint: Endpoint) -> None:
    """Take the key file away, unless another engine's is there by now."""
    if read(library) == endpoint:
        library.engine_key.unlink(missing_ok=True)


def remove_socket(endpoint: Endpoint) -> None:
    """Remove the folder that was made for the socket, with the socket in it; Windows has none."""
    folder = Path(endpoint.address).parent
    if sys.platform != "win32" and folder.name.startswith(_FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def read(library: Library) -> Endpoint | None:
    """What the key file says; None when there is none, or it says nothing sensible."""
    try:
        return decode_json(read_regular(library.engine_key), Endpoint)
    except (OSError, msgspec.DecodeError):
        return None


def hang_up(connection: Connection) -> None:
    """End a connection that another thread may be reading: that thread meets the end of the stream."""
    with contextlib.suppress(OSError):  # closed already, by us or by the other side
        if sys.platform == "win32":
            connection.close()
        else:
            with socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
