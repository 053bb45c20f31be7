"""Going back to a copy of the library: which one, what that would lose, and doing it without a window."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressDialog,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.errors import KnownError
from photosearch.gui.data.background import faults_reported
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.viewer.information_text import date
from photosearch.gui.widgets import theme
from photosearch.i18n import tr, tr_n, translated
from photosearch.paths import Library
from photosearch.store import backup

_WIDTH = 520
_PATH = Qt.ItemDataRole.UserRole


class RestoreDialog(QDialog):
    """Lists the copies there are, and says of the chosen one what it has beside what the library has."""

    wanted = Signal(object)  # Path: of the copy to go back to

    def __init__(self, parent: QWidget, library: Library, reader: LibraryReader) -> None:
        super().__init__(parent)
        self._library, self._reader = library, reader
        self._said: Callable[[], str] = str
        self._heading = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._heading.setFont(theme.scaled_font(1.15, semibold=True))
        self._help = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._help.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.copies = QListWidget()
        self.content = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.content.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.content.setMinimumHeight(3 * self.fontMetrics().lineSpacing())  # so that nothing moves
        self.other = QPushButton()
        self.go_back = QPushButton()
        self.cancel = QPushButton(default=True)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.other)
        foot.addStretch(1)
        foot.addWidget(self.go_back)
        foot.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        for widget in (self._heading, self._help, self.copies, self.content):
            column.addWidget(widget, 1 if widget is self.copies else 0)
        column.addLayout(foot)
        self.copies.setSpacing(4)
        self.go_back.setEnabled(False)
        self.copies.currentItemChanged.connect(self._on_chosen)
        self.other.clicked.connect(self._choose_file)
        self.go_back.clicked.connect(self._go_back)
        self.cancel.clicked.connect(self.reject)
        self.retranslate()
        self.resize(_WIDTH, min(460, parent.height()))
        reader.ask(self, lambda _: _found(library), self._list)

    def add(self, copy: Path) -> None:
        """Put a copy first, and choose it."""
        item = QListWidgetItem()
        item.setData(_PATH, copy)
        self.copies.insertItem(0, item)
        self.retranslate()
        self.copies.setCurrentItem(item)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Go back to a copy"))
        self._heading.setText(tr("Go back to a copy of the library"))
        self._help.setText(
            tr(
                "PhotoSearch copies captions, albums, stars and all that it knows once a day. "
                "Your photos are not in a copy, and stay as they are."
            )
        )
        self.other.setText(tr("Another file…"))
        self.go_back.setText(tr("Go back"))
        self.cancel.setText(tr("Cancel"))
        self.copies.setAccessibleName(tr("Copies"))
        for row in range(self.copies.count()):
            item = self.copies.item(row)
            item.setText(_named(item.data(_PATH)))
        self.content.setText(self._said())

    def _list(self, found: list[Path]) -> None:
        for copy in found:  # the latest comes last, and is chosen
            self.add(copy)
        if not found:
            self._say(lambda: tr("There are no copies yet; name a file that you have copied yourself."))

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        self.go_back.setEnabled(False)
        if item is None:
            return
        copy: Path = item.data(_PATH)
        self._say(lambda: tr("Reading the copy…"))
        self._reader.ask(
            self,
            lambda _: (copy, backup.content(self._library), backup.content_of_copy(copy)),
            self._on_content,
            lambda sentence: self._say(lambda: sentence),
        )

    def _on_content(self, read: tuple[Path, backup.Content | None, backup.Content]) -> None:
        copy, present, then = read
        if copy != self._chosen():
            return  # another one was chosen meanwhile
        self._say(
            lambda: "\n".join(
                (
                    tr("The copy has {content}.", content=_counted(then)),
                    *([tr("The library has {content}.", content=_counted(present))] if present else []),
                    tr("What the copy does not have will be lost; the present state is copied first."),
                )
            )
        )
        self.go_back.setEnabled(True)

    def _say(self, said: Callable[[], str]) -> None:
        self._said = said
        self.content.setText(said())

    def _chosen(self) -> Path | None:
        item = self.copies.currentItem()
        return item.data(_PATH) if item else None

    def _choose_file(self) -> None:
        chooser = QFileDialog(self, tr("A copy of the library"), "", tr("Copies") + " (*.sqlite3);;* (*)")
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(lambda name: self.add(Path(name)))
        chooser.open()

    def _go_back(self) -> None:
        copy = self._chosen()
        self.accept()
        self.wanted.emit(copy)


def gone_back(library: Library, copy: Path) -> str:
    """Go back to a copy while no window is open, and show that this goes on; -> what to say of it."""
    from photosearch.engine.restoring import restored

    shown = QProgressDialog(tr("Going back to the copy…"), "", 0, 0)
    shown.setWindowTitle("PhotoSearch")
    shown.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)  # the next window is to stay
    shown.setCancelButton(None)
    shown.show()
    ended = _Ended()
    loop = QEventLoop()
    ended.happened.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
    said: list[str] = []

    def work() -> None:
        try:
            with faults_reported():
                restored(library, copy)
            said.append(tr("The library is as it was in the copy; the state before is among the copies now."))
        except KnownError as error:
            said.append(translated(error.sentence))
        ended.happened.emit()

    thread = threading.Thread(target=work, name="restore", daemon=True)
    thread.start()
    loop.exec()
    thread.join()
    shown.close()
    shown.deleteLater()
    return said[0]


class _Ended(QObject):
    happened = Signal()


_LAST_DAY = 253_370_764_800  # of the year 9998, Unix time


def _found(library: Library) -> list[Path]:
    copies = [*backup.set_aside(library), *backup.kept(library, time.time())]
    return sorted(copies, key=_written)


def _written(copy: Path) -> int:
    """Unix time, whatever a file system makes of it: calendars go neither before 1601 nor past 9999."""
    try:
        return max(0, min(int(copy.stat().st_mtime), _LAST_DAY))
    except OSError:
        return 0


def _named(copy: Path) -> str:
    """When it was made; of a file of the person's, its path."""
    when = date(datetime.fromtimestamp(_written(copy)).isoformat())
    if copy.name.startswith("before-restore-"):
        return tr("{when}, before going back to a copy", when=when)
    return when if copy.parent.name == "backups" else f"{copy} ({when})"


def _counted(content: backup.Content) -> str:
    return tr(", ").join(
        (
            tr_n("{n} photo", "{n} photos", content.photos),
            tr_n("{n} caption", "{n} captions", content.captions),
            tr_n("{n} favourite", "{n} favourites", content.favourites),
            tr_n("{n} rating", "{n} ratings", content.ratings),
            tr_n("{n} album", "{n} albums", content.albums),
        )
    )
