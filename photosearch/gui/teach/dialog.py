"""The teaching window: learning in its three states, the words, the versions. It blocks nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core import teaching_messages as teaching
from photosearch.core.teaching import LessonInfo, TeachingState, TeachReport
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.teach.before_page import BeforePage
from photosearch.gui.teach.lesson_files import LessonFiles
from photosearch.gui.teach.report_page import ReportPage
from photosearch.gui.teach.running_page import RunningPage
from photosearch.gui.teach.teach_page import MARGIN, TeachPage
from photosearch.gui.teach.teaching_client import TeachingClient
from photosearch.gui.teach.versions_page import VersionsPage
from photosearch.gui.teach.words_page import WordsPage
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr, translated

_WIDTH, _HEIGHT = 860, 700


class TeachDialog(QDialog):
    """The window of teaching. It shows what `client` knows; closed, it is hidden, and learning goes on."""

    captions_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, client: TeachingClient, reader: LibraryReader, parent: QWidget) -> None:
        super().__init__(parent)
        self.client = client
        self._wants_before = True  # not the report of the last time
        self._awaited_report = ""  # the lesson whose report is to be shown once it comes
        self._was_running = client.state.phase == "running"
        self.before, self.running = BeforePage(), RunningPage()
        self.report, self.words, self.versions = ReportPage(reader), WordsPage(), VersionsPage()
        self.files = LessonFiles(client, self)
        self._pages = QStackedWidget()
        self.learn_pages = QStackedWidget()
        for page in (self.before, self.running, self.report):
            self.learn_pages.addWidget(page)
        for shown in (self.learn_pages, self.words, self.versions):
            self._pages.addWidget(shown)
        self.tabs = [QToolButton() for _ in range(3)]
        group = QButtonGroup(self)
        head = QWidget()
        head.setObjectName("tabs")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(head)
        row.setContentsMargins(MARGIN - 12, 0, MARGIN, 0)
        row.setSpacing(4)
        for place, tab in enumerate(self.tabs):
            tab.setObjectName("tab")
            tab.setCheckable(True)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            group.addButton(tab, place)
            row.addWidget(tab)
        row.addStretch(1)
        self.tabs[0].setChecked(True)
        group.idClicked.connect(self._pages.setCurrentIndex)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._pages, 1)
        self._connect()
        self.retranslate()
        if client.state.phase == "failed":
            self._on_ended(client.state)
        self.resize(min(_WIDTH, parent.width()), min(_HEIGHT, parent.height()))

    def _connect(self) -> None:
        client, before, report = self.client, self.before, self.report
        client.state_changed.connect(self._on_state_changed)
        client.readiness_changed.connect(self._update_pages)
        client.lessons_changed.connect(self._update_pages)
        client.words_changed.connect(self._update_pages)
        client.report_received.connect(self._on_report)
        client.lost.connect(self._update_pages)
        client.refused.connect(self._on_refused)
        before.start_wanted.connect(self._start)
        before.captions_wanted.connect(self.captions_wanted)
        before.folder_wanted.connect(self.folder_wanted)
        before.import_wanted.connect(self.files.choose_captions)
        before.import_folder_wanted.connect(self.files.choose_folder)
        self.files.import_begun.connect(lambda: before.remark.say(tr("Taking in captions…")))
        self.files.captions_imported.connect(self._on_captions_imported)
        self.running.stop_wanted.connect(lambda keep: client.stop(keep=keep))
        report.use_wanted.connect(lambda lesson: client.change(teaching.UseLesson(lesson)))
        report.keep_wanted.connect(self.close)
        report.back_wanted.connect(self._switch_back)
        report.again_wanted.connect(self.show_before)
        report.words.changed.connect(client.set_word)
        report.words.removed.connect(lambda name: client.set_word(name, ""))
        self.words.set_wanted.connect(client.set_word)
        self.words.remove_wanted.connect(lambda name: client.set_word(name, ""))
        versions = self.versions
        versions.use_wanted.connect(lambda lesson: client.change(teaching.UseLesson(lesson)))
        versions.back_wanted.connect(lambda: client.change(teaching.RollBack()))
        versions.report_wanted.connect(self._ask_report)
        versions.rename_wanted.connect(self.files.ask_for_name)
        versions.delete_wanted.connect(self.files.ask_to_delete)
        versions.export_wanted.connect(self.files.choose_export)
        versions.import_wanted.connect(self.files.choose_import)
        for page in (before, self.words, versions):
            page.close_button.clicked.connect(self.close)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Teach it your words"))
        for tab, text in zip(self.tabs, (tr("Learn"), tr("Words"), tr("Versions")), strict=True):
            tab.setText(text)
        self._update_pages()

    # --- which page

    def open_(self) -> None:
        """Show it, or bring it to the front; what it shows is asked anew."""
        self.client.start_watching()
        self._update_pages()
        self.show()
        self.raise_()
        self.activateWindow()
        self._focus(self.learn_pages.currentWidget())

    def show_report(self) -> None:
        """Show the report of the last time, once it is there."""
        self.show_tab(0)
        if self.client.state.lesson:
            self._await_report(self.client.state.lesson)

    def show_before(self) -> None:
        """Show what there is to learn from, instead of what came of the last time."""
        self._wants_before = True
        self._awaited_report = ""
        self.before.remark.say("")
        self.show_tab(0)
        self._update_pages()

    def show_tab(self, place: int) -> None:
        """Show the page at this place."""
        self.tabs[place].setChecked(True)
        self._pages.setCurrentIndex(place)

    def _on_state_changed(self) -> None:
        state = self.client.state
        if state.phase == "running":
            if not self._was_running:
                self._wants_before = True  # until there is a report
                self._show_remark("")
        elif self._was_running:
            self._on_ended(state)
        self._was_running = state.phase == "running"
        self._update_pages()

    def _on_ended(self, state: TeachingState) -> None:
        match state.phase:
            case "done":
                self.client.ask_lessons()
                self._await_report(state.lesson)
            case "failed" if state.sentence is not None:
                self.before.remark.say(translated(state.sentence), "alert")
            case "cancelled":
                self.before.remark.say(tr("Learning was stopped. Nothing has changed."))

    def _on_report(self, lesson: str, report: TeachReport | None) -> None:
        if lesson != self._awaited_report:
            return
        if report is None:
            self._on_refused(tr("This one came without a report."))
            return
        self.report.show_report(lesson, report)
        announce(self, self.report.verdict.text())
        self._wants_before = False
        self._update_pages()

    def _ask_report(self, info: LessonInfo) -> None:
        if self.client.state.phase != "running":
            self.show_tab(0)
        self._await_report(info.lesson)

    def _await_report(self, lesson: str) -> None:
        self._awaited_report = lesson
        self.client.ask_report(lesson)

    # --- what there is to tell

    def _update_pages(self) -> None:
        client = self.client
        running = client.state.phase == "running"
        page: TeachPage = self.running if running else self.before if self._wants_before else self.report
        could_start = self.before.start.isEnabled()
        self.before.show_readiness(client.readiness, client.photos, here=client.here)
        if page is self.before and self.before.start.isEnabled() and not could_start:
            self._focus(page)
        self.running.show_state(client.state, here=client.here)
        info = next((info for info in client.lessons if info.lesson == self.report.lesson), None)
        in_use = next((info for info in client.lessons if info.in_use), None)
        self.report.show_lesson(info, in_use, client.words)
        self.words.show_words(client.words)
        self.versions.show_lessons(client.lessons, can_roll_back=client.can_roll_back)
        if self.learn_pages.currentWidget() is not page:
            self.learn_pages.setCurrentWidget(page)
            self._focus(page)

    def _focus(self, page: QWidget | None) -> None:
        """The keyboard goes to what one wants most likely."""
        button: QPushButton = self.report.main
        if page is self.before:
            button = self.before.start if self.before.start.isEnabled() else self.before.more
        elif page is self.running:
            button = self.running.cancel
        button.setDefault(True)
        if self.isVisible():
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_refused(self, sentence: str) -> None:
        if self.isVisible():
            self.running.refused()
            self.versions.go_on()
            self._show_remark(sentence)

    def _on_captions_imported(self, sentence: str) -> None:
        self.before.remark.say(sentence, "done")

    def _show_remark(self, sentence: str) -> None:
        """On the page in view."""
        page = self._pages.currentWidget()
        shown = self.learn_pages.currentWidget() if page is self.learn_pages else page
        for each in (self.before, self.running, self.report, self.words, self.versions):
            each.remark.say(sentence if each is shown else "", "alert")

    # --- what the person wants

    def _switch_back(self) -> None:
        if self.report.edited:  # what was before is the same lesson; the person shall choose
            self.show_tab(2)
        else:
            self.client.change(teaching.RollBack())

    def _start(self) -> None:
        self.before.remark.say("")
        self.client.teach()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field ends the writing there; it presses no button elsewhere."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(
            self.focusWidget(), QLineEdit | QComboBox
        ):
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.client.stop_watching()
