"""How surely a photo that another program edited is told from another photo of the same name.

python -m tests.bench.edits --images DIR [--edited 500] [--others 2000]

Each edit of the first photos is compared with its photo, and all pairs of the others with each other, those
of one scene among them. No part of `make bench`: it needs photos.
"""

import argparse
import io
import itertools
import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from photosearch.core.encoder import Encoder
from photosearch.decode.fingerprint import distance, fingerprint, turned
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from photosearch.decode.thumbnail import glimpse, thumbnail
from photosearch.index.edits import NEAR_BITS, PART_COSINE, TURNED_BITS, likeness
from photosearch.models import catalog
from photosearch.models.loading import load_encoder

SCENE = 0.8  # the cosine from which on two photos count as of one scene


def _cut(share: float) -> Callable[[Image.Image], Image.Image]:
    def cut(image: Image.Image) -> Image.Image:
        width, height = (round(edge * (1 - share)) for edge in image.size)
        left, top = random.randint(0, image.width - width), random.randint(0, image.height - height)
        return image.crop((left, top, left + width, top + height))

    return cut


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "turned by 90°": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "brighter by 30 %": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "darker by 30 %": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "black and white": lambda image: ImageOps.grayscale(image).convert("RGB"),
    "sepia": lambda image: ImageOps.colorize(ImageOps.grayscale(image), "#1a0a00", "#fff0c8"),
    "cut by 10 %": _cut(0.1),
    "cut by 25 %": _cut(0.25),
    "cut by 40 %": _cut(0.4),
    "straightened by 3°": lambda image: _cut(0.12)(image.rotate(3, Image.Resampling.BICUBIC)),
    "with a white frame": lambda image: ImageOps.expand(image, image.width // 10, "white"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.edits", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--edited", type=int, default=500)
    parser.add_argument("--others", type=int, default=2000)
    given = parser.parse_args()
    random.seed(0)
    encoder = load_encoder(catalog.default()).encoder
    paths = sorted(given.images.glob("*.jpg"))[: max(given.edited, given.others)]
    vectors, small = _seen(encoder, [path.read_bytes() for path in paths])
    photos = [Image.open(path).convert("RGB") for path in paths[: given.edited]]
    saved = {f"JPEG {quality}": [_jpeg(photo, quality) for photo in photos] for quality in (95, 40)}
    made = saved | {name: [_jpeg(edit(photo), 92) for photo in photos] for name, edit in EDITS.items()}
    for name, edited in made.items():
        now, pictures = _seen(encoder, edited)
        cosines = (now * vectors[: len(now)]).sum(axis=1)
        found = [
            likeness(before, picture, partial(float, cosine))
            for before, picture, cosine in zip(small, pictures, cosines, strict=False)
        ]
        shares = {kind: found.count(kind) / len(found) for kind in ("same", "edited")}
        print(f"{name:20} kept {sum(shares.values()):6.1%}, of these in silence {shares['same']:6.1%}")
    _others(vectors[: given.others], small[: given.others])
    return 0


def _others(vectors: NDArray[np.float32], small: list[bytes]) -> None:
    """Pairs that are no edits by cosine and bits alone are not looked at further."""
    prints = [fingerprint(glimpse(picture)) for picture in small]
    ways = [turned(one) for one in prints]
    cosines = vectors @ vectors.T
    scenes = taken = taken_of_scenes = 0
    for one, other in itertools.combinations(range(len(small)), 2):
        cosine = float(cosines[one, other])
        scenes += cosine >= SCENE
        bits = distance(prints[one], prints[other])
        nearest = min(distance(prints[one], way) for way in ways[other])
        possible = cosine >= PART_COSINE or bits <= NEAR_BITS or nearest <= TURNED_BITS
        if possible and likeness(small[one], small[other], partial(float, cosine)):
            taken += 1
            taken_of_scenes += cosine >= SCENE
    pairs = len(small) * (len(small) - 1) // 2
    print(f"{pairs:,} pairs of different photos: {taken} taken for edits")
    print(f"{scenes:,} of them of one scene (cosine {SCENE} and more): {taken_of_scenes} taken for edits")


def _seen(encoder: Encoder, files: list[bytes]) -> tuple[NDArray[np.float32], list[bytes]]:
    """Vectors (N, D), and thumbnails."""
    vectors, small = [], []
    for start in range(0, len(files), encoder.batch_size):
        pixels = []
        for data in files[start : start + encoder.batch_size]:
            image, _ = open_image(data, at_least=decoding_edge(encoder.preprocessing))
            pixels.append(fit(image, encoder.preprocessing))
            small.append(thumbnail(image))
        vectors.append(encoder.encode_images(np.stack(pixels)))
    return np.concatenate(vectors), small


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
