"""The lessons that the library keeps: which is in use, and what can be done with each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout

from photosearch.core.teaching import LessonInfo
from photosearch.gui.teach import wording
from photosearch.gui.teach.teach_page import Remark, TeachPage, body, plain, quiet, title
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import make_action, make_menu
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n


class VersionRow(QFrame):
    """One lesson of the list; for None, the model as it came."""

    def __init__(self, info: LessonInfo | None, *, in_use: bool) -> None:
        super().__init__()
        self.setObjectName("card")
        self.info, self._in_use = info, in_use
        self.name, self._about = body(), quiet(0.9)
        self.name.setFont(theme.scaled_font(1.0, semibold=True))
        self._mark = QLabel()
        self._mark.setFixedSize(24, 24)
        if in_use:
            self._mark.setPixmap(icon("done", QPalette.ColorRole.Highlight).pixmap(24, 24))
        self.use = QPushButton()
        self.more = QToolButton()
        self.more.setObjectName("bar")
        self.more.setIcon(icon("more"))
        self.more.setIconSize(QSize(18, 18))
        self.more.setVisible(info is not None)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.name)
        column.addWidget(self._about)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._mark)
        row.addLayout(column, 1)
        row.addWidget(self.use)
        row.addWidget(self.more)
        self.retranslate()

    def retranslate(self) -> None:
        info = self.info
        if info is None:
            name, about = tr("As it came"), [tr("Without words of your own")]
        else:
            name, day = info.name, wording.day(info.created_at)
            about = [
                day if day != name else "",
                tr_n("{n} caption", "{n} captions", info.captions),
                wording.verdict(info.verdict) if info.verdict else "",
                tr("with your changes") if info.edited else "",
                "" if info.fits else tr("made for another model"),
            ]
        self.name.setText(name)
        self._about.setText("  ·  ".join(part for part in about if part))
        self.use.setText(tr("In use") if self._in_use else tr("Use"))
        self.use.setAccessibleName(f"{self.use.text()}: {name}")
        self.use.setEnabled(not self._in_use and (info is None or info.fits))
        self.more.setToolTip(tr("More"))
        self.more.setAccessibleName(f"{tr('More')}: {name}")
        self.setAccessibleName(name)


class VersionsPage(TeachPage):
    """Lists the lessons there are, which one is in use, and what can be done with each."""

    use_wanted = Signal(object)  # id; "": none
    back_wanted = Signal()
    report_wanted = Signal(object)  # LessonInfo
    rename_wanted = Signal(object)  # LessonInfo
    delete_wanted = Signal(object)  # LessonInfo
    export_wanted = Signal(object)  # LessonInfo
    import_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lessons: Sequence[LessonInfo] | None = None
        self._can_roll_back = False
        self.rows: list[VersionRow] = []
        self._title, self._what = title(), quiet()
        self.remark = Remark()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.back, self.import_, self.close_button = plain(), plain(), plain()
        for widget, after in ((self._title, 8), (self._what, 24), (self.remark, 0)):
            self.column.addWidget(widget)
            self.column.addSpacing(after)
        self.column.addLayout(self._list)
        self.column.addStretch(1)
        self.foot.addWidget(self.import_)
        self.foot.addStretch(1)
        self.foot.addWidget(self.back)
        self.foot.addWidget(self.close_button)
        self.back.clicked.connect(self._go_back)
        self.import_.clicked.connect(self.import_wanted)
        self.retranslate()

    def show_lessons(self, lessons: Sequence[LessonInfo], *, can_roll_back: bool) -> None:
        """Show these lessons; the keyboard stays at its place."""
        self._can_roll_back = can_roll_back
        self.go_on()
        if list(lessons) == self._lessons:
            return
        self._lessons = list(lessons)
        focused = next((place for place, row in enumerate(self.rows) if row.use.hasFocus()), None)
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        none = not any(info.in_use for info in lessons)
        self.rows = [VersionRow(info, in_use=info.in_use) for info in lessons]
        self.rows.append(VersionRow(None, in_use=none))
        for row in self.rows:
            self._list.addWidget(row)
            self._connect(row)
        if focused is not None:
            self.rows[min(focused, len(self.rows) - 1)].more.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        self._title.setText(tr("Versions"))
        self._what.setText(
            tr("What was learnt is kept, each time under its own name. One of them is in use at a time.")
        )
        self.back.setText(tr("Switch back"))
        self.back.setToolTip(tr("To what was in use before"))
        self.import_.setText(tr("Import…"))
        self.close_button.setText(tr("Close"))

    def go_on(self) -> None:
        """What was wanted is done, or was refused."""
        self.back.setEnabled(self._can_roll_back)
        for row in self.rows:
            row.retranslate()

    def _wait(self) -> None:
        """The engine may have something else to do first."""
        for button in (self.back, *(row.use for row in self.rows)):
            button.setEnabled(False)

    def _go_back(self) -> None:
        self._wait()
        self.back_wanted.emit()

    def _use(self, lesson: str) -> None:
        self._wait()
        self.use_wanted.emit(lesson)

    def _connect(self, row: VersionRow) -> None:
        info = row.info
        row.use.clicked.connect(lambda: self._use(info.lesson if info else ""))
        if info is not None:
            row.more.clicked.connect(lambda: self._show_menu(row, info))

    def menu(self, info: LessonInfo) -> QMenu:
        """What can be done with a lesson; the menu deletes itself when closed."""
        menu = make_menu(self)
        for text_of, signal, picture in (
            (lambda: tr("Show the report"), self.report_wanted, "info"),
            (lambda: tr("Rename…"), self.rename_wanted, "pencil"),
            (lambda: tr("Export…"), self.export_wanted, "open"),
            (lambda: tr("Delete…"), self.delete_wanted, "trash"),
        ):
            make_action(menu, text_of, "", partial(signal.emit, info), picture)
        return menu

    def _show_menu(self, row: VersionRow, info: LessonInfo) -> None:
        self.menu(info).popup(row.more.mapToGlobal(QPoint(0, row.more.height() + 4)))
