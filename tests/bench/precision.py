"""The precision that the program measured as best here, against float32."""

import numpy as np

from photosearch.models import catalog
from photosearch.models.torch.encoder import load_encoder
from tests.bench.table import Row, median_seconds

BATCHES = 3


def measure() -> list[Row]:
    chosen = load_encoder(catalog.default())
    plain = load_encoder(catalog.default(), precision="float32")
    size = chosen.preprocessing.size
    shape = (chosen.batch_size, size, size, 3)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    photos = len(images) * BATCHES

    ours = photos / median_seconds(lambda: [chosen.encode_images(images) for _ in range(BATCHES)], 3)
    reference = photos / median_seconds(lambda: [plain.encode_images(images) for _ in range(BATCHES)], 3)
    return [
        Row(
            f"encode on {chosen.device}, {chosen.precision}",
            f"{ours:.1f} img/s",
            f"float32 {reference:.1f} img/s",
            ours / reference,
        )
    ]
