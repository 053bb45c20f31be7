import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from photosearch.core.classify_messages import Classified, Classify
from photosearch.core.vectors import l2_normed
from photosearch.engine.service import Engine
from photosearch.models.zero_shot import classes, probabilities
from photosearch.paths import Library
from tests.helpers.colour_library import NAMES, make_colour_library
from tests.helpers.engine import ask, engine_of, refusal
from tests.helpers.tiny_encoder import TinyEncoder


def test_each_photo_gets_the_label_of_what_it_shows(library: Library) -> None:
    ids = make_colour_library(library, 2 * len(NAMES))
    with engine_of(library) as engine:
        for templates in ((), ("a photo of {}", "{} again")):
            found: Classified = ask(engine, Classify(tuple(NAMES), templates, top=3))
            assert np.frombuffer(found.ids, "<i8").tolist() == ids
            best = np.frombuffer(found.labels, "<i4").reshape(-1, 3)[:, 0]
            assert [NAMES[place] for place in best] == NAMES * 2
            assert found.counts == (2,) * len(NAMES) and not found.unread
        some: Classified = ask(engine, Classify(("red", "blue"), photo_ids=(ids[3], 10_000), top=9, most=1))
        assert (some.top, some.counts) == (2, (1, 0))
        in_all: Classified = ask(engine, Classify(("red", "blue"), text="red", most=0))
        assert not in_all.ids and in_all.counts == (2, 0)


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Classify(("red",)), "two labels"),
        (Classify(("red", "red")), "each once"),
        (Classify(("red", " ")), "none empty"),
        (Classify(tuple(map(str, range(201)))), "at most 200 labels"),
        (Classify(("a", "b"), ("{}",) * 1001), "2,000 labels times templates"),
        (Classify(("a", "b"), ("a photo",)), "no place for the label"),
        (Classify(("a", "b"), text="date:soon"), "is no date"),
    ],
)
def test_what_cannot_be_chosen_among_is_refused(engine: Engine, request_: Classify, says: str) -> None:
    assert says in refusal(engine, request_)


def test_a_class_is_the_mean_of_its_prompts() -> None:
    encode = TinyEncoder().encode_texts
    (found,) = classes(["red"], ["{}", "a blue {}"], encode)
    wanted = encode(["red"])[0] + encode(["a blue red"])[0]
    np.testing.assert_allclose(found, wanted / np.linalg.norm(wanted), rtol=1e-5)


@given(arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=32)), st.floats(1, 200))
def test_shares_are_softmax_of_scaled_cosines(values: np.ndarray, scale: float) -> None:
    labels = l2_normed(np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32))
    photos = l2_normed(values + np.float32(2))
    shares = probabilities(photos, labels, scale)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-4)
    cosines = photos @ labels.T
    ratio = math.exp(min(scale * float(cosines[0, 1] - cosines[0, 0]), 80.0))
    if shares[0, 0] > 1e-30 and shares[0, 1] > 1e-30:
        assert math.isclose(shares[0, 1] / shares[0, 0], ratio, rel_tol=1e-2)
