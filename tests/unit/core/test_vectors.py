import numpy as np
import pytest

from photosearch.core.vectors import l2_normed


@pytest.mark.parametrize("kind", [np.int8, np.float16, np.float32, np.float64])
def test_vectors_get_length_1_whatever_they_are_made_of(kind: type) -> None:
    vectors = np.array([[[3, 4], [0, 0], [-127, 0]]], kind)
    unit = l2_normed(vectors)
    assert (unit.dtype, unit.shape) == (np.float32, vectors.shape)
    np.testing.assert_allclose(unit[0], [[0.6, 0.8], [0, 0], [-1, 0]], atol=1e-6)
