"""How well private words are learnt: python -m tests.bench.teaching --data FLICKR8K [--captions CAPTIONS.csv]

Not a part of `make bench`: it wants the Flickr8k folder (or PHOTOSEARCH_FLICKR8K), whose 1,000 val photos are
the gallery. Pooled over 5 folds, text to image R@1, R@5 and R@10. The sets:

given    the table --captions (filename,caption), one personal caption a photo; the ceiling is the val caption
         of the photo that shares most words
plain    three sets of val captions in which a rule puts invented names in the place of plain words
twins    names that no plain word tells apart: two or three dogs, women and men. Who it is depends on the
         picture: the greenest photos, the coldest (least red, most blue), those with most red
"""

import argparse
import csv
import os
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.core.progress import Control
from photosearch.models.lesson import Lesson
from trainer.adapt.base import read_base
from trainer.adapt.held_out import folds
from trainer.adapt.material import Material, Rows, Vectors, burst_groups, remembering
from trainer.adapt.words import learn_words
from trainer.evaluate.photos import encode_photos
from trainer.evaluate.recall import rank_texts
from trainer.evaluate.statistics import bootstrap

CAPTIONS = 300  # in a set that is made here
UNNAMED = 0.15  # of the photos that no rule fits, the share that joins a set

Val = dict[str, list[str]]  # captions by photo


class Told(NamedTuple):
    """A photo with a personal caption, and with the plain one that says the same."""

    photo: str
    caption: str
    plain: str


RULES = {
    "plain A": {
        r"\b(little|young) boys?\b": "Timmy",
        r"\bgirls?\b": "Nell Rose",
        r"\b(soccer|football)( field)?\b": "Green Arena",
        r"\b(snow|snowy)\b": "Frostpeak",
        r"\b(street|sidewalk|road)\b": "Harper Lane",
        r"\b(lake|river|stream)\b": "Silver Bend",
        r"\b(brown|tan) (and white )?dog\b": "Biscuit",
        r"\b(bike|bicycle)\b": "The Arrow",
        r"\bball\b": "gribble",
        r"\b(old|older|elderly) man\b": "Grandpa Joe",
        r"\bskateboard\w*\b": "Zipper",
        r"\b(ocean|sea|waves?)\b": "Mother Blue",
    },
    "plain B": {
        r"\b(two )?dogs\b": "The Rascals",
        r"\b(motorcycle|motorbike|dirt bike)s?\b": "Black Thunder",
        r"\b(mountains?|cliff|rock face|hill)\b": "Eagle Rise",
        r"\b(pool|swimming pool)\b": "splashville",
        r"\bbaby\b": "Pip",
        r"\bhorses?\b": "Juniper",
        r"\bblack dog\b": "shadow",
        r"\bswing\w*\b": "the loop",
        r"\b(playground|slide)\b": "Kinder Hill",
        r"\b(beach|sand)\b": "Amber Strand",
        r"\b(crowd|audience)\b": "the tribe",
        r"\b(woman|lady)\b": "Aunt Marge",
        r"\bcar\b": "Bessie",
        r"\btennis\b": "Wimby",
    },
    "plain C": {
        r"\bwhite dog\b": "snowflake",
        r"\b(grass|grassy field|field|lawn)\b": "Daisy Field",
        r"\b(building|wall)\b": "grey tower",
        r"\bman in (a )?(\w+) (shirt|jacket|hat)\b": "Brother Tom",
        r"\bwater\b": "Wet Hollow",
        r"\b(forest|woods|trees?)\b": "Hagwood",
        r"\b(ramp|half pipe)\b": "the curve",
        r"\bfrisbee\b": "Saucer Nine",
        r"\b(guitar|music|band)\b": "Twang",
        r"\bsmall (child|kid|boy|girl)\b": "little bean",
    },
}
_ARTICLE = r"\b(?:(?:a|an|the|one) )?"
TWINS = (
    (
        _ARTICLE + r"(?:(?:small|large|big|brown|black|white|tan|gr[ea]y|yellow|and) )*dog\b",
        ("Ajax", "Bruno", "Pepper Ann"),
    ),
    (
        _ARTICLE + r"(?:(?:young|little|small|older|old) )*(?:girl|woman|lady)\b",
        ("Elsbeth", "Aunt Vi", "Noor"),
    ),
    (_ARTICLE + r"(?:(?:young|little|small|older|old) )*(?:boy|man|guy)\b", ("Gustav", "Little Kit", "Omar")),
)


