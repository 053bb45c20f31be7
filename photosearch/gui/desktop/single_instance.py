"""One window for each library: a second start raises the first."""

from __future__ import annotations

import getpass
import hashlib
import os
from typing import TypeAlias
from urllib.parse import quote_from_bytes, unquote_to_bytes

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QAbstractSocket, QLocalServer, QLocalSocket

from photosearch.paths import Library

Wish: TypeAlias = "str | tuple[bytes, ...]"  # a query to ask, or whole paths to open

_WAIT_MS = 1000
_PATHS = b"\0"  # begins a line of paths; no query has it


class SingleInstance(QObject):
    """Sees to it that a library has one window. It lives as long as that.

    claim() first asks whether another one is there.
    """

    raised = Signal(object)  # Wish: another start found this one, and wants this; empty: nothing

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._name = name_of(library)
        self._lines: list[QLocalSocket] = []  # to other starts, which have not said yet what they want
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self, wish: Wish = "") -> bool:
        """Be the one window of this library; False where there is one, which is raised now and told this."""
        if self._raise_other(wish):
            return False
        if self._server.listen(self._name):
            return True
        if self._server.serverError() != QAbstractSocket.SocketError.AddressInUseError:
            return True  # without a socket of its own a window is better than none
        if self._raise_other(wish):  # another start was a moment faster
            return False
        QLocalServer.removeServer(self._name)  # nobody answered: it was left behind by a crash
        self._server.listen(self._name)
        return True

    def close(self) -> None:
        """No longer be the one window of the library."""
        self._server.close()

    def _raise_other(self, wish: Wish) -> bool:
        """Ask the one that listens to show itself; False where nobody does."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(_line(wish))
        while socket.bytesToWrite() and socket.waitForBytesWritten(_WAIT_MS):
            pass  # thousands of paths are more than a pipe holds at once
        socket.disconnectFromServer()
        return True

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            self._lines.append(socket)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._read)
        self._read()

    def _read(self) -> None:
        for socket in list(self._lines):
            if socket.canReadLine():
                self.raised.emit(_wish(bytes(socket.readLine().data())))
            elif socket.state() == QLocalSocket.LocalSocketState.ConnectedState:
                continue
            self._lines.remove(socket)
            socket.deleteLater()


def is_open(library: Library) -> bool:
    """Return whether a library has a window; nothing is asked of it."""
    socket = QLocalSocket()
    socket.connectToServer(name_of(library))
    return socket.waitForConnected(_WAIT_MS)


def _line(wish: Wish) -> bytes:
    if isinstance(wish, str):
        return " ".join(wish.splitlines()).encode(errors="replace") + b"\n"
    return _PATHS + b" ".join(quote_from_bytes(path).encode() for path in wish) + b"\n"


def _wish(line: bytes) -> Wish:
    if line.startswith(_PATHS):
        return tuple(map(unquote_to_bytes, line.removeprefix(_PATHS).split()))
    return line.decode(errors="replace").rstrip("\n")


def name_of(library: Library) -> str:
    """The name of a library's socket; other people's and other libraries' are others."""
    place = f"{getpass.getuser()}\0".encode() + os.fsencode(library.root.resolve())
    return "photosearch-" + hashlib.blake2b(place, digest_size=10).hexdigest()
