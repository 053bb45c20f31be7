"""What the engine says of teaching, kept for all that show it; and what is asked of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.core import messages, note_messages
from photosearch.core import teaching_messages as teaching
from photosearch.core.teaching import LessonInfo, TeachingState, TeachReport, Word
from photosearch.gui.data.engine_link import EngineLink

_QUIET_MS = 500  # a caption a second need not be counted each time

Change = (
    teaching.UseLesson
    | teaching.RollBack
    | teaching.DeleteLesson
    | teaching.RenameLesson
    | teaching.ExportLesson
    | teaching.ImportLesson
    | teaching.SetWord
    | teaching.RemoveWord
)


class TeachingClient(QObject):
    """Asks the engine about teaching and keeps what it said for who shows it. It lives in the GUI thread.

    Where teaching stands is told unasked; the rest is asked for while somebody looks.
    """

    state_changed = Signal()
    readiness_changed = Signal()
    lessons_changed = Signal()
    words_changed = Signal()
    report_received = Signal(object, object)  # lesson, TeachReport | None: it has none
    refused = Signal(object)  # str: why something could not be done
    lost = Signal()  # there is no engine

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self.state = TeachingState()
        self.readiness: teaching.Readiness | None = None  # None: not known yet
        self.lessons: Sequence[LessonInfo] = ()
        self.can_roll_back = False
        self.words: Sequence[Word] = ()
        self.photos: int | None = None  # of the library; None: not known yet
        self.here = False  # there is an engine
        self.watched = False  # somebody looks at captions and lessons
        self._count_timer = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._count_timer.timeout.connect(self.ask_readiness)
        link.connected.connect(self._on_connected)
        link.event_received.connect(self._on_event)
        link.lost.connect(self._on_lost)

    def start_watching(self) -> None:
        """Somebody looks: ask for all of it, and again when it changes."""
        self.watched = True
        self.ask_lessons()
        self.ask_readiness()  # the engine takes longest for this

    def stop_watching(self) -> None:
        """The person no longer looks at how far teaching is."""
        self.watched = False

    # --- asking

    def ask_readiness(self) -> None:
        """Ask what there is to learn from; `readiness_changed` tells."""

        def on_reply(reply: teaching.Readiness) -> None:
            self.readiness = reply
            self.readiness_changed.emit()

        self._link.order(self, teaching.GetReadiness(), on_reply, self.refused.emit)

    def ask_lessons(self) -> None:
        """Ask for lessons and words; `lessons_changed` and `words_changed` tell."""

        def on_reply(reply: teaching.LessonList) -> None:
            self.lessons, self.can_roll_back = reply.lessons, reply.can_roll_back
            self.lessons_changed.emit()

        self._link.order(self, teaching.GetLessons(), on_reply, self.refused.emit)
        self.ask_words()

    def ask_words(self) -> None:
        """Ask for the words of the lesson in use; `words_changed` tells."""

        def on_reply(reply: teaching.Words) -> None:
            self.words = reply.words
            self.words_changed.emit()

        self._link.order(self, teaching.GetWords(), on_reply, self.refused.emit)

    def ask_report(self, lesson: str) -> None:
        """Ask for the report of a lesson; `report_received` tells."""

        def on_reply(reply: teaching.LessonReport) -> None:
            report: TeachReport = reply.report
            self.report_received.emit(lesson, report)

        self._link.order(
            self,
            teaching.GetReport(lesson),
            on_reply,
            lambda sentence: self.report_received.emit(lesson, None),
        )

    # --- having something done

    def teach(self) -> None:
        """Begin; what the engine then tells says how it goes."""
        self._link.order(self, teaching.StartTeaching(), None, self.refused.emit)

    def stop(self, *, keep: bool) -> None:
        """End teaching soon: with `keep` what is best so far is a lesson, else no trace is left."""
        self._link.order(self, teaching.StopTeaching(keep), None, self.refused.emit)

    def change(self, request: Change) -> None:
        """Have something done to lessons and words; what is shown of them is asked anew."""
        self._link.order(self, request, lambda _: self.ask_lessons(), self.refused.emit)

    def set_word(self, name: str, phrase: str) -> None:
        """Let a name be read as a phrase; an empty one lets it stand for itself."""
        self.change(teaching.SetWord(name, phrase) if phrase else teaching.RemoveWord(name))

    def export_lesson(self, lesson: str, path: str) -> None:
        """Write a lesson's file to this path."""
        self.change(teaching.ExportLesson(lesson, os.fsencode(path)))

    def import_captions(self, path: str, then: Callable[[note_messages.CaptionsImported], None]) -> None:
        """Take in the captions of a file, or of a folder of photos."""

        def done(reply: note_messages.CaptionsImported) -> None:
            then(reply)
            self.ask_readiness()

        self._link.order(self, note_messages.ImportCaptions(os.fsencode(path)), done, self.refused.emit)

    def import_lesson(self, path: str) -> None:
        """Take in a lesson from a file."""
        self.change(teaching.ImportLesson(os.fsencode(path)))

    # --- what the engine tells

    def _on_connected(self, status: messages.Status) -> None:
        self.here, self.photos = True, status.photos
        if self.watched:
            self.start_watching()

    def _on_lost(self, _: str) -> None:
        self.here = False
        self.lost.emit()

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case teaching.TeachingChanged():
                self._set_state(event.state)
            case teaching.LessonsChanged():
                if self.watched:
                    self.ask_lessons()
            case note_messages.NotesChanged():
                self._count_soon()
            case messages.PhotosChanged():
                self.photos = event.photos
                self._count_soon()

    def _count_soon(self) -> None:
        if self.watched and not self._count_timer.isActive():
            self._count_timer.start()

    def _set_state(self, state: TeachingState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit()
