"""A folder of photos and captions, in any known format, as data to train on and to measure on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from photosearch.captions import coco, csv_tables, flickr, jsonl, karpathy, text_beside
from photosearch.captions.files import FileIndex
from photosearch.captions.table import Table
from photosearch.core.errors import KnownError
from trainer.data import near_duplicates
from trainer.data.formats import embedded, shards
from trainer.data.formats.listing import CaptionedImage, Listing
from trainer.data.formats.tables import listing_of
from trainer.data.image_file import ImageFile
from trainer.data.pairs import Pairs, split
from trainer.data.scan import ImageScan, scan

# The first that fits is taken; the last has to look into every photo.
FORMATS = (csv_tables, karpathy, flickr, coco, jsonl, shards, text_beside, embedded)
VAL_PART = 0.2


@dataclass(frozen=True)
class Dataset:
    """Pairs to train on and to measure on. No image, and no near-duplicate of one, is on both sides."""

    train: Pairs
    val: Pairs
    test: Pairs | None
    unreadable: list[str] = field(default_factory=list)  # images left out as the caller allowed


def read_dataset(
    path: Path, seed: int = 0, *, skip_unreadable: bool = False, cache: Path | None = None
) -> Dataset:
    """Read a folder, whatever its format; see `FORMATS`.

    Official splits are kept, less the training images that val or test hold too. Where there are none, a
    fifth of the images is set apart for val, chosen by `seed`.

    Args:
        skip_unreadable: leave damaged images out, and say which, instead of refusing the whole
        cache: where to remember what was found in the images; the user's cache folder when missing
    Raises:
        KnownError: no format fits, the tables are not as they must be, or images are missing or damaged.
    """
    listing = read_listing(path)
    if listing.missing:
        raise KnownError(
            f"{path} names {_some(listing.missing)} that it does not hold; correct the tables, or put the "
            "images there."
        )
    scans = scan_rows(listing, path, cache)
    unreadable = [f"{image} ({found.fault})" for image, found in scans.items() if found.fault]
    if unreadable and not skip_unreadable:
        raise KnownError(
            f"{_some(unreadable)} cannot be read; remove them, or leave them out with --skip-unreadable."
        )
    groups = group_by_hash(scans)
    names = sorted({row.label for rows in listing.splits.values() for row in rows} - {""})
    labels = {name: number for number, name in enumerate(names)}
    sides = {
        name: _pairs([row for row in rows if not scans[row.image].fault], scans, groups, labels)
        for name, rows in listing.splits.items()
    }
    if "all" in sides:
        train, val = split(sides["all"], VAL_PART, seed)
        return Dataset(train, val, None, unreadable)
    test = sides.get("test")
    train = sides.get("train", _pairs([], scans, groups, labels))
    kept = _apart(train, [side for name, side in sides.items() if name != "train"])
    if not kept.images:
        raise KnownError(f"{path} has no images to train on that are not for measuring; see `data check`.")
    if "val" in sides:
        return Dataset(kept, sides["val"], test, unreadable)
    kept, val = split(kept, VAL_PART, seed)
    return Dataset(kept, val, test, unreadable)


def require_folder(path: Path) -> None:
    """
    Raises:
        KnownError: it is no folder.
    """
    if not path.is_dir():
        raise KnownError(f"{path} is not a folder; name the one that holds the photos and their captions.")


def read_listing(path: Path) -> Listing:
    """The rows of a folder in the first format that fits, before any image is looked at.

    Raises:
        KnownError: it is no folder, no format fits, or the tables are not as they must be.
    """
    require_folder(path)
    files = FileIndex(path)
    for form in FORMATS:
        found: Table | Listing | None = form.read(files)
        if found is not None:
            return listing_of(found, files) if isinstance(found, Table) else found
    looked_for = "; ".join(form.LOOKS_FOR for form in FORMATS)
    raise KnownError(f"{path} holds no captions in a known format. Looked for: {looked_for}.")


def scan_rows(listing: Listing, path: Path, cache: Path | None = None) -> dict[ImageFile, ImageScan]:
    """What is in each image that the rows name."""
    images = list(dict.fromkeys(row.image for rows in listing.splits.values() for row in rows))
    return dict(zip(images, scan(images, path, cache), strict=True))


def group_by_hash(scans: dict[ImageFile, ImageScan]) -> dict[bytes, int]:
    """The near-duplicate group of each readable image, by content hash."""
    readable = {found.content_hash: found.fingerprint for found in scans.values() if not found.fault}
    numbers = near_duplicates.group(np.fromiter(readable.values(), np.uint64, len(readable)))
    return dict(zip(readable, numbers.tolist(), strict=True))


def _pairs(
    rows: Sequence[CaptionedImage],
    scans: dict[ImageFile, ImageScan],
    groups: dict[bytes, int],
    labels: dict[str, int],
) -> Pairs:
    index_of: dict[bytes, int] = {}
    images: list[ImageFile] = []
    label_of: list[int] = []
    image_of = np.empty(len(rows), dtype=np.int64)
    for number, row in enumerate(rows):
        content_hash = scans[row.image].content_hash
        index = index_of.setdefault(content_hash, len(images))
        if index == len(images):
            images.append(row.image)
            label_of.append(labels.get(row.label, -1))
        image_of[number] = index
    return Pairs(
        images=images,
        hashes=list(index_of),
        captions=[row.caption for row in rows],
        image_of=image_of,
        groups=np.array([groups[content_hash] for content_hash in index_of], dtype=np.int64),
        labels=np.array(label_of, dtype=np.int64),
    )


def _apart(train: Pairs, others: Sequence[Pairs]) -> Pairs:
    """The training images that share no group with the other sides."""
    held = np.concatenate([np.empty(0, np.int64), *(side.groups for side in others)])
    return train.subset(np.flatnonzero(~np.isin(train.groups, held)).tolist())


def _some(names: Sequence[str]) -> str:
    """How many, and the first few by name."""
    shown = ", ".join(names[:3])
    return f"{len(names)} image(s) ({shown}{', ...' if len(names) > 3 else ''})"
