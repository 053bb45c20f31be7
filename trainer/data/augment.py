"""Augmentation of images and captions, drawn from a generator for each pair; all of it is off by default."""

import math
import re
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.bounds import UnitInterval
from trainer.data.synonyms import with_synonyms

STORED_MARGIN = 1.15  # how much larger than the model's square images are kept when crops are taken of them


# Words that are wrong of a mirrored photo: sides, turns, and writing.
_HANDED_WORDS = (
    "left|right|leftmost|rightmost|lefthand|righthand|leftward|rightward|clockwise|counterclockwise|anticlockwise|"
    "mirrored|writing|written|letters?|words?|says|reads|text|logos?|numbers?|numbered|labels?|lettering|"
    "links|rechts|gauche|droite|izquierda|derecha|sinistra|destra|esquerda|direita"
)
_HANDED = re.compile(rf"\b(?:{_HANDED_WORDS})\b|[左右字写寫号號]|лев|прав", re.IGNORECASE)
_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_TO_YIQ = np.array([_LUMA, [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])  # hue is the angle of (I, Q)


class ImageAugment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may happen to an image, in this order; 0, or an area of 1, leaves it out.

    Source of the set and of the values in `VIEWS`: SimCLR (Chen et al., 2020), as SLIP uses it.
    """

    crop_area: tuple[float, float] = (1.0, 1.0)  # least and largest part of the photo that is kept
    crop_aspect: tuple[float, float] = (0.75, 4 / 3)  # width over height of what is kept
    flip: UnitInterval = 0.0  # probability; never where a caption says left or right
    jitter: UnitInterval = 0.0  # probability that the colours change, by the four below
    brightness: UnitInterval = 0.4  # factor of 1 +- this
    contrast: UnitInterval = 0.4
    saturation: UnitInterval = 0.4
    hue: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.1  # of a full turn
    grayscale: UnitInterval = 0.0  # probability
    blur: UnitInterval = 0.0  # probability; radius of 0.1 to 2 pixels at an edge of 224

    def __post_init__(self) -> None:
        if not 0 < self.crop_area[0] <= self.crop_area[1] <= 1:
            raise ValueError(
                f"crop_area must be two parts of 1, the smaller first, not {list(self.crop_area)}"
            )
        if not 0 < self.crop_aspect[0] <= self.crop_aspect[1]:
            raise ValueError(
                f"crop_aspect must be two ratios, the smaller first, not {list(self.crop_aspect)}"
            )

    @property
    def crops(self) -> bool:
        """Whether parts of photos are cut out, for which larger squares are kept."""
        return self.crop_area[0] < 1

    @property
    def active(self) -> bool:
        """Whether anything may happen to an image at all."""
        return self.crops or any((self.flip, self.jitter, self.grayscale, self.blur))


VIEWS = ImageAugment(crop_area=(0.5, 1.0), flip=0.5, jitter=0.8, grayscale=0.2, blur=0.5)


class TextAugment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may happen to a caption that has spaces between its words.

    Source: EDA (Wei and Zou, 2019), with the synonyms of photos' captions in place of WordNet's.
    """

    drop_words: UnitInterval = 0.0  # probability of each word to go; one always stays
    swap_words: UnitInterval = 0.0  # probability of each word to change places with the next
    lower_case: UnitInterval = 0.0  # probability of the whole caption
    synonyms: UnitInterval = 0.0  # probability of each word that has one to give way to it, before the rest


class Augment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [augment] part of a recipe."""

    image: ImageAugment = ImageAugment()
    text: TextAugment = TextAugment()
    views: ImageAugment = VIEWS  # for losses that compare two views of an image

    def margin(self, views: bool = False) -> float:
        """How much larger than the model's square images should be kept."""
        return STORED_MARGIN if self.image.crops or (views and self.views.crops) else 1.0


def says_left_or_right(caption: str) -> bool:
    """Whether a caption would be wrong of the mirrored photo: it names sides, or something written."""
    return _HANDED.search(caption) is not None


def augment_image(
    image: NDArray[np.uint8],
    size: int,
    settings: ImageAugment,
    generator: np.random.Generator,
    *,
    may_flip: bool,
) -> NDArray[np.uint8]:
    """A kept square (E, E, 3) as an augmented one of (size, size, 3)."""
    edge = image.shape[0]
    box = _crop_box(edge, settings, generator) if settings.crops else (0.0, 0.0, float(edge), float(edge))
    flips = generator.random() < settings.flip and may_flip
    colour = _colour_matrix(image, settings, generator)
    blur = generator.uniform(0.1, 2.0) * size / 224 if generator.random() < settings.blur else 0.0

    picture = Image.fromarray(image)
    if box != (0.0, 0.0, float(size), float(size)):
        picture = picture.resize((size, size), Image.Resampling.BILINEAR, box=box)
    if flips:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if colour is not None:
        picture = picture.convert("RGB", tuple(colour.ravel().tolist()))
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    return np.array(picture, dtype=np.uint8)


def augment_text(caption: str, settings: TextAugment, generator: np.random.Generator) -> str:
    """A caption with words replaced, dropped, swapped or in lower case."""
    if settings.synonyms:
        caption = with_synonyms(caption, settings.synonyms, generator)
    words = caption.split()
    if settings.swap_words:
        for place in np.flatnonzero(generator.random(len(words) - 1) < settings.swap_words):
            words[place], words[place + 1] = words[place + 1], words[place]
    if settings.drop_words:
        keeps = generator.random(len(words)) >= settings.drop_words
        keeps[generator.integers(len(words))] = True
        words = [word for word, keep in zip(words, keeps, strict=True) if keep]
    text = " ".join(words)
    return text.lower() if generator.random() < settings.lower_case else text


def _crop_box(
    edge: int, settings: ImageAugment, generator: np.random.Generator
) -> tuple[float, float, float, float]:
    """A random part of the square: area, then aspect (uniform in its logarithm), then place."""
    area = generator.uniform(*settings.crop_area)
    low, high = (math.log(ratio) for ratio in settings.crop_aspect)
    aspect = math.exp(generator.uniform(low, high))
    width, height = (min(1.0, side) * edge for side in (math.sqrt(area * aspect), math.sqrt(area / aspect)))
    left, top = generator.uniform(0, 1, 2) * (edge - width, edge - height)
    return float(left), float(top), float(left + width), float(top + height)


def _colour_matrix(
    image: NDArray[np.uint8], settings: ImageAugment, generator: np.random.Generator
) -> NDArray[np.float64] | None:
    """One (3, 4) matrix for all colour, since each change is linear in RGB; None where nothing changes."""
    jitters, grey = generator.random(2) < (settings.jitter, settings.grayscale)
    brightness, contrast, saturation = generator.uniform(-1, 1, 3) * (
        settings.brightness,
        settings.contrast,
        settings.saturation,
    )
    turn = generator.uniform(-1, 1) * settings.hue * 2 * math.pi
    if not (jitters or grey):
        return None
    matrix = np.eye(3, 4)
    if jitters:
        level = float(image[::4, ::4].reshape(-1, 3).mean(axis=0) @ _LUMA)
        cos, sin = math.cos(turn), math.sin(turn)
        rotation = np.linalg.inv(_TO_YIQ) @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ _TO_YIQ
        saturate = (1 + saturation) * np.eye(3) - saturation * np.ones((3, 1)) * _LUMA
        matrix[:, :3] = (1 + brightness) * (1 + contrast) * saturate @ rotation
        matrix[:, 3] = -contrast * (1 + brightness) * level  # contrast is about the mean grey
    return _LUMA * np.ones((3, 1)) @ matrix if grey else matrix
