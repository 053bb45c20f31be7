import numpy as np
import pytest
from numpy.typing import NDArray

from tests.helpers.photos import picture


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """(11, 64, 64, 3) pixels."""
    return np.stack([np.asarray(picture(seed, (64, 64))) for seed in range(11)])