def given(path: Path, val: Val) -> list[Told]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["filename"], row["caption"]) for row in csv.DictReader(file)]
    return [Told(photo, caption, max(val[photo], key=_likeness(caption))) for photo, caption in rows]


def renamed(val: Val, rules: dict[str, str], seed: int = 0) -> list[Told]:
    """Captions with names in the place of plain words, one a photo."""
    rng, told = random.Random(seed), []
    for photo in rng.sample(sorted(val), len(val)):
        changed = [Told(photo, _renamed(plain, rules), plain) for plain in val[photo]]
        changed = [one for one in changed if one.caption != one.plain]
        if changed:
            told.append(rng.choice(changed))
        elif rng.random() < UNNAMED:
            plain = rng.choice(val[photo])
            told.append(Told(photo, plain, plain))
    return told[:CAPTIONS]


def twins(val: Val, images: Path, seed: int = 0) -> list[Told]:
    """Captions with the name of one of three who are all "a dog", one a photo."""
    rng, told, taken = random.Random(seed), [], set[str]()
    for pattern, names in TWINS:
        who = re.compile(pattern, re.IGNORECASE)
        saying = {photo: [text for text in val[photo] if who.search(text)] for photo in sorted(val)}
        photos = [photo for photo in saying if len(saying[photo]) >= 2 and photo not in taken]
        taken.update(photos)
        looks = np.array([_looks(images / photo) for photo in photos])  # (P, 3)
        ranks = (looks.argsort(axis=0).argsort(axis=0) + 0.5) / len(photos)
        first, second = np.sort(ranks, axis=1)[:, :-3:-1].T
        for row in np.flatnonzero((first > 0.7) & (first - second > 0.15)).tolist():
            plain = rng.choice(saying[photos[row]])
            caption = who.sub(names[ranks[row].argmax()], plain, count=1)
            told.append(Told(photos[row], caption[0].upper() + caption[1:], plain))
    return rng.sample(told, min(CAPTIONS, len(told)))


