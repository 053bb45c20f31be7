"""The whole of teaching: learn words, learn an adapter, and check both on captions that were held out."""

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from photosearch.core.errors import Sentence
from photosearch.core.progress import Control
from photosearch.core.teaching import FEWEST_PHOTOS, CurvePoint, Stage, TeachProgress, TeachReport, Word
from photosearch.models.lesson import Lesson
from trainer.adapt.adapter import learn_adapter
from trainer.adapt.adapter_training import Anchors
from trainer.adapt.general import GeneralSet
from trainer.adapt.held_out import FOLDS, folds
from trainer.adapt.material import Material, Rows, Vectors
from trainer.adapt.teach_report import HeldOut, make_report
from trainer.adapt.words import learn_words

MANY = 1_000  # captions, of which fewer folds tell enough
FEWER_FOLDS = 2


@dataclass
class Steering:
    """How a teaching is watched and steered from outside."""

    control: Control = field(default_factory=Control)
    stop: threading.Event = field(default_factory=threading.Event)  # once set, the best so far is kept
    on_progress: Callable[[TeachProgress], None] = lambda progress: None
    on_point: Callable[[CurvePoint], None] = lambda point: None


class LessonTraining:
    """One teaching of one model; `run` is the whole of it."""

    def __init__(
        self,
        material: Material,
        model_id: str,
        anchors: Anchors,
        general: GeneralSet,
        *,
        edited: Sequence[Word] = (),
        seed: int = 0,
        steering: Steering | None = None,
        skipped: Sequence[Sentence] = (),
    ) -> None:
        """
        Args:
            edited: words that the person wrote, which win over what would be learnt
            skipped: on captions that were left out, for the report
        """
        self._material = material
        self._model_id = model_id
        self._anchors = anchors
        self._general = general
        self._edited = edited
        self._seed = seed
        self._steering = steering or Steering()
        self._skipped = skipped

    def run(self) -> tuple[Lesson, TeachReport]:
        """Learn from all captions, then check by learning from some and asking for the others.

        Raises:
            Cancelled: the person asked to stop.
        """
        started = time.monotonic()
        material = self._material
        every = np.arange(len(material.captions))
        enough = len(material.captioned) >= FEWEST_PHOTOS
        fold_count = 0 if not enough else FOLDS if len(every) <= MANY else FEWER_FOLDS
        sides = list(folds(material.caption_groups, fold_count, self._seed)) if enough else []
        self._report("words")
        # Learning from all and learning for each check are apart from each other: a core each.
        workers = ThreadPoolExecutor(min(len(sides) + 1, os.cpu_count() or 1), "learning")
        try:
            learning = workers.submit(self._learn, every, adapter=enough, watched=True)
            checks = [(held, workers.submit(self._learn, kept)) for kept, held in sides]
            lesson = learning.result()
            held_out = self._pooled(checks, time.monotonic() - started)
        except BaseException:
            self._steering.control.cancel()  # for the workers; who asked to stop need not wait for them
            raise
        finally:
            workers.shutdown(wait=False, cancel_futures=True)
        report = make_report(material, lesson, held_out, self._general, started, self._skipped)
        return dataclasses.replace(lesson, created_at=time.time()), report

    def _learn(self, rows: Rows, *, adapter: bool = True, watched: bool = False) -> Lesson:
        """A lesson from these captions."""
        words, vectors = learn_words(
            self._material, rows, edited=self._edited, control=self._steering.control
        )
        lesson = Lesson(self._model_id, captions=len(rows), words=tuple(words), vectors=vectors)
        if not adapter:
            return lesson
        if watched:
            self._report("adapter")
        learnt = learn_adapter(
            self._material,
            rows,
            self._read(lesson, rows),
            self._anchors,
            seed=self._seed,
            control=self._steering.control,
            stop=self._steering.stop,
            on_point=self._steering.on_point if watched else lambda point: None,
            allowed=self._general.kept_by,
        )
        return dataclasses.replace(lesson, adapter=learnt)

    def _pooled(self, checks: Sequence[tuple[Rows, Future[Lesson]]], learning_took: float) -> HeldOut:
        """Each caption as the lesson reads it that was learnt without it: cross-fitting."""
        started = time.monotonic() - learning_took
        rows: list[Rows] = [np.empty(0, np.int64)]
        after: list[Vectors] = [self._material.encode([])]
        read_as: list[str] = []
        for number, (held, learning) in enumerate(checks):
            took = time.monotonic() - started
            self._report("checking", number, len(checks), took * (len(checks) - number) / (number + 2))
            if self._steering.stop.is_set():
                for _, later in checks[2:]:  # two tell enough to go by
                    later.cancel()
            if learning.cancelled():
                break
            lesson = learning.result()
            rows.append(held)
            after.append(self._read(lesson, held))
            read_as += [lesson.rewrite(self._material.captions[row]) for row in held]
        pooled = np.concatenate(rows)
        return HeldOut(pooled, self._encode(pooled), np.concatenate(after), read_as)

    def _read(self, lesson: Lesson, rows: Rows) -> Vectors:
        texts = [self._material.captions[row] for row in rows]
        return lesson.adapt(self._material.encode([lesson.rewrite(text) for text in texts]), texts)

    def _encode(self, rows: Rows) -> Vectors:
        return self._material.encode([self._material.captions[row] for row in rows])

    def _report(self, stage: Stage, done: int = 0, total: int = 0, left: float | None = None) -> None:
        self._steering.control.checkpoint()
        self._steering.on_progress(TeachProgress(stage, done, total, left))
