"""One window for each library: a second start raises the first."""

from __future__ import annotations

import getpass
import hashlib
import os

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QAbstractSocket, QLocalServer, QLocalSocket

from photosearch.paths import Library

_WAIT_MS = 1000
_RAISE = b"raise\n"


class SingleInstance(QObject):
    """Sees to it that a library has one window. It lives as long as that.

    claim() first asks whether another one is there.
    """

    raised = Signal()  # another start found this one

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._name = name_of(library)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self) -> bool:
        """Be the one window of this library; False where there is one, which is raised now."""
        if self._raise_other():
            return False
        if self._server.listen(self._name):
            return True
        if self._server.serverError() != QAbstractSocket.SocketError.AddressInUseError:
            return True  # without a socket of its own a window is better than none
        if self._raise_other():  # another start was a moment faster
            return False
        QLocalServer.removeServer(self._name)  # nobody answered: it was left behind by a crash
        self._server.listen(self._name)
        return True

    def close(self) -> None:
        """No longer be the one window of the library."""
        self._server.close()

    def _raise_other(self) -> bool:
        """Ask the one that listens to show itself; False where nobody does."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(_RAISE)
        socket.waitForBytesWritten(_WAIT_MS)
        socket.disconnectFromServer()
        return True

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.raised.emit()


def name_of(library: Library) -> str:
    """The name of a library's socket; other people's and other libraries' are others."""
    place = f"{getpass.getuser()}\0".encode() + os.fsencode(library.root.resolve())
    return "photosearch-" + hashlib.blake2b(place, digest_size=10).hexdigest()
