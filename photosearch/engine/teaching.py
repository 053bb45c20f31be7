"""Teaching the model the person's own words: the trainer, run as a child beside everything else.

What it learns from lies in `teaching/` of the library as long as it is wanted, so that an engine that was
killed begins again. Until a lesson is found to be better, nothing changes for anybody.
"""

import contextlib
import dataclasses
import logging
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from photosearch import settings
from photosearch.core import messages, teaching_messages
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.core.teaching import CurvePoint, TeachingState, TeachProgress
from photosearch.engine import children
from photosearch.engine.handlers import Handlers
from photosearch.engine.kept_lessons import REPORT, read_report
from photosearch.engine.lessons import Lessons
from photosearch.engine.readiness import readiness
from photosearch.engine.teaching_material import CAPTIONS, GALLERY, WORDS, check_enough, gather
from photosearch.engine.trainer_child import TRAINER, TrainerLine, read_line
from photosearch.models.catalog import ModelInfo
from photosearch.models.lesson import LESSON, read_lesson
from photosearch.paths import Library
from photosearch.store.connect import explained
from photosearch.store.reader import setting

MOST_ATTEMPTS = 3  # after which a teaching is not begun again by itself
LONGEST_CURVE = 400  # points; of more, every second one is dropped
LONGEST_WAIT = 1.0  # seconds: teaching slows indexing down and does not stop it

WANTED, LEARNT = "wanted", "learnt"  # how often it was begun and broke off; the trainer's output

_log = logging.getLogger(__name__)


