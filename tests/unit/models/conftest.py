from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.helpers.photos import picture
from tests.helpers.tiny_model import make_tiny_checkpoint


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A fresh checkpoint folder that a test may spoil."""
    return make_tiny_checkpoint(tmp_path / "tiny")


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """(11, 64, 64, 3) pixels."""
    return np.stack([np.asarray(picture(seed, (64, 64))) for seed in range(11)])
