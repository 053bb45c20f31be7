"""Asking for a new version, in the window: only when the person wants to know, and nothing is installed."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from photosearch import __version__, updates
from photosearch.core.errors import KnownError
from photosearch.gui.data.background import Replies, faults_reported
from photosearch.gui.desktop import files
from photosearch.gui.library.status import StatusLine
from photosearch.i18n import tr, translated


class UpdateCheck(QObject):
    """Asks beside the GUI thread, one time at a time, and shows the answer over the window."""

    def __init__(self, window: QWidget, status: StatusLine) -> None:
        super().__init__(window)
        self._window, self._status = window, status
        self._replies = Replies(self)
        self._asking = False

    def ask(self) -> None:
        """Ask whether there is a newer version."""
        if self._asking:
            return
        self._asking = True
        self._status.show_message(tr("Asking whether there is a newer version…"))
        threading.Thread(target=self._ask, name="update-check", daemon=True).start()

    def _ask(self) -> None:
        try:
            with faults_reported():
                answer = updates.newest()
        except KnownError as error:
            self._replies.give(self, self._show_problem, translated(error.sentence))
        else:
            self._replies.give(self, self.show_release, answer)

    def _show_problem(self, sentence: str) -> None:
        self._asking = False
        self._status.show_message("")
        self._status.show_problem(sentence)

    def show_release(self, release: updates.Release) -> None:
        """Say what the newest version is."""
        self._asking = False
        if not release.is_newer:
            self._status.show_message(tr("PhotoSearch {version} is the newest version.", version=__version__))
            return
        self._status.show_message("")
        title = tr("PhotoSearch {version} is out", version=release.version)
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, title, parent=self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        here = tr("This is {version}. Nothing is installed by itself.", version=__version__)
        notes = release.notes[: updates.MOST_SHOWN].strip()
        box.setInformativeText(f"{here}\n\n{notes}".strip())
        get = box.addButton(tr("Open its page"), QMessageBox.ButtonRole.AcceptRole)
        box.setEscapeButton(box.addButton(tr("Close"), QMessageBox.ButtonRole.RejectRole))
        get.clicked.connect(lambda: files.open_page(release.page))
        box.open()
