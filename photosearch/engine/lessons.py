"""The lessons that a library keeps, and the one in use; kept in `lessons/<id>/`, each with its report."""

import contextlib
import dataclasses
import logging
import os
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from photosearch import settings
from photosearch.core import messages, teaching_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.message import Done, R, Request
from photosearch.core.teaching import TeachReport, Word
from photosearch.core.writing import folder_written_whole
from photosearch.engine.handlers import Handlers
from photosearch.engine.kept_lessons import (
    EDITED,
    ID,
    REPORT,
    info_of,
    lessons_in_use,
    listed,
    read_report,
    words_of,
)
from photosearch.models.catalog import ModelInfo
from photosearch.models.config import base_id
from photosearch.models.lesson import (
    LESSON,
    LONGEST_NAME,
    MOST_CHOICES,
    Lesson,
    check_fits,
    export_lesson,
    read_lesson,
    write_lesson,
)
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.connect import explained
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Lessons:
    """Answers what faces ask of lessons, and lets every searcher use the right one. Thread-safe.

    Args:
        publish: hands an event to the faces
        answering: gives the model that answers, if there is one
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        publish: Callable[[messages.AnyEvent], None],
        answering: Callable[[], ModelInfo | None],
    ) -> None:
        self._library = library
        self._writer = writer
        self._publish = publish
        self._answering = answering
        self._changing = threading.RLock()
        self._searchers: weakref.WeakSet[Searcher] = weakref.WeakSet()
        self.problem: Sentence | None = None  # why the lesson in use cannot be used
        self._lesson: Lesson | None = None
        self._read_in_use()

    def attach(self, searcher: Searcher) -> None:
        """Let a searcher use the right lesson from now on."""
        with self._changing:
            self._searchers.add(searcher)
            self._teach(searcher)

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here, one at a time."""

        def answer(kind: type[Request[R]], handler: Callable[[Any], R]) -> None:
            handlers.answer(kind, self._alone(handler))

        def do(kind: type[Request[Done]], handler: Callable[[Any], object]) -> None:
            handlers.do(kind, self._alone(handler))

        answer(teaching_messages.GetLessons, lambda _: listed(self._library, self._answering()))
        answer(teaching_messages.GetReport, lambda asked: self._report(asked.lesson))
        answer(teaching_messages.GetWords, lambda _: teaching_messages.Words(tuple(words_of(self._lesson))))
        answer(teaching_messages.ImportLesson, lambda asked: self._import(_path(asked.path_bytes)))
        do(
            teaching_messages.ExportLesson,
            lambda asked: export_lesson(_path(asked.path_bytes), self._read(asked.lesson)),
        )
        do(teaching_messages.UseLesson, lambda asked: self.use(asked.lesson))
        do(teaching_messages.RollBack, lambda _: self._roll_back())
        do(teaching_messages.DeleteLesson, lambda asked: self._delete(asked.lesson))
        do(teaching_messages.RenameLesson, lambda asked: self._rename(asked.lesson, asked.name))
        do(teaching_messages.SetWord, lambda asked: self._set_word(asked.name, asked.phrase))
        do(teaching_messages.RemoveWord, lambda asked: self._set_meaning(asked.name, ""))

    def _alone(self, handler: Callable[[Any], _T]) -> Callable[[Any], _T]:
        def handle(request: Any) -> _T:
            with self._changing:
                return handler(request)

        return handle

    def add(self, lesson: Lesson, report: bytes | None = None) -> str:
        """Keep a lesson, not yet in use; -> its id.

        Raises:
            KnownError: the disk is full.
        """
        lesson_id = secrets.token_hex(8)
        self._write(lesson_id, lesson, report)
        return lesson_id

    def use(self, lesson_id: str) -> None:
        """Let searches be answered through this lesson from now on.

        Args:
            lesson_id: "": none

        Raises:
            KnownError: there is no such lesson; it cannot be read, or belongs to another model.
        """
        with self._changing:
            if lesson_id:
                model = self._model()
                check_fits(self._read(lesson_id), model.model_id, model.dim)
            in_use, _ = lessons_in_use(self._library)
            if lesson_id != in_use:
                self._writer.set_setting(settings.LESSON_BEFORE, in_use)
                self._writer.set_setting(settings.LESSON, lesson_id)
            self._changed()

    def fit(self, model: ModelInfo) -> bool:
        """Have the lesson in use be one for this model; -> whether one is to be learnt anew for it.

        Of a lesson of another model, what the person said of names goes over at once, as phrases mean the
        same to every model. Where this model had a lesson in use before, that one is used again.

        Raises:
            KnownError: the library cannot be read or written.
        """
        with self._changing:
            if (lesson := self._lesson) is None:
                return False
            if self._remember_for(model):
                return False
            of_model = self._lesson_of(model)
            if of_model:
                with contextlib.suppress(KnownError):  # it was deleted
                    self.use(of_model)
                    return False
            learnt = lesson.captions > 0 and of_model is None
            if words := self.edited():
                fresh = Lesson(
                    base_id(model.model_id), lesson.name, created_at=time.time(), words=tuple(words)
                )
                self.use(self.add(fresh))
            return learnt

    def was_learnt_for(self, model: ModelInfo) -> None:
        """Do not learn for this model again by itself, whatever came of it."""
        with self._changing:
            if self._lesson_of(model) is None:
                self._writer.set_setting(settings.LESSON_OF + model.model_id, "")

    def _lesson_of(self, model: ModelInfo) -> str | None:
        """Id of the lesson that was in use with a model; None: there was none yet."""
        with Reader.open(self._library) as reader:
            return reader.setting(settings.LESSON_OF + model.model_id)

    def _remember_for(self, model: ModelInfo) -> bool:
        """Keep which lesson is in use with a model; -> whether it is one of this model's."""
        if self._lesson is None or not self._lesson.fits(model.model_id, model.dim):
            return False
        in_use, _ = lessons_in_use(self._library)
        if self._lesson_of(model) != in_use:
            self._writer.set_setting(settings.LESSON_OF + model.model_id, in_use)
        return True

    def edited(self) -> Sequence[Word]:
        """What the person said of names, in the lesson in use; learning leaves it alone."""
        return [word for word in self._lesson.words if word.edited] if self._lesson else []

    def _roll_back(self) -> None:
        in_use, before = lessons_in_use(self._library)
        if before is None:
            raise KnownError("There is nothing to go back to: the lesson in use was never changed.")
        self._writer.set_setting(settings.LESSON_BEFORE, in_use)
        self._writer.set_setting(settings.LESSON, before)
        self._changed()

    def _delete(self, lesson_id: str) -> None:
        folder = self._folder(lesson_id)
        for key, kept in zip(
            (settings.LESSON, settings.LESSON_BEFORE), lessons_in_use(self._library), strict=True
        ):
            if kept == lesson_id:
                self._writer.set_setting(key, "")
        with explained(self._library):
            shutil.rmtree(folder)
        self._changed()

    def _rename(self, lesson_id: str, name: str) -> None:
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME:
            raise KnownError("A lesson's name must have 1 to {longest} characters.", longest=LONGEST_NAME)
        self._write(lesson_id, dataclasses.replace(self._read(lesson_id), name=name))
        self._changed()

    def _report(self, lesson_id: str) -> teaching_messages.LessonReport:
        report = read_report(self._folder(lesson_id) / REPORT)
        with Reader.open(self._library) as reader:
            return teaching_messages.LessonReport(_of_present_photos(report, reader))

    def _set_word(self, name: str, phrase: str) -> None:
        if not name.strip():
            raise KnownError("Write the name that is to mean something.")
        if not phrase.strip():
            raise KnownError("Say what {name} means, or remove it.", name=name)
        self._set_meaning(name, phrase)

    def _import(self, path: Path) -> teaching_messages.Imported:
        lesson = read_lesson(path)
        lesson_id = self.add(lesson if lesson.name else dataclasses.replace(lesson, name=path.stem))
        return teaching_messages.Imported(info_of(self._folder(lesson_id), "", self._answering()))

    def _set_meaning(self, name: str, phrase: str) -> None:
        """Let a name mean a phrase, or itself where that is empty."""
        name, phrase = " ".join(name.split()), " ".join(phrase.split())
        before = self._lesson.word(name) if self._lesson else None
        before = before or Word(name)
        choices = before.choices
        if before.phrase and not before.edited:  # what was learnt is the first to go back to
            choices = (before.phrase, *(choice for choice in choices if choice != before.phrase))
        word = msgspec.structs.replace(
            before, phrase=phrase, vector=None, weight=0.0, edited=True, choices=choices[:MOST_CHOICES]
        )
        in_use, _ = lessons_in_use(self._library)
        present, model = self._lesson, self._model()
        if present is None or not present.fits(model.model_id, model.dim):
            # Phrases mean the same to every model.
            fresh = Lesson(base_id(model.model_id), created_at=time.time(), words=tuple(self.edited()))
            self.use(self.add(fresh.with_word(word)))
        elif in_use.endswith(EDITED) or not present.captions:
            self._write(in_use, present.with_word(word))
            self._changed()
        else:  # what was learnt stays, to go back to
            lesson_id = secrets.token_hex(8) + EDITED
            changed = dataclasses.replace(present.with_word(word), created_at=time.time())
            self._write(lesson_id, changed)
            self.use(lesson_id)

    def _changed(self) -> None:
        self._read_in_use()
        if model := self._answering():
            self._remember_for(model)
        for searcher in list(self._searchers):
            self._teach(searcher)
        self._publish(teaching_messages.LessonsChanged())

    def _read_in_use(self) -> None:
        in_use, _ = lessons_in_use(self._library)
        self._lesson, self.problem = None, None
        try:
            self._lesson = self._read(in_use) if in_use else None
        except KnownError as error:
            self.problem = error.sentence
            _log.warning("%s", error)

    def _teach(self, searcher: Searcher) -> None:
        lesson = self._lesson
        fits = lesson is not None and lesson.fits(searcher.model_id, searcher.dim)
        searcher.teach(lesson if fits else None)

    def _model(self) -> ModelInfo:
        if model := self._answering():
            return model
        raise KnownError("No model can answer at present; photosearch doctor says why.")

    def _read(self, lesson_id: str) -> Lesson:
        return read_lesson(self._folder(lesson_id) / LESSON)

    def _folder(self, lesson_id: str) -> Path:
        folder = self._library.lessons / lesson_id
        if not ID.fullmatch(lesson_id) or not folder.is_dir():
            raise KnownError("That lesson is not there any more.")
        return folder

    def _write(self, lesson_id: str, lesson: Lesson, report: bytes | None = None) -> None:
        """Over one that is there; a kill leaves the old one or the new one."""
        folder = self._library.lessons / lesson_id
        with explained(self._library):
            if folder.is_dir():
                write_lesson(folder / LESSON, lesson)
                return
            self._library.lessons.mkdir(mode=0o700, exist_ok=True)
            with folder_written_whole(folder) as fresh:
                write_lesson(fresh / LESSON, lesson)
                if report is not None:
                    (fresh / REPORT).write_bytes(report)


def _of_present_photos(report: TeachReport, reader: Reader) -> TeachReport:
    """With the photos that took the place of those it names, where other programs edited them since."""

    def now(label: str) -> str:
        return str(reader.present_version(int(label))) if label.isdecimal() else label

    changes = [
        msgspec.structs.replace(
            change,
            photo=now(change.photo),
            before=tuple(map(now, change.before)),
            after=tuple(map(now, change.after)),
        )
        for change in report.changes
    ]
    return msgspec.structs.replace(report, changes=tuple(changes))


def _path(path_bytes: bytes) -> Path:
    return Path(os.fsdecode(path_bytes)).absolute()
