"""What 8 bits change of what is found: the bundled model, and itself in 8 bits, over captioned photos.

python -m tests.bench.int8 --images DIR --captions FILE [--objects DIR]

With each photo's bias taken off, as the program searches. No part of `make bench`: it needs captioned photos.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.models import catalog
from photosearch.models.checkpoint_encoder import CheckpointEncoder
from photosearch.models.config import read_config
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.runtime.int8 import Int8Encoder
from trainer.data.pairs import read_pairs
from trainer.evaluate.objects import read_labels
from trainer.evaluate.photos import encode_photos
from trainer.evaluate.recall import mean_average_precision, rank_embeddings, recall_of

BEST = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.int8", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captions", type=Path, required=True)
    parser.add_argument("--objects", type=Path, help="a folder with images/ and labels.json")
    given = parser.parse_args()
    pairs = read_pairs(given.captions, given.images)
    info = catalog.default()
    config = read_config(info.path)
    encoders = {
        "float32": OnnxEncoder(info.path, config, device="cpu"),
        "int8": Int8Encoder(info.path, config),
    }
    texts = encoders["float32"].encode_texts(pairs.captions)
    found, best = {}, {}
    for name, encoder in encoders.items():
        images, _ = encode_photos(encoder.encode_images, config.preprocessing, pairs.images)
        bias = encoder.image_bias(images)
        recall = recall_of(rank_embeddings(texts, images, pairs.image_of, bias), len(images))
        print(name, "text to image", recall.t2i, "image to text", recall.i2t)
        if given.objects:
            print(name, "objects, mAP", f"{objects(encoder, given.objects):.2f}")
        found[name], best[name] = images, np.argsort(bias - texts @ images.T, axis=1)[:, :BEST]
    cosines = (found["float32"] * found["int8"]).sum(axis=1)
    print(f"cosine of a photo: {cosines.mean():.4f} on average, {cosines.min():.4f} at worst")
    pairs_of_lists = zip(best["float32"].tolist(), best["int8"].tolist(), strict=True)
    kept = np.mean([len(set(was) & set(now)) / BEST for was, now in pairs_of_lists])
    print(f"of each caption's {BEST} best photos {1 - kept:.1%} are others")
    return 0


def objects(encoder: CheckpointEncoder, folder: Path) -> float:
    labelled = read_labels(folder / "labels.json", folder / "images")
    photos: NDArray[np.float32]
    photos, _ = encode_photos(encoder.encode_images, encoder.preprocessing, labelled.images)
    scores = encoder.encode_texts(labelled.sentences) @ photos.T - encoder.image_bias(photos)
    return mean_average_precision(scores, labelled.shows)


if __name__ == "__main__":
    sys.exit(main())
