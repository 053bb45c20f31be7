"""Photographs for the bench: 12 megapixels, real pictures enlarged, with a sensor's noise."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.helpers.photos import sample_photos

SIZE = (4000, 3000)


def twelve_megapixels(folder: Path, count: int) -> list[Path]:
    """Write `count` distinct 4000 x 3000 JPEGs of about 4 MB into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = [
        Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.BICUBIC) for path in sample_photos()
    ]
    paths = []
    for index in range(count):
        pixels = np.asarray(sources[index % len(sources)], dtype=np.int16)
        noise = np.random.default_rng(index).integers(-6, 7, (SIZE[1], SIZE[0], 1), dtype=np.int16)
        path = folder / f"photo-{index:03}.jpg"
        Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8)).save(path, quality=92)
        paths.append(path)
    return paths