class TeachingJob:
    """At most one teaching at a time, on a thread of its own. Thread-safe.

    Args:
        answering: gives the model that answers; raises KnownError where there is none
        publish: hands an event to the faces
        trainer: the command to which the trainer's arguments are added
    """

    def __init__(
        self,
        library: Library,
        lessons: Lessons,
        answering: Callable[[], ModelInfo],
        publish: Callable[[messages.AnyEvent], None],
        trainer: Sequence[str] = TRAINER,
    ) -> None:
        self._library = library
        self._lessons = lessons
        self._answering = answering
        self._publish = publish
        self._trainer = trainer
        self._changing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._state = TeachingState()
        self._model: ModelInfo | None = None  # that is, or was, learnt for
        self._failure: Sentence | None = None  # as the trainer said it
        self._over = threading.Event()  # nothing runs
        self._over.set()
        self._cancelled = False
        self._keep = False
        self._closing = False

    @property
    def state(self) -> TeachingState:
        """How teaching stands now."""
        return self._state

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.do(teaching_messages.StartTeaching, lambda _: self.begin())
        handlers.do(teaching_messages.StopTeaching, lambda request: self.stop(keep=request.keep))
        handlers.answer(
            teaching_messages.GetTeaching, lambda _: teaching_messages.TeachingStatus(self._state)
        )
        handlers.answer(
            teaching_messages.GetReadiness, lambda _: readiness(self._library, self._answering().model_id)
        )

    def begin(self, attempt: int = 1) -> None:
        """Start teaching in the background, unless it runs already.

        Raises:
            KnownError: there are too few captions; the disk is full.
            Cancelled: the engine is closing.
        """
        model = self._answering()
        check_enough(self._library, model.model_id)
        with self._changing:
            if self._closing:
                raise Cancelled
            if not self._over.is_set():
                return
            with explained(self._library):
                shutil.rmtree(self._library.teaching, ignore_errors=True)
                self._library.teaching.mkdir(mode=0o700)
                (self._library.teaching / WANTED).write_text(str(attempt))
            self._cancelled = self._keep = False
            self._failure = None
            self._model = model
            self._over.clear()
            self._set_state(TeachingState("running", TeachProgress("reading")))
            self._thread = threading.Thread(target=self._run, args=(model,), name="engine-teaching")
            self._thread.start()

    def fit_lesson(self, model: ModelInfo) -> None:
        """Where the lesson in use is of another model than this one, have one learnt for it."""
        try:
            if self._lessons.fit(model):
                self._begin_anew()
                self._lessons.was_learnt_for(model)
        except KnownError as error:  # too few photos with captions are known; it is tried when more are
            _log.info("No lesson is learnt anew: %s", error)

    def _begin_anew(self) -> None:
        """As begin(), after what is learnt for another model than the one that answers was ended.

        Raises:
            KnownError, Cancelled: see begin().
        """
        if not self._over.is_set() and self._model != self._answering():
            self.stop(keep=False)
        self.begin()

    def go_on(self) -> None:
        """Begin again what an earlier engine was at, unless it was begun too often."""
        try:
            attempts = int((self._library.teaching / WANTED).read_text())
        except (OSError, ValueError):
            shutil.rmtree(self._library.teaching, ignore_errors=True)
            return
        try:
            if attempts >= MOST_ATTEMPTS:
                raise KnownError(
                    "Learning was interrupted several times and is given up; you can start it again."
                )
            self.begin(attempts + 1)
        except KnownError as error:
            shutil.rmtree(self._library.teaching, ignore_errors=True)
            self._set_state(TeachingState("failed", sentence=error.sentence))

    def stop(self, *, keep: bool) -> None:
        """End it soon, with what is best so far or without a trace; nothing where none runs."""
        with self._changing:
            self._keep |= keep
            self._cancelled |= not keep
            thread, child = self._thread, self._child
        if keep:
            _ask_to_stop(child)
        else:
            children.end(child)
            if thread:
                thread.join()

    def wait(self) -> None:
        """For background work: return when nothing is learnt, or after LONGEST_WAIT."""
        self._over.wait(LONGEST_WAIT)

    def close(self) -> None:
        """End it, to be begun again by the next engine."""
        with self._changing:
            self._closing = True
        children.end(self._child)
        if self._thread:
            self._thread.join()
        if (self._library.teaching / WANTED).exists():
            with contextlib.suppress(OSError):  # else it counts as one that was killed
                (self._library.teaching / WANTED).write_text("0")

    def _run(self, model: ModelInfo) -> None:
        try:
            state = self._learnt(model)
        except Cancelled:
            state = TeachingState("cancelled")
        except KnownError as error:
            state = TeachingState("failed", curve=self._state.curve, sentence=error.sentence)
        except Exception:  # noqa: BLE001  (it must not look as if it ran for ever)
            _log.exception("Teaching failed")
            state = TeachingState("failed", curve=self._state.curve, sentence=_failed(self._library.logs))
        with self._changing:
            self._child = None
            if not self._closing:
                shutil.rmtree(self._library.teaching, ignore_errors=True)
            self._set_state(state)
            self._over.set()

    def _learnt(self, model: ModelInfo) -> TeachingState:
        """
        Raises:
            Cancelled, KnownError
        """
        folder = self._library.teaching
        gather(self._library, model.model_id, folder, self._lessons.edited(), self._checkpoint)
        with explained(self._library):
            self._library.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._log_file.open("wb") as errors:
                self._child = self._started(model, folder, errors)
        child = self._child
        assert child.stdout is not None
        if self._keep:
            _ask_to_stop(child)
        if self._cancelled or self._closing:  # asked for before there was a child to end
            children.end(child)
        with child.stdout as lines:
            for line in lines:
                self._on_line(line)
        code = child.wait()
        if child.stdin:
            with contextlib.suppress(OSError):
                child.stdin.close()
        self._checkpoint()
        if code:
            raise KnownError(self._failure or _failed(self._log_file))
        return self._kept(folder / LEARNT, model)

    def _started(self, model: ModelInfo, folder: Path, errors: Any) -> "subprocess.Popen[bytes]":
        command = [*self._trainer, "adapt", "--model", str(model.path)]
        command += ["--gallery", str(folder / GALLERY), "--captions", str(folder / CAPTIONS)]
        command += ["--words", str(folder / WORDS), "--out", str(folder / LEARNT), "--lesson-only", "--json"]
        threads = int(setting(self._library, settings.THREADS)) or os.cpu_count() or 1
        return children.start(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=self._library.root,
            env={**os.environ, "OMP_NUM_THREADS": str(max(1, threads - 1))},
        )

    def _on_line(self, line: bytes) -> None:
        """A line of the trainer's: where it stands, a point of its curve, or why it cannot go on."""
        said = read_line(line, TrainerLine)
        if said is None:
            return
        if said.event == "progress" and (progress := read_line(line, TeachProgress)):
            self._set_state(msgspec.structs.replace(self._state, progress=progress))
        elif said.event == "point" and (point := read_line(line, CurvePoint)):
            curve = (*self._state.curve, point)
            curve = curve[::2] if len(curve) > LONGEST_CURVE else curve
            self._set_state(msgspec.structs.replace(self._state, curve=curve))
        elif said.event == "failed":
            self._failure = said.sentence

    def _kept(self, learnt: Path, model: ModelInfo) -> TeachingState:
        """Keep the lesson; use it if it is better."""
        lesson, report = read_lesson(learnt / LESSON), read_report(learnt / REPORT)
        # What the person said meanwhile holds too.
        for word in self._lessons.edited():
            lesson = lesson.with_word(word)
        now = time.time()
        name = lesson.name or time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
        lesson = dataclasses.replace(lesson, name=name, created_at=now)
        lesson_id = self._lessons.add(lesson, msgspec.json.encode(report))
        if report.verdict == "better" and self._answering().model_id == model.model_id:
            self._lessons.use(lesson_id)
        else:
            self._publish(teaching_messages.LessonsChanged())
        return TeachingState("done", curve=self._state.curve, lesson=lesson_id, verdict=report.verdict)

    @property
    def _log_file(self) -> Path:
        return self._library.logs / "teaching.txt"

    def _checkpoint(self) -> None:
        if self._cancelled or self._closing:
            raise Cancelled

    def _set_state(self, state: TeachingState) -> None:
        self._state = state
        self._publish(teaching_messages.TeachingChanged(state))


def _failed(log: Path) -> Sentence:
    return Sentence("Learning failed; {log} says more. Searches go on as before.", log=log)


def _ask_to_stop(child: "subprocess.Popen[bytes] | None") -> None:
    """Let the trainer keep what is best so far."""
    if child and child.stdin:
        with contextlib.suppress(OSError, ValueError):  # it has ended
            child.stdin.write(b"stop\n")
            child.stdin.flush()
