"""Splits that only the names of files and folders tell."""

from pathlib import Path

from trainer.data.formats.listing import Listing

_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
}


def by_split(folder: Path, path: Path) -> str | None:
    """ "train", "val" or "test" if a file or a folder on the way to it is called so; else None."""
    parts = [part.lower() for part in path.relative_to(folder).parts]
    return next((_NAMES[part] for part in (*parts[:-1], path.stem.lower()) if part in _NAMES), None)


def settled(listing: Listing) -> Listing:
    """With all rows in "all" unless there are some to train on and some to measure on."""
    splits = listing.splits
    if "all" in splits or "train" not in splits or len(splits) < 2:
        listing.splits = {"all": [row for rows in splits.values() for row in rows]} if splits else {}
    return listing
