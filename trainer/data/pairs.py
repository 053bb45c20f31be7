"""Pairs of photos and captions: reading, splitting by image, batches."""

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError

HEADER = ["filename", "caption"]


@dataclass(frozen=True)
class Pairs:
    """Photos with their captions. Files that hold the same bytes are one image."""

    images: list[Path]  # one file of each image
    hashes: list[bytes]  # BLAKE2b-160 of each image's bytes
    captions: list[str]
    image_of: NDArray[np.int64]  # (captions,), the index into `images` of each caption

    def captions_of(self) -> list[NDArray[np.int64]]:
        """The captions of each image, as indices into `captions`; any image may have any number."""
        order = np.argsort(self.image_of, kind="stable")
        ends = np.cumsum(np.bincount(self.image_of, minlength=len(self.images)))
        return np.split(order, ends[:-1])

    def subset(self, image_indices: Sequence[int]) -> "Pairs":
        """These images and their captions, in the order given."""
        captions_of = self.captions_of()
        return Pairs(
            images=[self.images[i] for i in image_indices],
            hashes=[self.hashes[i] for i in image_indices],
            captions=[self.captions[c] for i in image_indices for c in captions_of[i]],
            image_of=np.repeat(np.arange(len(image_indices)), [len(captions_of[i]) for i in image_indices]),
        )

    def without(self, others: "Pairs") -> "Pairs":
        """The images that `others` does not hold."""
        held = set(others.hashes)
        return self.subset([i for i, image_hash in enumerate(self.hashes) if image_hash not in held])


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
    """Read a captions table: UTF-8 CSV (a byte order mark is allowed) with the header `filename,caption`.

    Raises:
        KnownError: the table or an image is missing, or the table is not such a CSV or has no rows.
    """
    rows = _rows(table)
    index_of_name: dict[str, int] = {}
    index_of_hash: dict[bytes, int] = {}
    paths: list[Path] = []
    missing: list[str] = []
    for name in dict.fromkeys(name for name, _ in rows):
        path = images / name
        if not path.is_file():
            missing.append(name)
            continue
        index_of_name[name] = index_of_hash.setdefault(content_hash(path), len(paths))
        if index_of_name[name] == len(paths):
            paths.append(path)
    if missing:
        raise KnownError(
            f"{table.name} names {len(missing)} image(s) that {images} does not hold, the first is "
            f"{missing[0]!r}; correct the table or point to the folder that holds them."
        )
    return Pairs(
        images=paths,
        hashes=list(index_of_hash),
        captions=[caption for _, caption in rows],
        image_of=np.array([index_of_name[name] for name, _ in rows], dtype=np.int64),
    )


def _rows(table: Path) -> list[tuple[str, str]]:
    try:
        text = table.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise KnownError(f"There is no captions table at {table}.") from None
    except IsADirectoryError:
        raise KnownError(f"{table} is a folder; name the captions table (a .csv file) in it.") from None
    except OSError as error:
        raise KnownError(f"{table} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise KnownError(f"{table} is not UTF-8; save it as CSV in UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        header = [field.strip().lower() for field in next(reader, [])]
        if header != HEADER:
            raise KnownError(
                f"The first line of {table} must be `filename,caption`, not {','.join(header)!r}."
            )
        for fields in reader:
            if not fields:
                continue
            if len(fields) != 2 or not fields[0].strip() or not fields[1].strip():
                raise KnownError(
                    f"Line {reader.line_num} of {table} is not a filename and a caption; put quotation marks "
                    "around a caption that contains commas."
                )
            rows.append((fields[0].strip(), _normal(fields[1])))
    except csv.Error as error:
        raise KnownError(f"Line {reader.line_num} of {table} is not valid CSV: {error}.") from None
    if not rows:
        raise KnownError(f"{table} has a header and no captions.")
    return rows


def _normal(caption: str) -> str:
    return " ".join(unicodedata.normalize("NFC", caption).split())


def split(pairs: Pairs, part: float, seed: int = 0) -> tuple[Pairs, Pairs]:
    """Split into (the rest, `part`), by image: no image is on both sides, whatever its number of captions.

    Raises:
        KnownError: either side would be empty.
    """
    order = np.random.default_rng(seed).permutation(len(pairs.images))
    cut = len(order) - round(part * len(order))
    if not 0 < cut < len(order):
        raise KnownError(f"{len(order)} image(s) are too few to set {part:.0%} of them apart.")
    return pairs.subset(sorted(order[:cut].tolist())), pairs.subset(sorted(order[cut:].tolist()))


def read_folder(folder: Path, seed: int = 0) -> tuple[Pairs, Pairs]:
    """Read (train, validation) pairs from a folder.

    It holds `images/` and either `train.csv` with `val.csv`, whose images are never trained on, or
    `captions.csv`, of which a fifth of the images is set apart.

    Raises:
        KnownError: as `read_pairs`, or no table is there.
    """
    images = folder / "images"
    if (folder / "train.csv").is_file():
        validation = read_pairs(folder / "val.csv", images)
        return read_pairs(folder / "train.csv", images).without(validation), validation
    if (folder / "captions.csv").is_file():
        return split(read_pairs(folder / "captions.csv", images), 0.2, seed)
    raise KnownError(
        f"{folder} has neither train.csv with val.csv nor captions.csv; name a folder that does."
    )


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
