"""Pairs of photos and captions: what they are, and how they are split and put in batches."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.captions import csv_tables
from photosearch.captions.files import FileIndex
from photosearch.core.errors import KnownError
from trainer.data.formats.listing import tidy
from trainer.data.image_file import ImageFile

_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Pairs:
    """Photos with their captions. Files that hold the same bytes are one image."""

    images: Sequence[ImageFile]  # one file of each image
    hashes: list[bytes]  # BLAKE2b-160 of each image's bytes
    captions: list[str]
    image_of: NDArray[np.int64]  # (captions,), the index into `images` of each caption
    groups: NDArray[np.int64] = field(default_factory=lambda: _NONE)  # (images,), near-duplicates share one
    labels: NDArray[np.int64] = field(default_factory=lambda: _NONE)  # (images,), -1 where unknown

    def __post_init__(self) -> None:
        if len(self.groups) != len(self.images):  # nobody looked: each image is its own group
            object.__setattr__(self, "groups", np.arange(len(self.images)))
        if len(self.labels) != len(self.images):
            object.__setattr__(self, "labels", np.full(len(self.images), -1))

    def captions_of(self) -> list[NDArray[np.int64]]:
        """The captions of each image, as indices into `captions`; any image may have any number."""
        order = np.argsort(self.image_of, kind="stable")
        ends = np.cumsum(np.bincount(self.image_of, minlength=len(self.images)))
        return np.split(order, ends[:-1])

    def subset(self, image_indices: Sequence[int]) -> "Pairs":
        """These images and their captions, in the order given."""
        captions_of = self.captions_of()
        rows = np.array(image_indices, dtype=np.int64)
        return Pairs(
            images=[self.images[i] for i in image_indices],
            hashes=[self.hashes[i] for i in image_indices],
            captions=[self.captions[c] for i in image_indices for c in captions_of[i]],
            image_of=np.repeat(np.arange(len(rows)), [len(captions_of[i]) for i in image_indices]),
            groups=self.groups[rows],
            labels=self.labels[rows],
        )


def content_hash(path: Path) -> bytes:
    """What makes a file a photo of its own: BLAKE2b-160 of its bytes.

    Raises:
        KnownError: the file cannot be read.
    """
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=20).digest()
    except OSError as error:
        raise KnownError(f"{path} cannot be read: {error.strerror}.") from error


def read_pairs(table: Path, images: Path) -> Pairs:
    """Read a captions table, as `photosearch.captions.csv_tables` does.

    Raises:
        KnownError: the table, an image or a caption is missing, or the table is not such a CSV.
    """
    rows = list(csv_tables.rows(table, []))
    files = FileIndex(images)
    index_of_name: dict[str, int] = {}
    index_of_hash: dict[bytes, int] = {}
    paths: list[Path] = []
    missing: list[str] = []
    for name in dict.fromkeys(row.name for row in rows):
        path = files.find(name)
        if path is None:
            missing.append(name)
            continue
        index_of_name[name] = index_of_hash.setdefault(content_hash(path), len(paths))
        if index_of_name[name] == len(paths):
            paths.append(path)
    empty = next((row.name for row in rows if not tidy(row.caption)), None)
    if empty is not None:
        raise KnownError(f"{table.name} has an empty caption of {empty!r}; write one, or delete the row.")
    if missing:
        raise KnownError(
            f"{table.name} names {len(missing)} image(s) that {images} does not hold, the first is "
            f"{missing[0]!r}; correct the table or point to the folder that holds them."
        )
    return Pairs(
        images=paths,
        hashes=list(index_of_hash),
        captions=[tidy(row.caption) for row in rows],
        image_of=np.array([index_of_name[row.name] for row in rows], dtype=np.int64),
    )


def split(pairs: Pairs, part: float, seed: int = 0) -> tuple[Pairs, Pairs]:
    """Split into (the rest, `part` or a little less), by group: near-duplicates are never on both sides.

    Raises:
        KnownError: either side would be empty.
    """
    groups, members = np.unique(pairs.groups, return_inverse=True)
    sizes = np.bincount(members)
    wanted = round(part * len(pairs.images))
    apart = np.zeros(len(groups), dtype=bool)
    taken = 0
    for group in reversed(np.random.default_rng(seed).permutation(len(groups)).tolist()):
        if taken + sizes[group] <= wanted:
            apart[group] = True
            taken += int(sizes[group])
    aside = apart[members]
    if not aside.any() or aside.all():
        raise KnownError(f"{len(pairs.images)} image(s) are too few to set {part:.0%} of them apart.")
    return pairs.subset(np.flatnonzero(~aside).tolist()), pairs.subset(np.flatnonzero(aside).tolist())


def batches(
    pairs: Pairs, batch_size: int, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """One epoch as batches of (image indices, caption indices), (B,) each.

    Every image comes once, with one random caption of its own. The last batch is smaller where the
    images do not divide evenly.
    """
    captions_of = pairs.captions_of()
    order = generator.permutation(len(pairs.images))
    for start in range(0, len(order), batch_size):
        images = order[start : start + batch_size]
        yield images, np.array([generator.choice(captions_of[i]) for i in images], dtype=np.int64)
