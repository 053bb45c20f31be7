"""Makes resources/teaching: python -m trainer.adapt.prepare --data DIR

DIR is a Flickr8k folder with train.csv. Of its captions only counts are kept, and phrases that many wrote.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

from photosearch.core.errors import KnownError
from photosearch.paths import resources
from trainer.adapt.general_words import NGRAMS, PHRASES, count_ngrams, write_ngrams

LEAST_CAPTIONS = 20  # of general captions, in which a phrase must stand


def prepare_words(data: Path, out: Path) -> None:
    """Write the n-gram counts and the phrases.

    Raises:
        KnownError: there are no captions.
    """
    captions = _captions(data / "train.csv")
    counts = count_ngrams(captions)
    (out / NGRAMS).write_bytes(write_ngrams(len(captions), counts))
    (out / PHRASES).write_text("".join(f"{phrase}\n" for phrase in common_phrases(counts)), "utf-8")


def common_phrases(counts: Counter[str], least: int = LEAST_CAPTIONS) -> list[str]:
    """Phrases in at least so many captions, the commonest first."""
    common = [(ngram, count) for ngram, count in counts.items() if count >= least and len(ngram) > 2]
    return [ngram for ngram, _ in sorted(common, key=lambda pair: (-pair[1], pair[0]))]


def _captions(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [row["caption"] for row in csv.DictReader(file)]
    except (OSError, KeyError) as error:
        raise KnownError(f"{path} is no table of captions; name a Flickr8k folder with --data.") from error


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m trainer.adapt.prepare", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a Flickr8k folder")
    parser.add_argument(
        "--out", type=Path, default=resources() / "teaching", help="default: resources/teaching"
    )
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    prepare_words(arguments.data, arguments.out)
    from trainer.adapt.prepare_general import prepare_general

    prepare_general(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
