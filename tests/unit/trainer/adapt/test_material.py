import numpy as np
import pytest

from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control
from photosearch.core.vectors import l2_normed
from tests.helpers.own_words import DIM, bag_of_words
from trainer.adapt.material import AT_ONCE, burst_groups, remembering


def test_each_text_is_encoded_once() -> None:
    asked: list[str] = []

    def encode(texts):
        asked.extend(texts)
        return bag_of_words(texts)

    remembered = remembering(encode, DIM, Control())
    texts = ["a dog", "a cat", "a dog"]
    np.testing.assert_allclose(remembered(texts), bag_of_words(texts))
    assert remembered(["a cat"]).shape == (1, DIM)
    assert sorted(asked) == ["a cat", "a dog"]
    assert remembered([]).shape == (0, DIM)


def test_encoding_ends_at_the_next_batch_when_cancelled() -> None:
    control = Control()
    batches: list[int] = []

    def encode(texts):
        batches.append(len(texts))
        control.cancel()
        return bag_of_words(texts)

    with pytest.raises(Cancelled):
        remembering(encode, DIM, control)([f"dog {n}" for n in range(3 * AT_ONCE)])
    assert batches == [AT_ONCE]


def test_bursts_are_one_group_and_others_are_not() -> None:
    random = np.random.default_rng(0)
    photos = l2_normed(random.standard_normal((60, DIM)).astype(np.float32))
    photos[7] = l2_normed(photos[3] + 0.02 * photos[0])
    photos[9] = l2_normed(photos[7] + 0.02 * photos[1])
    photos[11] = photos[5]
    captioned = np.delete(np.arange(60), 11)  # 11 has no caption, so it is in no fold
    groups = burst_groups(photos, captioned)
    assert groups[3] == groups[7] == groups[9]
    assert len(np.unique(groups)) == 58


@pytest.mark.parametrize("count", [1, 2])
def test_few_photos_are_each_their_own(count: int) -> None:
    assert burst_groups(np.eye(count, 4, dtype=np.float32), np.arange(count)).tolist() == list(range(count))
