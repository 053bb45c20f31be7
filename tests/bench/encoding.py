"""Photos and texts through ONNX Runtime, as the program encodes them on a CPU, against torch in float32.

By the cores' time: what neighbours take does not count.
"""

import time

import numpy as np

from photosearch.models import catalog
from photosearch.models.checkpoint_encoder import CheckpointEncoder
from photosearch.models.config import read_config
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.torch.encoder import load_encoder
from tests.bench.table import Row, median_seconds

PHOTOS = 16
TEXTS = [f"{number} dogs running on a beach" for number in range(32)]


def measure() -> list[Row]:
    info = catalog.default()
    exported = OnnxEncoder(info.path, read_config(info.path), device="cpu")
    network = load_encoder(info, device="cpu", precision="float32")
    size = exported.preprocessing.size
    images = np.random.default_rng(0).integers(0, 256, (PHOTOS, size, size, 3), dtype=np.uint8)

    def photos(encoder: CheckpointEncoder) -> float:
        return PHOTOS / median_seconds(lambda: encoder.encode_images(images), clock=time.process_time)

    def texts(encoder: CheckpointEncoder) -> float:
        seconds = median_seconds(lambda: encoder.encode_texts(TEXTS), clock=time.process_time)
        return seconds / len(TEXTS) * 1e3

    ours, reference = photos(exported), photos(network)
    text, reference_text = texts(exported), texts(network)
    return [
        Row(
            "encode photos, float32",
            f"{ours:.1f} img/s of a core",
            f"torch {reference:.1f}",
            ours / reference,
        ),
        Row(
            "encode texts, 32 at once",
            f"{text:.1f} ms of a core each",
            f"torch {reference_text:.1f} ms",
            reference_text / text,
        ),
    ]
