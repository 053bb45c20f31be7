import numpy as np
import pytest

from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control
from photosearch.store.reader import Reader
from tests.helpers.photos import make_photo
from tests.unit.index.index_under_test import CountingEncoder


class Successor(CountingEncoder):
    """A model with another side of texts, so another bank."""

    def __init__(self, before: str) -> None:
        super().__init__()
        self.model_id = "successor"
        self.photos_like = ("never-here", before)

    def image_bias(self, vectors):
        return vectors[:, 0].copy()


def vectors_of(index, model_id):
    with Reader.open(index.library) as reader:
        return list(reader.vectors(model_id))


def test_a_model_with_the_same_side_of_photos_reads_none_of_them_again(index):
    for number in range(5):
        make_photo(index.root / f"{number}.jpg", seed=number)
    index.run()
    [before] = vectors_of(index, index.encoder.model_id)
    index.encoder = Successor(index.encoder.model_id)
    make_photo(index.root / "new.jpg", seed=9)
    committed = []
    report = index.run(on_commit=lambda ids, vectors, bias: committed.append((ids, vectors, bias)))
    assert (report.indexed, report.unchanged) == (1, 5)
    assert index.encoder.encoded == 1 and len(index.pool.read) == 6
    [after] = vectors_of(index, "successor")
    np.testing.assert_array_equal(after.vectors[:5], before.vectors)
    np.testing.assert_array_equal(after.bias[:5], before.vectors[:, 0].astype(np.float32))
    for place, found in enumerate(committed[0]):
        np.testing.assert_array_equal(found, after[place][:5])
    # What is there is not written, nor told of, a second time.
    index.run(on_commit=lambda *batch: pytest.fail("nothing is new"))


def test_a_cancelled_taking_over_is_finished_by_the_next_run(index):
    make_photo(index.root / "0.jpg", seed=0)
    index.run()
    index.encoder = Successor(index.encoder.model_id)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        index.run(control)
    assert not vectors_of(index, "successor")
    index.run()
    assert len(vectors_of(index, "successor")[0].ids) == 1
    assert index.encoder.encoded == 0
