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
from photosearch.gui.teach.before import BeforePage
from photosearch.gui.teach.files import LessonFiles
from photosearch.gui.teach.page import MARGIN, TeachPage
from photosearch.gui.teach.report import ReportPage
from photosearch.gui.teach.running import RunningPage
from photosearch.gui.teach.state import TeachingNews
from photosearch.gui.teach.versions import VersionsPage
from photosearch.gui.teach.words_page import WordsPage
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr, translated

_WIDTH, _HEIGHT = 860, 700


class TeachDialog(QDialog):
    """Shows what `news` knows. Closed, it is hidden; learning goes on."""

    captions_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, news: TeachingNews, reader: LibraryReader, parent: QWidget) -> None:
        super().__init__(parent)
        self._news = news
        self._wants_before = True  # not the report of the last time
        self._awaited_report = ""  # the lesson whose report is to be shown once it comes
        self._was_running = news.state.phase == "running"
        self.before, self.running = BeforePage(), RunningPage()
        self.report, self.words, self.versions = ReportPage(reader), WordsPage(), VersionsPage()
        self._files = LessonFiles(news, self)
        self._pages = QStackedWidget()
        self._learn = QStackedWidget()
        for page in (self.before, self.running, self.report):
            self._learn.addWidget(page)
        for shown in (self._learn, self.words, self.versions):
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
            tab.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
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
        if news.state.phase == "failed":
            self._ended(news.state)
        self.resize(min(_WIDTH, parent.width()), min(_HEIGHT, parent.height()))

    def _connect(self) -> None:
        news, before, report = self._news, self.before, self.report
        news.state_changed.connect(self._state_changed)
        news.readiness_changed.connect(self._tell)
        news.lessons_changed.connect(self._tell)
        news.words_changed.connect(self._tell)
        news.report_came.connect(self._report_came)
        news.lost.connect(self._tell)
        news.refused.connect(self._refused)
        before.start_wanted.connect(self._start)
        before.captions_wanted.connect(self.captions_wanted)
        before.folder_wanted.connect(self.folder_wanted)
        before.import_wanted.connect(self._files.choose_captions)
        before.import_folder_wanted.connect(self._files.choose_folder)
        self._files.captions_asked.connect(lambda: before.remark.say(tr("Taking in captions…")))
        self._files.captions_came.connect(self._captions_came)
        self.running.stop_wanted.connect(lambda keep: news.stop(keep=keep))
        report.use_wanted.connect(lambda lesson: news.change(teaching.UseLesson(lesson)))
        report.keep_wanted.connect(self.close)
        report.back_wanted.connect(self._switch_back)
        report.again_wanted.connect(self.show_before)
        report.words.changed.connect(news.set_word)
        report.words.removed.connect(lambda name: news.set_word(name, ""))
        self.words.set_wanted.connect(news.set_word)
        self.words.remove_wanted.connect(lambda name: news.set_word(name, ""))
        versions = self.versions
        versions.use_wanted.connect(lambda lesson: news.change(teaching.UseLesson(lesson)))
        versions.back_wanted.connect(lambda: news.change(teaching.RollBack()))
        versions.report_wanted.connect(self._ask_report)
        versions.rename_wanted.connect(self._files.ask_for_name)
        versions.delete_wanted.connect(self._files.ask_to_delete)
        versions.export_wanted.connect(self._files.choose_export)
        versions.import_wanted.connect(self._files.choose_import)
        for page in (before, self.words, versions):
            page.close_button.clicked.connect(self.close)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Teach it your words"))
        for tab, text in zip(self.tabs, (tr("Learn"), tr("Words"), tr("Versions")), strict=True):
            tab.setText(text)
        self._tell()

    # --- which page

    def open_(self) -> None:
        """Show it, or bring it to the front; what it shows is asked anew."""
        self._news.look()
        self._tell()
        self.show()
        self.raise_()
        self.activateWindow()
        self._focus(self._learn.currentWidget())

    def show_report(self) -> None:
        """Of the last time, once it is there."""
        self.show_tab(0)
        if self._news.state.lesson:
            self._await_report(self._news.state.lesson)

    def show_before(self) -> None:
        """What there is to learn from, instead of what came of the last time."""
        self._wants_before = True
        self._awaited_report = ""
        self.before.remark.say("")
        self.show_tab(0)
        self._tell()

    def show_tab(self, place: int) -> None:
        self.tabs[place].setChecked(True)
        self._pages.setCurrentIndex(place)

    def _state_changed(self) -> None:
        state = self._news.state
        if state.phase == "running":
            if not self._was_running:
                self._wants_before = True  # until there is a report
                self._say("")
        elif self._was_running:
            self._ended(state)
        self._was_running = state.phase == "running"
        self._tell()

    def _ended(self, state: TeachingState) -> None:
        match state.phase:
            case "done":
                self._news.ask_lessons()
                self._await_report(state.lesson)
            case "failed":
                self.before.remark.say(translated(state.sentence), "alert")
            case "cancelled":
                self.before.remark.say(tr("Learning was stopped. Nothing has changed."))

    def _report_came(self, lesson: str, report: TeachReport | None) -> None:
        if lesson != self._awaited_report:
            return
        if report is None:
            self._refused(tr("This one came without a report."))
            return
        self.report.show_report(lesson, report)
        announce(self, self.report.verdict.text())
        self._wants_before = False
        self._tell()

    def _ask_report(self, info: LessonInfo) -> None:
        if self._news.state.phase != "running":
            self.show_tab(0)
        self._await_report(info.lesson)

    def _await_report(self, lesson: str) -> None:
        self._awaited_report = lesson
        self._news.ask_report(lesson)

    # --- what there is to tell

    def _tell(self) -> None:
        news = self._news
        running = news.state.phase == "running"
        page: TeachPage = self.running if running else self.before if self._wants_before else self.report
        could_start = self.before.start.isEnabled()
        self.before.show_readiness(news.readiness, news.photos, here=news.here)
        if page is self.before and self.before.start.isEnabled() and not could_start:
            self._focus(page)
        self.running.show_state(news.state, here=news.here)
        info = next((info for info in news.lessons if info.lesson == self.report.lesson), None)
        in_use = next((info for info in news.lessons if info.in_use), None)
        self.report.show_lesson(info, in_use, news.words)
        self.words.show_words(news.words)
        self.versions.show_lessons(news.lessons, can_roll_back=news.can_roll_back)
        if self._learn.currentWidget() is not page:
            self._learn.setCurrentWidget(page)
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

    def _refused(self, sentence: str) -> None:
        if self.isVisible():
            self.running.refused()
            self.versions.go_on()
            self._say(sentence)

    def _captions_came(self, sentence: str) -> None:
        self.before.remark.say(sentence, "done")

    def _say(self, sentence: str) -> None:
        """On the page in view."""
        page = self._pages.currentWidget()
        shown = self._learn.currentWidget() if page is self._learn else page
        for each in (self.before, self.running, self.report, self.words, self.versions):
            each.remark.say(sentence if each is shown else "", "alert")

    # --- what the person wants

    def _switch_back(self) -> None:
        if self.report.edited:  # what was before is the same lesson; the person shall choose
            self.show_tab(2)
        else:
            self._news.change(teaching.RollBack())

    def _start(self) -> None:
        self.before.remark.say("")
        self._news.teach()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field ends the writing there; it presses no button elsewhere."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(
            self.focusWidget(), QLineEdit | QComboBox
        ):
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._news.look_away()
