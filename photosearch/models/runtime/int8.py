"""A model with its photos in 8 bits: quicker on a processor made for it, and a model of its own.

Its vectors are others than the model's, so they are kept apart, and nobody is given it unasked. Texts are
encoded as ever, so lessons and labels hold for both.
"""

import os
import platform
import time
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.models.checkpoint_encoder import slices
from photosearch.models.config import IMAGE_GRAPH, INT8_GRAPH, WEIGHTS, ModelConfig, read_file
from photosearch.models.measured import measured_once
from photosearch.models.runtime.encoder import PHOTOS_AT_ONCE, OnnxEncoder
from photosearch.models.runtime.session import open_session

# Of a picture's vector with that in float32. The bundled model has .993 where sums of 8 bits are exact, and
# .85 on an emulated processor (Haswell) that has no instructions for them, so that they overflow.
MIN_COSINE = 0.97
_PICTURES = 8
_EDGE = 10  # of a block, pixels
_ROUNDS = 5


class Int8Measurement(msgspec.Struct, frozen=True):
    """How a model's 8 bits do on this computer."""

    cosine: float  # the least; see MIN_COSINE
    seconds: float  # of a core a photo
    float32_seconds: float

    @property
    def exact(self) -> bool:
        """Whether the vectors are what they should be."""
        return self.cosine >= MIN_COSINE


class Int8Encoder(OnnxEncoder):
    """A checkpoint folder with an 8-bit graph, on the processor.

    Raises:
        KnownError: a file is missing or altered, or this processor computes too inexactly in 8 bits.
    """

    image_graph = INT8_GRAPH

    def __init__(
        self, folder: Path, config: ModelConfig, *, threads: int | None = None, cache_dir: Path | None = None
    ) -> None:
        super().__init__(folder, config, device="cpu", threads=threads)
        if not measured(folder, config, cache_dir).exact:
            raise KnownError(
                "This computer's processor computes too inexactly in 8 bits for {model}; choose {base}.",
                model=self.name,
                base=config.name,
            )

    @property
    def model_id(self) -> str:
        assert self._config.int8_id is not None
        return self._config.int8_id

    @property
    def name(self) -> str:
        return self._config.int8_name

    @property
    def photos_like(self) -> tuple[str, ...]:
        return ()  # each graph in 8 bits rounds as it does

    @property
    def precision(self) -> str:
        return "int8"


def measured(folder: Path, config: ModelConfig, cache_dir: Path | None) -> Int8Measurement:
    """What was measured on this computer before, else what is measured now, which takes a second or two.

    Args:
        cache_dir: where it is remembered; None: nowhere

    Raises:
        KnownError: a file of the folder is missing or altered.
    """
    computer = f"{platform.node()} {platform.processor() or platform.machine()} x{os.cpu_count()}"
    key = f"{computer} | onnxruntime {onnxruntime.__version__} | {config.int8_id}"
    return measured_once(cache_dir, key, Int8Measurement, lambda: _measure(folder, config))


def _measure(folder: Path, config: ModelConfig) -> Int8Measurement:
    weights = read_file(folder, WEIGHTS, config.hashes.get(WEIGHTS))
    graphs = [read_file(folder, name, config.exports.get(name)) for name in (INT8_GRAPH, IMAGE_GRAPH)]
    images = blocks(config.preprocessing.size)
    sessions = [open_session(graph, weights) for graph in graphs]
    vectors = [_encoded(session, images) for session in sessions]
    rounds = [[_seconds(session, images) for session in sessions] for _ in range(_ROUNDS)]
    seconds, float32_seconds = np.min(rounds, axis=0).tolist()
    return Int8Measurement(least_cosine(*vectors), seconds, float32_seconds)


def blocks(size: int) -> NDArray[np.uint8]:
    """Pictures of grey squares (8, size, size, 3), always the same; at their edges 8-bit sums get large."""
    across = size // _EDGE + 1
    grey = np.random.default_rng(0).integers(0, 256, (_PICTURES, across, across, 1), dtype=np.uint8)
    squares = grey.repeat(_EDGE, axis=1).repeat(_EDGE, axis=2).repeat(3, axis=3)
    return np.ascontiguousarray(squares[:, :size, :size])


def least_cosine(vectors: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Between the rows of two matrices of unit vectors (B, D)."""
    return float((vectors * others).sum(axis=1).min())


def _encoded(session: onnxruntime.InferenceSession, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = session.run(None, {"images": images})[0]
    return vectors


def _seconds(session: onnxruntime.InferenceSession, images: NDArray[np.uint8]) -> float:
    """Of a core a photo; by the thread's own time, as what others take does not count."""
    start = time.thread_time()
    for some in slices(images, PHOTOS_AT_ONCE):
        _encoded(session, some)
    return (time.thread_time() - start) / len(images)
