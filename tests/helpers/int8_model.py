"""A tiny exported checkpoint with its 8-bit graph, made before, as in tests/helpers/exported_models.py."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import picture

SIZE = 64


def pictures() -> NDArray[np.uint8]:
    """What it is calibrated on, (12, 64, 64, 3)."""
    return np.stack([np.asarray(picture(seed, (SIZE, SIZE))) for seed in range(12)])


def make_int8(folder: Path) -> Path:
    """A copy of it."""
    return copy_exported(folder, "tiny-int8")
