"""Makes resources/teaching: python -m trainer.adapt.prepare --data DIR

DIR is a Flickr8k folder with train.csv, as many Chinese captions in train.zh.csv, and images/. Of
its captions and photos only counts are kept, phrases that many wrote, and vectors of a few.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photosearch.captions import csv_tables
from photosearch.paths import resources
from trainer.adapt.base import read_base
from trainer.adapt.general import FILE, PAIRS, write_general
from trainer.adapt.general_words import (
    CHINESE_PHRASES,
    NGRAMS,
    PHRASES,
    count_ngrams,
    without_gaps,
    write_ngrams,
)
from trainer.evaluate.photos import encode_photos, refuse_unreadable

LEAST_CAPTIONS = 20  # of general captions, in which a phrase must stand


def prepare_words(data: Path, out: Path, more: Sequence[str] = ()) -> None:
    """Write the n-gram counts and the phrases.

    Args:
        more: Chinese sentences about other photos, for words that are rare in Flickr8k
    Raises:
        KnownError: there are no captions.
    """
    english, chinese = (
        [caption for several in _captions(data / name).values() for caption in several]
        for name in ("train.csv", "train.zh.csv")
    )
    chinese += more
    counts = {PHRASES: count_ngrams(english), CHINESE_PHRASES: count_ngrams(chinese)}
    both = counts[PHRASES] + counts[CHINESE_PHRASES]
    (out / NGRAMS).write_bytes(write_ngrams(len(english), both))
    for name, counted in counts.items():
        (out / name).write_text("".join(f"{phrase}\n" for phrase in common_phrases(counted)), "utf-8")


def common_phrases(counts: Counter[str], least: int = LEAST_CAPTIONS) -> list[str]:
    """Phrases in at least so many captions, the commonest first; letters alone say too little."""
    common = [(ngram, count) for ngram, count in counts.items() if count >= least and len(ngram.encode()) > 2]
    return [without_gaps(ngram) for ngram, _ in sorted(common, key=lambda pair: (-pair[1], pair[0]))]


def prepare_general(data: Path, out: Path, model: str = "bundled") -> None:
    """Draw photos and one caption of each, and write their vectors: the general set of a model.

    Args:
        data: a folder with train.csv and images/
        model: as `read_base` takes it
    Raises:
        KnownError: the folder or the model is not as it must be.
    """
    captions = _captions(data / "train.csv")
    random = np.random.default_rng(0)
    drawn = np.sort(random.permutation(len(captions))[:PAIRS])
    names = [list(captions)[row] for row in drawn]
    texts = [captions[name][random.integers(len(captions[name]))] for name in names]
    encoder = read_base(model).encoder
    images = [data / "images" / name for name in names]
    photos, unreadable = encode_photos(encoder.encode_images, encoder.preprocessing, images)
    refuse_unreadable(unreadable, images)
    write_general(out / FILE, encoder.model_id, encoder.encode_texts(texts), photos, np.arange(len(names)))


def _captions(table: Path) -> dict[str, list[str]]:
    """By the name of their photo."""
    captions: dict[str, list[str]] = defaultdict(list)
    for row in csv_tables.rows(table, []):
        captions[row.name].append(row.caption)
    return captions


def _chinese_captions(table: Path) -> list[str]:
    with table.open(encoding="utf-8", newline="") as opened:
        return [row["caption"] for row in csv.DictReader(opened) if row["language"] == "zh"]


def main() -> None:
    """Prepare what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m trainer.adapt.prepare", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a Flickr8k folder")
    parser.add_argument(
        "--out", type=Path, default=resources() / "teaching", help="default: resources/teaching"
    )
    parser.add_argument(
        "--more", type=Path, help="a table image,language,caption: its Chinese captions are counted, too"
    )
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    more = _chinese_captions(arguments.more) if arguments.more else ()
    prepare_words(arguments.data, arguments.out, more)
    prepare_general(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
