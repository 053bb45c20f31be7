"""How surely copies of photos are told from other photos, and how long 100,000 take.

python -m tests.bench.duplicates --images DIR [--edited 1000] [--others 5000]

Of the first photos five edits each are made: cut to 90 % of each edge at a random place, JPEG of quality 40,
half the size, a fifth brighter, a fifth darker. All pairs of these and of the other photos are
looked at, those of similar scenes too. No part of `make bench`: it needs photos.
"""

import argparse
import io
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from photosearch.core.encoder import Encoder
from photosearch.core.photo import MINIATURE_EDGE
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from photosearch.decode.look import look_of
from photosearch.decode.thumbnail import glimpse, thumbnail
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.search.alike import codes_of, joined, pairs_of
from photosearch.search.same_picture import same_picture
from photosearch.search.stacks import Photos, stacks_of
from tests.bench.table import Row, print_table

EDITS = ("cut", "JPEG 40", "half", "brighter", "darker")
MANY, ALIKE = 100_000, 4  # photos, and how many of each that are near in every way


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.duplicates", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--edited", type=int, default=1000)
    parser.add_argument("--others", type=int, default=5000)
    given = parser.parse_args()
    paths = sorted(given.images.glob("*.jpg"))[: given.edited + given.others]
    print_table([*_told_apart(paths, given.edited), _seconds_of_many()])
    return 0


def _told_apart(paths: list[Path], edited: int) -> list[Row]:
    encoder = load_encoder(catalog.default()).encoder
    sources, kinds, vectors, looks, sizes, pixels = [], [], [], [], [], []
    for source, path in enumerate(paths):
        if source % 500 == 0:
            print(f"{source} of {len(paths)} photos ...", file=sys.stderr)
        for kind, data in _with_edits(path, edits=source < edited):
            image, facts = open_image(data, at_least=decoding_edge(encoder.preprocessing))
            sources.append(source)
            kinds.append(kind)
            sizes.append((facts.width, facts.height))
            looks.append(look_of(glimpse(thumbnail(image))))
            pixels.append(fit(image, encoder.preprocessing))
        if len(pixels) >= encoder.batch_size or source == len(paths) - 1:
            vectors.append(_encoded(encoder, pixels))
            pixels = []
    codes = codes_of(np.concatenate(vectors), np.array([look.fingerprint for look in looks], np.int64))
    miniatures = np.frombuffer(b"".join(look.miniature for look in looks), np.uint8)
    pairs = joined(pairs_of(codes))
    same = same_picture(
        miniatures.reshape(-1, MINIATURE_EDGE, MINIATURE_EDGE), np.array(sizes), pairs.first, pairs.second
    )
    source, kind = np.array(sources), np.array(kinds)
    first, second = pairs.first[same], pairs.second[same]
    right = source[first] == source[second]
    of_photo = kind[first] == "photo"  # the photo itself comes before its edits
    rows = [
        Row(
            f"found of the photos' {one} copies",
            f"{(kind[second[right & of_photo]] == one).sum() / edited:.3f}",
        )
        for one in EDITS
    ]
    every = edited * len(EDITS) * (len(EDITS) + 1) // 2
    return [
        Row("pairs that may be alike", f"{len(pairs.first):,} of {len(source) * (len(source) - 1) // 2:,}"),
        Row("pairs called the same that are", f"{right.mean():.4f}", f"{len(right) - right.sum()} are not"),
        Row("pairs that are the same and called so", f"{right.sum() / every:.3f}", f"of {every:,}"),
        *rows,
    ]


def _with_edits(path: Path, *, edits: bool) -> Iterator[tuple[str, bytes]]:
    yield "photo", path.read_bytes()
    if not edits:
        return
    photo = Image.open(path).convert("RGB")
    chance = random.Random(path.name)
    width, height = (round(length * 0.9) for length in photo.size)
    left, top = chance.randrange(photo.width - width + 1), chance.randrange(photo.height - height + 1)
    yield "cut", _jpeg(photo.crop((left, top, left + width, top + height)))
    yield "JPEG 40", _jpeg(photo, 40)
    yield "half", _jpeg(photo.resize((photo.width // 2, photo.height // 2), Image.Resampling.LANCZOS))
    yield "brighter", _jpeg(ImageEnhance.Brightness(photo).enhance(1.2))
    yield "darker", _jpeg(ImageEnhance.Brightness(photo).enhance(0.8))


def _jpeg(image: Image.Image, quality: int = 92) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _encoded(encoder: Encoder, pixels: list[np.ndarray]) -> np.ndarray:
    return encoder.encode_images(np.stack(pixels)).astype(np.float16)


def _seconds_of_many() -> Row:
    """Made-up photos, each near to some others, so that these pairs are looked at closely."""
    chance = np.random.default_rng(0)
    shape = (MANY // ALIKE, MINIATURE_EDGE, MINIATURE_EDGE)
    miniatures = np.repeat(chance.integers(0, 256, shape, np.uint8), ALIKE, axis=0)
    miniatures ^= chance.integers(0, 128, miniatures.shape, np.uint8)
    vectors = np.repeat(chance.standard_normal((MANY // ALIKE, 896), np.float32), ALIKE, axis=0)
    vectors += 0.3 * chance.standard_normal(vectors.shape, np.float32)
    fingerprints = np.repeat(chance.integers(0, 2**63, MANY // ALIKE), ALIKE)
    photos = Photos(
        ids=np.arange(MANY),
        codes=codes_of(vectors.astype(np.float16), fingerprints),
        miniatures=miniatures,
        sizes=chance.integers(3000, 4000, (MANY, 2)),
        taken=np.full(MANY, np.nan),
        raw=np.zeros(MANY, bool),
        away=np.zeros(MANY, bool),
        damaged=np.zeros(MANY, bool),
        noted=np.zeros(MANY, bool),
        sharpness=np.zeros(MANY, np.int64),
        file_sizes=np.zeros(MANY, np.int64),
        paths=[b"/%d.jpg" % number for number in range(MANY)],
    )
    began = time.process_time()
    stacks_of(photos)
    return Row(f"stacks of {MANY:,} photos", f"{time.process_time() - began:.0f} s of a core")


if __name__ == "__main__":
    sys.exit(main())
