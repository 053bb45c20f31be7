"""Photos that are there more than once, bursts, RAW files with their JPEG; and what there is to win."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.history_messages import RecordTrash
from photosearch.core.stack_messages import Kind, PhotoStack, Stacks
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.library.stack_list import MOST, StackList
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.choice_button import ChoiceButton
from photosearch.gui.widgets.progress_text import size_text
from photosearch.gui.widgets.rows import Rows
from photosearch.i18n import paragraph, tr, tr_n

_ROOM_FOR_SIZE = 320  # logical pixels: in less, a button says no more than what it does
_KINDS: dict[str, tuple[Kind, ...]] = {
    "duplicates": ("identical", "copies"),
    "bursts": ("burst",),
    "raw": ("raw",),
}


class DuplicatesPage(QWidget):
    """Lists files that belong together, and moves those that the person ticks to the trash."""

    search_wanted = Signal()
    # list[tuple[StackedFile, tuple[StackedFile, ...]]]: what is to go, each with what stays of its stack
    trash_wanted = Signal(object)
    opened = Signal(object)  # int: the photo to look at
    told = Signal(object)  # str: something about what was just tried

    def __init__(self, reader: LibraryReader) -> None:
        super().__init__()
        self._stacks: tuple[PhotoStack, ...] = ()
        self._unknown = 0
        self._problem = ""
        self._searching = False
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self._explanation = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 1000)
        self.kind = ChoiceButton(
            lambda: tr("What belongs together"),
            {
                "duplicates": lambda: tr("Duplicates"),
                "bursts": lambda: tr("Bursts"),
                "raw": lambda: tr("RAW and JPEG"),
            },
        )
        self.list = StackList(reader)
        self.move_ticked = QPushButton()
        self.ticks = QPushButton()
        self.reveal = QPushButton()
        self.again = QPushButton()
        self.kind.setFixedHeight(theme.CONTROL_HEIGHT)
        self._buttons = Rows(8)
        for button in (self.move_ticked, self.ticks, self.reveal, self.again, self.kind):
            self._buttons.add(button)
        self.setFocusProxy(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.MARGIN)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._explanation)
        column.addWidget(self.bar)
        column.addSpacing(8)
        column.addWidget(self._buttons)
        column.addSpacing(8)
        column.addWidget(self.list, 1)
        self.kind.chosen.connect(lambda _: self._show())
        self.move_ticked.clicked.connect(lambda: self.trash_wanted.emit(self.list.ticked()))
        self.ticks.clicked.connect(lambda: self.list.tick_spare(not self.list.ticked()))
        self.reveal.clicked.connect(lambda: files.reveal(self.list.selected()[0].path_bytes))
        self.again.clicked.connect(self.search_wanted)
        self.list.itemActivated.connect(lambda *_: self._open())
        self.list.itemSelectionChanged.connect(self._update)
        self.list.ticks_changed.connect(self._update)
        self.list.last_one_kept.connect(
            lambda: self.told.emit(
                tr("One file of each stays. To remove all of them, select them among the photos.")
            )
        )
        self._update()

    def begin(self) -> None:
        """The engine looks now: show that, and what was found before."""
        self._searching, self._problem = True, ""
        self.bar.setValue(0)
        self._update()

    def show_progress(self, done: float) -> None:
        """Show how far the engine is, 0 to 1."""
        self.bar.setValue(round(1000 * done))

    def show_stacks(self, found: Stacks) -> None:
        """Show what the engine found; ticks and place stay where that is what is shown."""
        same = found.stacks == self._stacks
        self._searching, self._stacks, self._unknown = False, found.stacks, found.unknown
        if same:
            self._update()
        else:
            self._show()

    def show_gone(self, folders: frozenset[bytes]) -> None:
        """Say of files in these folders that they are not there, though their drive is."""
        if folders != self.list.gone:
            self.list.gone = folders
            self._show()

    def show_refusal(self, sentence: str) -> None:
        """Say why the engine found nothing."""
        self._searching, self._problem = False, sentence
        self._update()

    def forget(self, gone: RecordTrash) -> None:
        """Take files off the list that lie in the trash now."""
        paths = {file.path_bytes for file in gone.files}
        left = []
        for stack in self._stacks:
            kept = tuple(file for file in stack.files if file.path_bytes not in paths)
            if len(kept) > 1:
                left.append(stack if len(kept) == len(stack.files) else PhotoStack(stack.kind, kept))
        if left != list(self._stacks):
            self._stacks = tuple(left)
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._update()

    def retranslate(self) -> None:
        self.kind.retranslate()
        self.list.retranslate()
        self._show()

    @property
    def _shown(self) -> list[PhotoStack]:
        (kind,) = self.kind.values
        return [stack for stack in self._stacks if stack.kind in _KINDS[kind]]

    def _show(self) -> None:
        self.list.show_stacks(self._shown)
        self._update()

    def _update(self) -> None:
        ticked = [file for file, _ in self.list.ticked()]
        size = size_text(sum(file.size for file in ticked))
        self._title.setText(self._title_text())
        self._explanation.setText(self._explanation_text())
        self.bar.setVisible(self._searching)
        self.bar.setAccessibleName(tr("Comparing photos…"))
        self.move_ticked.setText(
            tr_n("Move {n} file to the trash…", "Move {n} files to the trash…", len(ticked))
            + (f"  ·  {size}" if ticked and self.width() >= _ROOM_FOR_SIZE else "")
        )
        self.move_ticked.setEnabled(bool(ticked))
        self.ticks.setText(tr("Take all ticks away") if ticked else tr("Tick what may go"))
        self.ticks.setEnabled(bool(ticked) or any(stack.to_win for stack in self._shown))
        self.reveal.setText(tr("Show in file manager"))
        self.reveal.setEnabled(len(self.list.selected()) == 1)
        self.again.setText(tr("Look again"))
        self.again.setEnabled(not self._searching)

    def _title_text(self) -> str:
        (kind,) = self.kind.values
        count = len(self._shown)
        if self._searching and not self._stacks:
            return tr("Comparing photos…")
        if not count:
            return {
                "duplicates": tr("No duplicates"),
                "bursts": tr("No bursts"),
                "raw": tr("No RAW files with a JPEG"),
            }[kind]
        return {
            "duplicates": tr_n(
                "{n} picture is here more than once", "{n} pictures are here more than once", count
            ),
            "bursts": tr_n("{n} burst", "{n} bursts", count),
            "raw": tr_n("{n} shot as RAW and JPEG", "{n} shots as RAW and JPEG", count),
        }[kind]

    def _explanation_text(self) -> str:
        (kind,) = self.kind.values
        if self._problem:
            return self._problem
        if self._searching and not self._stacks:
            return tr("You can go on meanwhile: searches go first.")
        said = []
        if to_win := sum(stack.to_win for stack in self._shown):
            said.append(
                tr(
                    "{size} to win. What is ticked may go and nothing is lost: a file that shows the same as "
                    "well or better stays, and so does each photo with notes of yours.",
                    size=size_text(to_win),
                )
            )
        elif self._shown and kind != "duplicates":
            said.append(
                tr("Nothing is ticked here: each of them shows something else. Tick what you do not want.")
            )
        elif not self._shown:
            said.append(tr("All of them would be listed here."))
        if len(self._shown) > MOST:
            said.append(tr_n("Here is the first {n}.", "Here are the first {n}.", MOST))
        if self._unknown:
            said.append(tr_n("{n} photo was not read yet.", "{n} photos were not read yet.", self._unknown))
        return paragraph(said)

    def _open(self) -> None:
        for file in self.list.selected()[:1]:
            self.opened.emit(file.photo_id)
