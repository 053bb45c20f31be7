"""The trainer's loader against decoding JPEGs in the loop, and against what an encoder can take in."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.models.tokenizer import Tokenizer
from tests.bench.table import Row, median_seconds
from tests.helpers.photos import sample_photos
from tests.helpers.tiny_config import make_tiny_tokenizer
from trainer.data.augment import Augment, ImageAugment
from trainer.data.images import ImageCache
from trainer.data.loader import Loader
from trainer.data.pairs import Pairs, content_hash

PHOTOS = 256  # of 640 x 480, as COCO's
BATCH = 64
TOWER, TOWER_BATCH = "resnet50", 8
SQUARE = Preprocessing(224, "crop", "bicubic", (124.0, 116.0, 104.0), (58.0, 57.0, 57.0))
CROPS = Augment(image=ImageAugment(crop_area=(0.5, 1.0), flip=0.5, jitter=0.8))


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pairs = _photos(folder)
        tokenizer = Tokenizer(make_tiny_tokenizer(folder / "tokenizer.json").read_bytes(), 16)
        seconds = {}
        for name, augment in (("as they are", Augment()), ("cropped and jittered", CROPS)):
            margin = augment.margin()
            cache = ImageCache(pairs.images, pairs.hashes, SQUARE, margin=margin, cache=folder)
            loader = Loader(pairs, cache, tokenizer, augment)
            seconds[name] = median_seconds(lambda loader=loader: _run(loader.batches(0, BATCH)), 5)
        in_the_loop = PHOTOS / median_seconds(lambda: _run(_decoded_in_the_loop(pairs, tokenizer)), 3)
    trains = _training_rate()
    return [
        Row(
            f"load images {name}",
            f"{PHOTOS / taken:.0f} img/s",
            f"{reference} {rate:.1f} img/s",
            PHOTOS / taken / rate,
        )
        for name, taken in seconds.items()
        for reference, rate in (("JPEGs in the loop", in_the_loop), (f"{TOWER} trains at", trains))
    ]


def _photos(folder: Path) -> Pairs:
    sources = [Image.open(path).convert("RGB").resize((640, 480)) for path in sample_photos()]
    paths = []
    for number in range(PHOTOS):
        paths.append(folder / f"{number}.jpg")
        sources[number % len(sources)].save(paths[-1], quality=90, comment=str(number))
    captions = [f"a photo of a dog number {number}" for number in range(PHOTOS)]
    return Pairs(paths, [content_hash(path) for path in paths], captions, np.arange(PHOTOS))


def _run(batches: Iterator[object]) -> None:
    for _ in batches:
        pass


def _decoded_in_the_loop(pairs: Pairs, tokenizer: Tokenizer) -> Iterator[object]:
    """As notebooks do it: open, resize, crop, batch after batch."""
    for start in range(0, PHOTOS, BATCH):
        rows = []
        for path in pairs.images[start : start + BATCH]:
            image = Image.open(path).convert("RGB").resize((299, 224), Image.Resampling.BICUBIC)
            rows.append(np.asarray(image.crop((37, 0, 261, 224))))
        yield torch.from_numpy(np.stack(rows)), tokenizer(pairs.captions[start : start + BATCH])


def _training_rate() -> float:
    """Images a second, forwards and backwards, on this machine's CPU or GPU."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tower = timm.create_model(TOWER, pretrained=False, num_classes=0).to(device)
    images = torch.rand(TOWER_BATCH, 3, SQUARE.size, SQUARE.size, device=device)

    def step() -> None:
        tower(images).sum().backward()
        if device == "cuda":
            torch.cuda.synchronize()

    return TOWER_BATCH / median_seconds(step, 1)