def _looks(path: Path) -> tuple[float, float, float]:
    """How green, how cold and how red a photo is."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB").resize((32, 32)), np.float32).reshape(-1, 3)
    red, green, blue = pixels.T
    is_red = (red > 1.5 * green) & (red > 1.5 * blue)
    return float((green - (red + blue) / 2).mean()), float((blue - red).mean()), float(is_red.mean())


def _renamed(text: str, rules: dict[str, str]) -> str:
    for pattern, name in rules.items():
        text = re.sub(pattern, name, text, flags=re.IGNORECASE)
    people = "Timmy|Nell Rose|Grandpa|Aunt|Pip|Brother|Biscuit|shadow|snowflake|Juniper|Bessie|The |the "
    return re.sub(rf"\b(?:a|an|the) (?={people})", "", text, flags=re.IGNORECASE)


def _likeness(caption: str) -> Callable[[str], float]:
    words = re.findall(r"\w+", caption.lower())

    def likeness(plain: str) -> float:
        others = re.findall(r"\w+", plain.lower())
        shared = len(set(words) & set(others))
        return shared - 0.2 * len(set(others) - set(words)) - 0.1 * abs(len(words) - len(others))

    return likeness


class Bench:
    def __init__(self, data: Path, model: str) -> None:
        with (data / "val.csv").open(encoding="utf-8", newline="") as file:
            self.val: Val = {}
            for row in csv.DictReader(file):
                self.val.setdefault(row["filename"], []).append(row["caption"])
        self.images = data / "images"
        self.labels = sorted(self.val)
        base = read_base(model)
        encoder, images = base.encoder, [self.images / label for label in self.labels]
        self.photos, _ = encode_photos(encoder.encode_images, encoder.preprocessing, images)
        self.bias = encoder.image_bias(self.photos)
        self.scale = base.scale
        self.encode = remembering(encoder.encode_texts, encoder.dim, Control())

    def measure(self, name: str, told: Sequence[Told]) -> None:
        photo_of = np.array([self.labels.index(one.photo) for one in told])
        captions = [one.caption for one in told]
        material = Material(
            self.photos,
            self.bias,
            self.labels,
            captions,
            photo_of,
            burst_groups(self.photos, np.unique(photo_of)),
            self.encode,
            self.scale,
        )
        base = self._ranks(self.encode(captions), photo_of)
        ceiling = self._ranks(self.encode([one.plain for one in told]), photo_of)
        self._print(f"{name}, base", base)
        self._print(f"{name}, ceiling", ceiling, base)
        seconds, texts = _out_of_fold(material)
        self._print(f"{name}, {seconds:.1f} s a fold", self._ranks(texts, photo_of), base, ceiling)
        words, _ = learn_words(material, np.arange(len(told)), control=Control())
        for word in words:
            print(f"  {word.name} ({word.captions}) = {word.phrase!r} + {word.weight}; or {word.choices}")

    def _ranks(self, texts: Vectors, photo_of: Rows) -> NDArray[np.int64]:
        return rank_texts(texts, self.photos, photo_of, self.bias)

    def _print(
        self,
        what: str,
        ranks: NDArray[np.int64],
        base: NDArray[np.int64] | None = None,
        ceiling: NDArray[np.int64] | None = None,
    ) -> None:
        recalls = " ".join(f"{100 * (ranks < k).mean():5.1f}" for k in (1, 5, 10))
        line = f"| {what} | {recalls} |"
        if base is not None:
            gain = bootstrap(100.0 * ((ranks < 10).astype(float) - (base < 10)), np.arange(len(ranks)))
            times = (ranks < 10).mean() / (base < 10).mean()
            line += f" {times:.2f}x base, {gain.low:+.1f} to {gain.high:+.1f} |"
        if ceiling is not None:
            line += f" {100 * (ranks < 10).mean() / (ceiling < 10).mean():.0f} % of ceiling |"
        print(line, flush=True)


def _out_of_fold(material: Material) -> tuple[float, Vectors]:
    """Seconds of processor for a fold, less what was read before; each caption's vector (C, D)."""
    texts = np.empty((len(material.captions), material.photos.shape[1]), np.float32)
    times = []
    for rows, held_out in folds(material.caption_groups):
        start = time.process_time()
        words, vectors = learn_words(material, rows, control=Control())
        times.append(time.process_time() - start)
        lesson = Lesson("0" * 16, words=tuple(words), vectors=vectors)
        captions = [material.captions[row] for row in held_out.tolist()]
        read = [lesson.rewrite(caption) for caption in captions]
        texts[held_out] = lesson.adapt(material.encode(read), captions)
    return float(np.mean(times)), texts


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.teaching", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("PHOTOSEARCH_FLICKR8K"))
    parser.add_argument("--captions", type=Path)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--only", help="sets whose name begins so")
    arguments = parser.parse_args()
    if not arguments.data:
        parser.error("name the Flickr8k folder with --data")
    bench = Bench(Path(arguments.data), arguments.model)
    sets: dict[str, Callable[[], list[Told]]] = {
        **({"given": lambda: given(arguments.captions, bench.val)} if arguments.captions else {}),
        **{name: lambda rules=rules: renamed(bench.val, rules) for name, rules in RULES.items()},
        "twins": lambda: twins(bench.val, bench.images),
    }
    for name, told in sets.items():
        if name.startswith(arguments.only or ""):
            bench.measure(name, told())
    return 0


if __name__ == "__main__":
    sys.exit(main())
