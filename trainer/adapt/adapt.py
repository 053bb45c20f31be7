"""The whole of teaching: learn words, learn an adapter, and check both on captions that were held out."""

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from photosearch.core.progress import Control
from photosearch.core.teaching import FEWEST_PHOTOS, CurvePoint, Stage, TeachProgress, TeachReport, Word
from photosearch.models.lesson import Adapter, Lesson
from photosearch.models.torch.threads import single_core_threads
from trainer.adapt.adapter import Anchors, learn_adapter
from trainer.adapt.general import BiasOf, General
from trainer.adapt.guard import FOLDS, folds
from trainer.adapt.material import Material, Rows, Vectors
from trainer.adapt.report import HeldOut, make_report
from trainer.adapt.sides import general_seen, learn_sides, seen
from trainer.adapt.words import learn_words

MANY = 1_000  # captions, of which fewer folds tell enough
FEWER_FOLDS = 2


@dataclass
class Steering:
    """How a teaching is watched and steered from outside."""

    control: Control = field(default_factory=Control)
    stop: threading.Event = field(default_factory=threading.Event)  # once set, the best so far is kept
    tell: Callable[[TeachProgress], None] = lambda progress: None
    point: Callable[[CurvePoint], None] = lambda point: None


class Learnt(NamedTuple):
    lesson: Lesson
    image_adapter: Adapter | None  # of the new model that the lesson then belongs to


class Teaching:
    """One teaching of one model; `run` is the whole of it."""

    def __init__(
        self,
        material: Material,
        model_id: str,
        anchors: Anchors,
        general: General,
        *,
        edited: Sequence[Word] = (),
        bias_of: BiasOf | None = None,
        seed: int = 0,
        steering: Steering | None = None,
        skipped: Sequence[str] = (),
    ) -> None:
        """
        Args:
            edited: words that the person wrote, which win over what would be learnt
            bias_of: the model's hubness of photos' vectors, to teach the photos' side as well; None: texts'
            skipped: sentences on captions that were left out, for the report
        """
        self._material = material
        self._model_id = model_id
        self._anchors = anchors
        self._general = general
        self._edited = edited
        self._bias_of = bias_of
        self._seed = seed
        self._steering = steering or Steering()
        self._skipped = skipped

    def run(self) -> tuple[Lesson, TeachReport]:
        """`run_sides` where only the texts' side is taught."""
        learnt, report = self.run_sides()
        return learnt.lesson, report

    def run_sides(self) -> tuple[Learnt, TeachReport]:
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
        self._tell("words")
        # Learning from all and learning for each check are apart from each other: a core each.
        workers = single_core_threads(min(len(sides) + 1, os.cpu_count() or 1))
        try:
            learning = workers.submit(self._learn, every, adapter=enough, watched=True)
            checks = [(held, workers.submit(self._learn, kept)) for kept, held in sides]
            lesson, image = learning.result()
            held_out = self._pooled(checks, time.monotonic() - started)
        except BaseException:
            self._steering.control.cancel()  # for the workers; who asked to stop need not wait for them
            raise
        finally:
            workers.shutdown(wait=False, cancel_futures=True)
        general = general_seen(self._general, image, self._bias_of) if image and self._bias_of else None
        report = make_report(material, lesson, held_out, self._general, started, self._skipped, general)
        return Learnt(dataclasses.replace(lesson, created_at=time.time()), image), report

    def _learn(self, rows: Rows, *, adapter: bool = True, watched: bool = False) -> Learnt:
        """A lesson from these captions."""
        words, vectors = learn_words(
            self._material, rows, edited=self._edited, control=self._steering.control
        )
        lesson = Lesson(self._model_id, captions=len(rows), words=tuple(words), vectors=vectors)
        if not adapter:
            return Learnt(lesson, None)
        if watched:
            self._tell("adapter")
        given = (self._material, rows, self._read(lesson, rows), self._anchors)
        steering = self._steering
        look = steering.point if watched else lambda point: None
        image: Adapter | None = None
        if self._bias_of:
            text, image = learn_sides(
                *given,
                self._general,
                self._bias_of,
                seed=self._seed,
                control=steering.control,
                stop=steering.stop,
                look=look,
            )
        else:
            text = learn_adapter(
                *given,
                seed=self._seed,
                control=steering.control,
                stop=steering.stop,
                look=look,
                allowed=self._general.kept_by,
            )
        return Learnt(dataclasses.replace(lesson, adapter=text), image)

    def _pooled(self, checks: Sequence[tuple[Rows, Future[Learnt]]], learning_took: float) -> HeldOut:
        """Each caption as the lesson reads it that was learnt without it: cross-fitting."""
        started = time.monotonic() - learning_took
        rows: list[Rows] = [np.empty(0, np.int64)]
        after: list[Vectors] = [self._material.encode([])]
        read_as: list[str] = []
        parts: list[tuple[slice, Material]] = []
        for number, (held, learning) in enumerate(checks):
            took = time.monotonic() - started
            self._tell("checking", number, len(checks), took * (len(checks) - number) / (number + 2))
            if self._steering.stop.is_set():
                for _, later in checks[2:]:  # two tell enough to go by
                    later.cancel()
            if learning.cancelled():
                break
            lesson, image = learning.result()
            if self._bias_of:
                part = slice(len(read_as), len(read_as) + len(held))
                parts.append((part, seen(self._material, image, self._bias_of) if image else self._material))
            rows.append(held)
            after.append(self._read(lesson, held))
            read_as += [lesson.rewrite(self._material.captions[row]) for row in held]
        pooled = np.concatenate(rows)
        return HeldOut(pooled, self._encode(pooled), np.concatenate(after), read_as, parts)

    def _read(self, lesson: Lesson, rows: Rows) -> Vectors:
        texts = [self._material.captions[row] for row in rows]
        return lesson.adapt(self._material.encode([lesson.rewrite(text) for text in texts]), texts)

    def _encode(self, rows: Rows) -> Vectors:
        return self._material.encode([self._material.captions[row] for row in rows])

    def _tell(self, stage: Stage, done: int = 0, total: int = 0, left: float | None = None) -> None:
        self._steering.control.checkpoint()
        self._steering.tell(TeachProgress(stage, done, total, left))
