import threading
from typing import NamedTuple

import numpy as np
import pytest

from photosearch.core.errors import Cancelled, Sentence
from photosearch.core.progress import Control
from photosearch.core.teaching import CurvePoint, TeachProgress, TeachReport, Word
from photosearch.core.teaching_report import lines
from photosearch.models.lesson import Lesson
from tests.helpers.own_words import bag_of_words, material, world
from trainer.adapt.adapter_training import Anchors
from trainer.adapt.general import from_library
from trainer.adapt.lesson_training import LessonTraining, Steering
from trainer.adapt.material import Material

MODEL = "0123456789abcdef"


def teaching(captioned: Material, **more) -> LessonTraining:
    general = from_library(captioned)
    anchors = Anchors(general.texts, captioned.photos)
    return LessonTraining(captioned, MODEL, anchors, general, **more)


class Taught(NamedTuple):
    """A teaching from its beginning to its end."""

    lesson: Lesson
    report: TeachReport
    told: list[TeachProgress]
    curve: list[CurvePoint]


@pytest.fixture(scope="module")
def taught() -> Taught:
    told: list[TeachProgress] = []
    curve: list[CurvePoint] = []
    steering = Steering(on_progress=told.append, on_point=curve.append)
    lesson, report = teaching(world(copies=1), steering=steering, skipped=(Sentence("One was empty."),)).run()
    return Taught(lesson, report, told, curve)


def test_learns_and_says_what_it_brought(taught: Taught) -> None:
    lesson, report, told, curve = taught
    assert lesson.rewrite("Rusty runs at Pelican Cove") == "brown dog runs at beach"
    assert (lesson.base, lesson.captions) == (MODEL, 64)
    assert report.verdict == "better" and report.gain_low > 0.02
    assert (report.captions, report.photos, report.gallery, report.before.queries) == (64, 64, 64, 64)
    assert report.after.first > report.before.first
    assert report.improved + report.worsened + report.unchanged == 64
    assert report.general_after.in10 >= 0.99 * report.general_before.in10
    assert {word.name: word.route for word in report.words}["Rusty"] == "phrase"
    assert {word.name: word.gain > 0 for word in report.words}["Rusty"]
    assert [progress.stage for progress in told] == ["words", "adapter", *["checking"] * 5]
    assert [progress.done for progress in told[2:]] == [0, 1, 2, 3, 4]
    assert curve and curve[0].base_mistakes > 0
    text = "\n".join(lines(report))
    for expected in ("64 captions of 64 photos", "Note: One was empty.", "Rusty = brown dog", "Rose most:"):
        assert expected in text


def test_the_report_shows_queries_that_changed(taught: Taught) -> None:
    report = taught.report
    falls = [change.rank_after > change.rank_before for change in report.changes]
    assert falls == sorted(falls, reverse=True)  # the worse come first
    for change in report.changes:
        assert len(change.before) == len(change.after) == 8
        assert (change.before.index(change.photo) + 1 if change.rank_before <= 8 else 9) <= change.rank_before
    assert any("brown dog" in change.read_as and "Rusty" in change.caption for change in report.changes)


def test_shuffled_captions_are_not_better() -> None:
    named = world(copies=1)
    photos = named.photos[np.random.default_rng(0).permutation(len(named.photos))]
    _, report = teaching(material(photos, named.captions)).run()
    assert report.verdict in ("unclear", "worse")


def test_too_few_photos_are_said_and_what_the_person_chose_is_kept() -> None:
    captions = [f"Rusty on picture {number}" for number in range(7)]
    lesson, report = teaching(
        material(bag_of_words(captions), captions), edited=(Word("Rusty", "brown dog"),)
    ).run()
    assert report.verdict == "too_few"
    assert report.before.queries == 0 and not report.changes
    assert lesson.rewrite("Rusty") == "brown dog"
    assert lesson.adapter is None
    assert "13 more" in "\n".join(lines(report))


@pytest.mark.parametrize("captions", [1, 2])
def test_hardly_any_captions(captions: int) -> None:
    texts = ["a dog", "a cat"][:captions]
    assert teaching(material(bag_of_words(texts), texts)).run()[1].verdict == "too_few"


def test_photos_of_one_burst_learn_nothing_of_each_other() -> None:
    """All captioned photos are one group: nothing can be held out, and nothing is claimed."""
    captions = [f"Rusty jumps, take {number}" for number in range(25)]
    photos = np.repeat(bag_of_words(["brown dog jumps"]), 25, axis=0)
    one = material(photos, captions)
    one.groups[:] = 0
    assert teaching(one).run()[1].verdict in ("unclear", "too_few")


def test_stopped_early_it_keeps_what_it_has_and_checks_a_part() -> None:
    stop = threading.Event()

    def point(_: CurvePoint) -> None:
        stop.set()

    lesson, report = teaching(world(copies=1), steering=Steering(stop=stop, on_point=point)).run()
    assert lesson.words
    assert 0 < report.before.queries <= 64
    assert report.verdict in ("better", "unclear")


@pytest.mark.parametrize("stage", ["words", "adapter", "checking"])
def test_cancelled_at_any_stage(stage: str) -> None:
    control = Control()

    def tell(progress: TeachProgress) -> None:
        if progress.stage == stage:
            control.cancel()

    captioned = world(copies=1, control=control)
    with pytest.raises(Cancelled):
        teaching(captioned, steering=Steering(control=control, on_progress=tell)).run()


def test_the_same_seed_gives_the_same_lesson(taught: Taught) -> None:
    lesson, report = teaching(world(copies=1)).run()
    assert lesson.words == taught.lesson.words
    np.testing.assert_array_equal(lesson.vectors, taught.lesson.vectors)
    assert (report.gain, report.share) == (taught.report.gain, taught.report.share)
