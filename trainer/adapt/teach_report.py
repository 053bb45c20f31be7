"""What a person is told of a lesson: figures on held-out captions, and which queries changed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import Sentence
from photosearch.core.teaching import (
    LearntWord,
    QueryChange,
    Recalls,
    Route,
    TeachReport,
    Word,
)
from photosearch.models.lesson import Lesson
from trainer.adapt.general import GeneralSet
from trainer.adapt.held_out import among_captioned, judge, ranks
from trainer.adapt.material import Material, Rows, Vectors
from trainer.evaluate.recall import hits, reciprocal
from trainer.evaluate.statistics import bootstrap

SHOWN_CHANGES = 60
SHOWN_PHOTOS = 8


@dataclass(frozen=True)
class HeldOut:
    """Captions as lessons read them that were learnt without them; R of them."""

    rows: Rows  # of the material's captions  # (R,)
    before: Vectors  # (R, D)
    after: Vectors  # (R, D)
    read_as: Sequence[str]  # (R,)


def make_report(
    material: Material,
    lesson: Lesson,
    held_out: HeldOut,
    general: GeneralSet,
    started: float,
    skipped: Sequence[Sentence],
) -> TeachReport:
    """
    Args:
        started: of `time.monotonic`
    """
    rows = held_out.rows
    was, now = (ranks(material, texts, rows) for texts in (held_out.before, held_out.after))
    captioned_was, captioned_now = (
        among_captioned(material, texts, rows) for texts in (held_out.before, held_out.after)
    )
    judged = judge(material, captioned_was, captioned_now, rows)
    general_was = general.ranks(general.texts)
    general_now = general.ranks(lesson.adapter(general.texts)) if lesson.adapter else general_was
    kept = bootstrap(hits(general_now, 10).astype(float) - hits(general_was, 10), general.photo_of)
    return TeachReport(
        base=lesson.base,
        captions=len(material.captions),
        photos=len(material.captioned),
        gallery=len(material.photos),
        verdict=judged.verdict,
        before=recalls(was),
        after=recalls(now),
        gain=judged.gain,
        gain_low=judged.interval.low,
        gain_high=judged.interval.high,
        improved=int((now < was).sum()),
        worsened=int((now > was).sum()),
        unchanged=int((now == was).sum()),
        general_before=recalls(general_was),
        general_after=recalls(general_now),
        general_low=kept.low,
        general_high=kept.high,
        words=_words(material, lesson, rows, reciprocal(captioned_now) - reciprocal(captioned_was)),
        changes=_changes(material, held_out, was, now),
        share=lesson.adapter.share if lesson.adapter else 0.0,
        seconds=round(time.monotonic() - started, 1),
        skipped=tuple(skipped),
    )


def recalls(found: NDArray[np.int64]) -> Recalls:
    """How well texts find their photos, from the photos' ranks (R,), 0 is best."""
    if not len(found):
        return Recalls(0, 0, 0, 0, 0.0)
    first, in5, in10 = (int(hits(found, k).sum()) for k in (1, 5, 10))
    return Recalls(len(found), first, in5, in10, round(float(reciprocal(found).mean()), 4))


def _words(
    material: Material, lesson: Lesson, rows: Rows, gains: NDArray[np.float64]
) -> tuple[LearntWord, ...]:
    names = [{word.name for word in lesson.words_in(material.captions[row])} for row in rows]
    learnt = []
    for word in lesson.words:
        has = np.array([word.name in some for some in names], bool)
        gain = float(gains[has].mean()) if has.any() else 0.0
        learnt.append(
            LearntWord(word.name, word.phrase, _route(word), word.captions, round(gain, 4), word.choices)
        )
    return tuple(learnt)


def _route(word: Word) -> Route:
    return "phrase" if word.phrase or word.vector is None else "photos"


def _changes(
    material: Material, held_out: HeldOut, was: NDArray[np.int64], now: NDArray[np.int64]
) -> tuple[QueryChange, ...]:
    """What became worse, the worst first, then what became better, the best first."""
    gains = reciprocal(now) - reciprocal(was)
    worse = [row for row in np.argsort(gains, kind="stable").tolist() if now[row] > was[row]]
    better = [row for row in np.argsort(-gains, kind="stable").tolist() if now[row] < was[row]]
    half = SHOWN_CHANGES // 2
    worse_shown = worse[: max(half, SHOWN_CHANGES - len(better))]
    shown = [*worse_shown, *better[: SHOWN_CHANGES - len(worse_shown)]]
    return tuple(
        QueryChange(
            caption=material.captions[held_out.rows[row]],
            read_as=held_out.read_as[row],
            photo=material.labels[material.photo_of[held_out.rows[row]]],
            rank_before=int(was[row]) + 1,
            rank_after=int(now[row]) + 1,
            before=_first_photos(material, held_out.before[row]),
            after=_first_photos(material, held_out.after[row]),
        )
        for row in shown
    )


def _first_photos(material: Material, text: Vectors) -> tuple[str, ...]:
    scores = material.photos @ text - material.bias
    return tuple(
        material.labels[photo] for photo in np.argsort(-scores, kind="stable")[:SHOWN_PHOTOS].tolist()
    )
