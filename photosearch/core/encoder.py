"""What a model is to the rest of the program: two functions into one space, and an identity."""

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

BIAS_BETA = 10.0  # of Encoder.image_bias


class Preprocessing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an upright RGB photo becomes the square of pixels that an image encoder takes.

    The same values serve indexing and training. Normalisation happens inside the model; `mean` and
    `std` are in units of 0..255 per channel.
    """

    size: int  # edge of the square, pixels
    fit: Literal["squash", "crop"]  # squash the whole photo into the square, or crop its centre
    interpolation: Literal["bilinear", "bicubic", "lanczos", "box", "hamming"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    zoom: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0  # resized to size / zoom, then cropped
    # Where a crop begins that would begin between two pixels: the one before, or torchvision's, the even one.
    half: Literal["down", "even"] = "down"


class Logistic(msgspec.Struct, frozen=True):
    """P(match) = sigmoid(slope * score + offset); `score` is cosine minus the photo's bias."""

    slope: float
    offset: float


class Calibration(msgspec.Struct, frozen=True):
    """How sure scores are, fitted per model and kind of query; see `photosearch.models.confidence`.

    `slope` and `offset` are the logistic label of sentences.
    """

    slope: float = 16.0
    offset: float = -5.7
    strong: float = 0.6  # P from which a hit is called strong
    likely: float = 0.3
    prompts: tuple[str, ...] = ()  # "a photo of a {}": what short queries are put into
    short: Logistic | None = None  # of short queries; None: as sentences
    pictures: Logistic | None = None  # of photos against photos; None: not fitted


class Encoder(Protocol):
    """A dual encoder, ready to run. Calls are safe from several threads."""

    @property
    def model_id(self) -> str:
        """Hash of weights, preprocessing and tokenizer: vectors of different ids never mix."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def dim(self) -> int:
        """D, the length of an embedding."""

    @property
    def preprocessing(self) -> Preprocessing:
        """How photos are prepared for it."""

    @property
    def calibration(self) -> Calibration:
        """What its scores mean."""

    def recalibrate(self, calibration: Calibration) -> None:
        """Let its scores mean this from now on; vectors stay as they are."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that it reads, such as "en"; none: unknown."""

    @property
    def photos_like(self) -> tuple[str, ...]:
        """Ids of models that give a photo the same vector, though not the same bias."""

    @property
    def batch_size(self) -> int:
        """How many photos at a time suit the device."""

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed images (B, H, W, 3) uint8 RGB, prepared as `preprocessing` says; -> (B, D), L2-normed."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed sentences; -> (B, D), L2-normed."""

    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each photo's hubness, to be subtracted from its cosine with a query: (B, D) -> (B,).

        b_x = ln(mean_b exp(beta * <b, x>)) / beta over the model's bank of texts b, beta = 10; zeros where a
        model has no bank.
        """

    def rest(self) -> None:
        """No more photos come for now: give back the memory that only they take, if there is any."""
