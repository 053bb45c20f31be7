"""From where on tags are shown, by photos of which it is known what they show."""

import numpy as np
import pytest

from photosearch.core.tags import shipped
from trainer.evaluate import tags as fitting
from trainer.evaluate.tags import LEAST, LEAST_KNOWN, TagAnswers, fit_levels, level_of, named_in


def shares(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_a_caption_names_what_it_says_in_the_singular_or_the_plural() -> None:
    captions = ["Two puppies near a lamb", "A MAN with wine glasses", "snowboarder , a hotdog"]
    named = named_in(captions, shipped())
    told = [{tag.name for tag, said in zip(shipped(), row, strict=True) if said} for row in named]
    assert told == [{"dog", "sheep"}, {"man", "wine glass", "wine", "glasses"}, set()]


def test_a_level_is_the_lowest_from_which_on_enough_are_right() -> None:
    scores = np.linspace(0.99, 0.5, 30).astype(np.float32)
    right = np.arange(30) < 20
    assert level_of(scores, right, 0.8) == (pytest.approx(scores[24]), True)
    assert level_of(scores, right, 0.9) == (pytest.approx(scores[21]), True)
    level, known = level_of(scores, right, 1.0)
    assert (level, known) == (pytest.approx(scores[21], abs=1e-6), False)  # past the second that is wrong


def test_where_too_few_are_known_hardly_any_may_be_wrong() -> None:
    scores, nothing = np.linspace(0.95, 0.5, 100).astype(np.float32), np.zeros(100, dtype=bool)
    level, known = level_of(scores, nothing, 0.8)
    assert not known
    assert (scores >= level).sum() == fitting.WRONG
    assert level_of(scores / 100, nothing, 0.8) == (LEAST, False)
    assert level_of(scores / 1000, ~nothing, 0.8) == (LEAST_KNOWN, True)


def test_the_strictest_of_several_parts_holds() -> None:
    easy = TagAnswers(shares(0.9, 0.8, 0.7, 0.6, 0.5)[None], np.ones((1, 5), np.int64))
    hard = TagAnswers(shares(0.9, 0.8, 0.7)[None], np.zeros((1, 3), np.int64))
    (level,) = fit_levels([(easy, 0.9), (hard, 0.8)])
    assert 0.8 < level <= 0.81
    (level,) = fit_levels([(hard, 0.9), (hard, 0.8)])  # of six photos one may be wrong
    assert 0.9 < level <= 0.91 or level == pytest.approx(0.9, abs=1e-6)
    assert fit_levels([(easy, 0.9)])[0] == pytest.approx(0.5)


def test_people_agree_on_things_that_most_captions_name() -> None:
    named = np.zeros((2, 20), np.int64)
    named[0, :10] = 3
    named[1, :10] = 1
    assert TagAnswers(named.astype(np.float32), named).agreed.tolist() == [True, False]
