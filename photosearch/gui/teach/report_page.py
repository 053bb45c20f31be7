"""What came of it: the verdict in words, the same captions before and after, the words learnt."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from photosearch.core.teaching import LearntWord, LessonInfo, TeachReport, Word
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.teach import wording
from photosearch.gui.teach.dots import BeforeAndAfter
from photosearch.gui.teach.query_list import QueryList
from photosearch.gui.teach.teach_page import Remark, TeachPage, body, heading, plain, primary, quiet, title
from photosearch.gui.teach.words_list import WordsList
from photosearch.gui.widgets.flush import flush
from photosearch.i18n import tr, translated


class ReportPage(TeachPage):
    """Shows what came of a teaching, in words and counts, and asks whether to use it."""

    use_wanted = Signal(object)  # the lesson's id
    keep_wanted = Signal()  # things stay as they are
    back_wanted = Signal()  # to what was in use before
    again_wanted = Signal()

    def __init__(self, reader: LibraryReader) -> None:
        super().__init__()
        self._lesson = ""
        self._report: TeachReport | None = None
        self._info: LessonInfo | None = None
        self._words: Sequence[Word] = ()
        self.edited = False  # it is in use with changes of the person's
        self.verdict, self._explained = title(), body()
        self.remark = Remark()
        self.dots = BeforeAndAfter()
        self.counts, self.general = body(), body()
        self._words_title, self._queries_title = heading(), heading()
        self._words_hint, self._queries_hint = quiet(0.9), quiet(0.9)
        self.skipped = quiet(0.9)
        self.words = WordsList()
        self.queries = QueryList(reader)
        self._any_time = quiet(0.9)
        self.again = QPushButton()
        self.again.setObjectName("quiet")
        self.other, self.main = plain(), primary()
        for widget, after in ((self.verdict, 8), (self._explained, 24), (self.remark, 0)):
            self.column.addWidget(widget)
            self.column.addSpacing(after)
        for gap, after, group in (
            (12, 32, (self.dots, self.counts, self.general)),
            (8, 32, (self._words_title, self._words_hint, self.words)),
            (4, 24, (self._queries_title, self._queries_hint, self.queries)),
            (0, 0, (self.skipped,)),
        ):
            together = QVBoxLayout()
            together.setSpacing(gap)
            for label in group:
                together.addWidget(label)
            self.column.addLayout(together)
            self.column.addSpacing(after)
        self.column.addStretch(1)
        self.foot.addLayout(flush(self.again))
        self.foot.addWidget(self._any_time, 1)
        self.foot.addWidget(self.other)
        self.foot.addWidget(self.main)
        self._any_time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.main.clicked.connect(self._act)
        self.other.clicked.connect(self._act_otherwise)
        self.again.clicked.connect(self.again_wanted)
        self.retranslate()

    @property
    def lesson(self) -> str:
        """The id of the lesson whose report is shown."""
        return self._lesson

    def show_report(self, lesson: str, report: TeachReport) -> None:
        """Show the report of a lesson, from its top unless it is shown already."""
        another = lesson != self._lesson or report != self._report
        self._lesson, self._report = lesson, report
        if another:
            self.dots.show_recalls(report.before, report.after)
            self.queries.show_changes(report.changes)
            self.area.verticalScrollBar().setValue(0)
        self.retranslate()

    def show_lesson(self, info: LessonInfo | None, in_use: LessonInfo | None, words: Sequence[Word]) -> None:
        """Show what became of the lesson, which one is in use, and the words of that as they are by now."""
        self._info, self._words = info, words
        self.edited = (
            info is not None
            and in_use is not None
            and in_use.edited
            and (in_use.name, in_use.captions) == (info.name, info.captions)
        )
        self.retranslate()

    @property
    def _in_use(self) -> bool:
        return self.edited or (self._info is not None and self._info.in_use)

    def retranslate(self) -> None:
        report = self._report
        if report is None:
            return
        self.verdict.setText(wording.verdict(report.verdict))
        self._explained.setText(wording.explained(report))
        self.dots.setVisible(report.verdict != "too_few")
        self.counts.setVisible(report.verdict != "too_few")
        self.counts.setText(
            tr(
                "Improved {improved}  ·  Worse {worsened}  ·  Unchanged {unchanged}",
                improved=report.improved,
                worsened=report.worsened,
                unchanged=report.unchanged,
            )
        )
        before, after = report.general_before, report.general_after
        self.general.setVisible(bool(after.queries))
        self.general.setText(
            tr(
                "Ordinary searches, not yours: {before} → {after} of {n}",
                before=before.in10,
                after=after.in10,
                n=after.queries,
            )
        )
        self._update_words(report)
        self._queries_title.setText(tr("Your captions as searches"))
        self._queries_hint.setText(
            tr("Each was searched for before and after. Open one to see what came first.")
        )
        for label in (self._queries_title, self._queries_hint, self.queries):
            label.setVisible(bool(report.changes))
        self.skipped.setText("\n".join(map(translated, report.skipped)))
        self.skipped.setVisible(bool(report.skipped))
        self._update_choice(report)

    def _update_words(self, report: TeachReport) -> None:
        self._words_title.setText(tr("The words it learnt"))
        self._words_hint.setText(
            tr("Change what a word means if you know better. Your own choice is kept for ever.")
            if self._in_use
            else tr("They can be changed once this is used.")
        )
        words = self._words if self._in_use else [_word(word) for word in report.words]
        self._words_hint.setVisible(bool(words))
        self.words.show_words(words, editable=self._in_use)

    def _update_choice(self, report: TeachReport) -> None:
        better, fits = report.verdict == "better", self._info is None or self._info.fits
        self.again.setText(tr("Teach it more…"))
        self._any_time.setText(tr("Switch back any time."))
        if self._in_use:
            self.remark.say(tr("It is in use already.") if better else "", "done")
            texts = (tr("Keep using it"), tr("Switch back"))
        elif better:
            self.remark.say("" if fits else tr("It was made for another model, which is not in use."))
            texts = (tr("Use it"), tr("Keep the old one"))
        else:
            self.remark.say("")
            texts = (tr("Keep the old one"), tr("Use it all the same"))
        self.main.setText(texts[0])
        self.other.setText(texts[1])
        use = self.main if better and not self._in_use else self.other
        for button in (self.main, self.other):
            button.setEnabled(button is not use or self._in_use or fits)

    def _act(self) -> None:
        if self._report is not None and self._report.verdict == "better" and not self._in_use:
            self.use_wanted.emit(self._lesson)
        else:
            self.keep_wanted.emit()

    def _act_otherwise(self) -> None:
        if self._in_use:
            self.back_wanted.emit()
        elif self._report is not None and self._report.verdict == "better":
            self.keep_wanted.emit()
        else:
            self.use_wanted.emit(self._lesson)


def _word(learnt: LearntWord) -> Word:
    """As the list of words shows it."""
    own = None if learnt.route == "phrase" else 0
    return Word(learnt.name, learnt.phrase, own, captions=learnt.captions, choices=learnt.choices)
