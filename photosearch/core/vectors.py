"""What everyone does with embeddings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def l2_normed(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Vectors of length 1, along the last axis; (..., D) -> the same shape. A vector of zeros stays."""
    given = vectors.astype(np.float32, copy=False)
    unit: NDArray[np.float32] = given / np.maximum(np.linalg.norm(given, axis=-1, keepdims=True), 1e-12)
    return unit
