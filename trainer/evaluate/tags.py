"""From where on tags are shown: fitted on photos whose captions name things, and held to others.

A caption that names a thing is right; where no caption of a photo does, the photo mostly does not show it. So
what captions forget counts as wrong, and the truth is better than the figures.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.tags import Tag, shipped
from photosearch.models.tagging import Levels, directions, shares, spread_of
from trainer.data.image_file import ImageFile
from trainer.data.pairs import Pairs
from trainer.evaluate.calibrate import AGREEMENT, PHOTOS
from trainer.evaluate.embed import Opened, embed_images, embed_texts
from trainer.evaluate.objects import LabelledPhotos
from trainer.evaluate.photos import Vectors, refuse_unreadable

LEARNT_TARGET = 0.9  # precision on photos that the model learnt from: on others it is less
TARGET = 0.8  # precision on those that it did not
RIGHT = 5  # photos that must be right for a level to be believed
WRONG = 1  # photos that may be wrong where answers are too few: the next one sets the level
# No tag is shown for less of a photo; one whose answers are too few, for far more: where no photo shows a
# thing, the likeliest are wrong.
LEAST_KNOWN, LEAST = 0.01, 0.3

_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "leaves": "leaf",
    "feet": "foot",
}

Shares = NDArray[np.float32]
Named = NDArray[np.int64]


class TagAnswers(NamedTuple):
    """How much of photos each tag has, and what is known of them."""

    shares: Shares  # (T, N)
    named: Named  # (T, N): how many captions of each photo name it

    @property
    def agreed(self) -> NDArray[np.bool_]:
        """The tags (T,) that people agree to name, as the things of `calibrate`."""
        once, twice = ((self.named >= times).sum(axis=1) for times in (1, 2))
        found: NDArray[np.bool_] = twice >= np.maximum(PHOTOS, AGREEMENT * once)
        return found


def named_in(captions: Sequence[str], tags: Sequence[Tag]) -> NDArray[np.bool_]:
    """Whether each caption names each tag by one of its English names, singular or plural; -> (C, T)."""
    patterns = [_pattern(tag) for tag in tags]
    lower = [caption.lower() for caption in captions]
    return np.array([[bool(pattern.search(text)) for pattern in patterns] for text in lower], dtype=bool)


def level_of(shares: Shares, right: NDArray[np.bool_], target: float) -> tuple[float, bool]:
    """The least share (N,) from which on so many are right, and whether answers were enough to tell.

    Where they are not, that from which on no more than `WRONG` are wrong.
    """
    order = np.argsort(-shares, kind="stable")
    hits = np.cumsum(right[order])
    enough = np.flatnonzero((hits >= target * np.arange(1, len(order) + 1)) & (hits >= RIGHT))
    wrong = np.flatnonzero(~right[order])
    few = wrong[WRONG] if len(wrong) > WRONG else len(order)  # from this place on
    if len(enough) and enough[-1] >= min(few, len(order) - 1):
        return max(float(shares[order[enough[-1]]]), LEAST_KNOWN), True
    if few == len(order):
        return LEAST, False
    return max(float(np.nextafter(shares[order[few]], np.float32(1))), LEAST), False


def fit_levels(parts: Sequence[tuple[TagAnswers, float]]) -> NDArray[np.float64]:
    """The level of each tag (T,): the highest that any of the parts, each with its target, asks for.

    Of a tag that none of them has enough answers of, hardly any may be wrong among the photos of all.
    """
    found: list[float] = []
    for rows in zip(*(answers.shares for answers, _ in parts), strict=True):
        named = [answers.named[len(found)] > 0 for answers, _ in parts]
        by_part = [
            level_of(row, right, target) for row, right, (_, target) in zip(rows, named, parts, strict=True)
        ]
        if not any(known for _, known in by_part):
            by_part.append(level_of(np.concatenate(rows), np.concatenate(named), 1.0))
        found.append(max(level for level, _ in by_part))
    return np.array(found, dtype=np.float64)


def measure_tags(
    opened: Opened, train: Pairs, val: Pairs, objects: LabelledPhotos | None
) -> tuple[Levels, dict[str, Any]]:
    """Fit the levels of the list's tags for a model, and count how true tags are.

    Args:
        train: photos that the model learnt from
        val: photos that it did not
        objects: photos on which nothing is fitted

    Returns:
        the levels; and by the photos that they were fitted on, "train" or "both", and those on which tags
        were counted, "val" or "objects", what `_truth` gives

    Raises:
        KnownError: a photo cannot be read.
    """
    tags, calibration = shipped(), opened.config.calibration
    asked = directions(
        tags,
        lambda texts: embed_texts(opened.model, opened.tokenizer, texts, opened.lesson)[0],
        opened.config.languages,
        calibration.prompts,
    )
    photos = {name: _embedded(opened, pairs.images) for name, pairs in (("train", train), ("val", val))}
    spread = spread_of(asked, np.concatenate(list(photos.values())))

    def shared(vectors: Vectors) -> Shares:
        return shares(vectors, asked, asked[:0], spread).T

    learnt, unseen = (
        TagAnswers(shared(photos[name]), _named(pairs, tags))
        for name, pairs in (("train", train), ("val", val))
    )
    by_train = fit_levels([(learnt, LEARNT_TARGET)])
    by_both = fit_levels([(learnt, LEARNT_TARGET), (unseen, TARGET)])
    found: dict[str, Any] = {}
    for way, level in (("train", by_train), ("both", by_both)):
        found[way] = {"val": _truth(unseen.shares, unseen.named > 0, level, unseen.agreed, tags)}
    if objects:
        shown = shared(_embedded(opened, objects.images))
        right, known = _right(objects, tags)
        for way, level in (("train", by_train), ("both", by_both)):
            found[way]["objects"] = _truth(shown, right, level, known, tags)
    rounded = {tag.name: round(float(level), 4) for tag, level in zip(tags, by_both, strict=True)}
    return Levels(opened.config.model_id, round(spread, 5), rounded), found


def written(levels: Levels) -> bytes:
    """As the program reads them, a line a tag."""
    return msgspec.json.format(msgspec.json.encode(levels), indent=1) + b"\n"


def _truth(
    shares: Shares,
    right: NDArray[np.bool_],
    level: NDArray[np.float64],
    known: NDArray[np.bool_],
    tags: Sequence[Tag],
) -> dict[str, Any]:
    """How true the tags are of which it is known where they belong.

    Returns:
        {"tags": how many are known, "shown": times one was shown, "right": the part of these that is right,
        "found": the part found of the photos that they belong to, "photos": the part with any tag, "each": of
        tags that were shown {name: {"shown", "right", "photos": that it belongs to}}}
    """
    given = shares >= level[:, None]
    among, truth = given[known], right[known]
    shown, hits = int(among.sum()), int((among & truth).sum())
    return {
        "tags": int(known.sum()),
        "shown": shown,
        "right": hits / shown if shown else None,
        "found": hits / truth.sum().item() if truth.any() else None,
        "photos": given.any(axis=0).mean().item(),
        "each": {
            tags[place].name: {
                "shown": int(given[place].sum()),
                "right": int((given[place] & right[place]).sum()),
                "photos": int(right[place].sum()),
            }
            for place in np.flatnonzero(known & given.any(axis=1)).tolist()
        },
    }


def _named(pairs: Pairs, tags: Sequence[Tag]) -> Named:
    counts = np.zeros((len(pairs.images), len(tags)), dtype=np.int64)
    np.add.at(counts, pairs.image_of, named_in(pairs.captions, tags))
    return counts.T


def _right(objects: LabelledPhotos, tags: Sequence[Tag]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which photos show each tag (T, N), and of which tags that is known (T,)."""
    meant = named_in(objects.categories, tags)  # (categories, T)
    whole = [[category in _forms_of(tag) for tag in tags] for category in objects.categories]
    meant &= np.array(whole, dtype=bool)  # "wine glass" is no glass
    shown: NDArray[np.bool_] = meant.T @ objects.shows
    return shown, np.logical_or.reduce(meant)


def _pattern(tag: Tag) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_forms_of(tag))))})\b")


def _forms_of(tag: Tag) -> set[str]:
    english = [name.lower() for name in tag.names if name.isascii()]
    return {form for name in english for form in _forms(name)}


def _forms(name: str) -> set[str]:
    """A name in the singular and the plural, and what is neither, which no caption has."""
    forms = {name, f"{name}s", f"{name}es", name.removesuffix("s"), name.removesuffix("es")}
    forms |= {f"{name[:-1]}ies"} if name.endswith("y") else set()
    return forms | ({_IRREGULAR[name]} if name in _IRREGULAR else set())


def _embedded(opened: Opened, images: Sequence[ImageFile]) -> Vectors:
    vectors, unreadable = embed_images(opened.model, opened.config.preprocessing, images)
    refuse_unreadable(unreadable, images)
    return vectors
