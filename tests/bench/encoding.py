"""Photos and texts through ONNX Runtime, as the program encodes them on a CPU, against torch in float32.

By the cores' time: what neighbours take does not count. And against a plain product of matrices, which no
network in float32 outruns.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from photosearch.models import catalog
from photosearch.models.config import read_config
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.runtime.int8 import Int8Encoder
from photosearch.models.torch import checkpoint
from photosearch.models.torch.encoder import load_encoder
from tests.bench.table import Row, median_seconds_of

PHOTOS = 16
TEXTS = [f"{number} dogs running on a beach" for number in range(32)]
EDGE = 2048  # of the matrices


def measure() -> list[Row]:
    info = catalog.default()
    exported = OnnxEncoder(info.path, read_config(info.path), device="cpu")
    rounded = Int8Encoder(info.path, read_config(info.path))
    network = load_encoder(info, device="cpu", precision="float32")
    size = exported.preprocessing.size
    images = np.random.default_rng(0).integers(0, 256, (PHOTOS, size, size, 3), dtype=np.uint8)
    matrix = np.random.default_rng(0).random((EDGE, EDGE), dtype=np.float32)

    photos, in_8_bits, torch_photos, product = median_seconds_of(
        [
            lambda: exported.encode_images(images),
            lambda: rounded.encode_images(images),
            lambda: network.encode_images(images),
            lambda: matrix @ matrix,
        ]
    )
    texts, torch_texts = median_seconds_of(
        [lambda: exported.encode_texts(TEXTS), lambda: network.encode_texts(TEXTS)]
    )
    rate, product_rate = _flop(info.path, images[:1]) * PHOTOS / photos, 2 * EDGE**3 / product
    return [
        Row(
            "encode photos, float32",
            f"{PHOTOS / photos:.1f} img/s of a core",
            f"torch {PHOTOS / torch_photos:.1f}",
            torch_photos / photos,
        ),
        Row(
            "encode photos, in 8 bits",
            f"{PHOTOS / in_8_bits:.1f} img/s of a core",
            f"float32 {PHOTOS / photos:.1f}",
            photos / in_8_bits,
        ),
        Row(
            "the same in float32, as arithmetic",
            f"{rate / 1e9:.0f} GFLOP/s of a core",
            f"a float32 product of matrices {product_rate / 1e9:.0f}",
            rate / product_rate,
        ),
        Row(
            "encode texts, 32 at once",
            f"{texts / len(TEXTS) * 1e3:.1f} ms of a core each",
            f"torch {torch_texts / len(TEXTS) * 1e3:.1f} ms",
            torch_texts / texts,
        ),
    ]


def _flop(folder: Path, images: NDArray[np.uint8]) -> int:
    """What the network computes for these photos, a multiplication and an addition counted as two."""
    model, _, _ = checkpoint.load(folder)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model.eval().encode_image(torch.from_numpy(images))
    return counter.get_total_flops()
