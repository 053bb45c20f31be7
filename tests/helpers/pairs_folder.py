"""Folders of photos to put captions beside."""

from pathlib import Path

from tests.helpers.photos import make_photo


def photo_folder(folder: Path, *names: str) -> Path:
    """Write a small photo of its own at each path inside the folder; -> the folder."""
    for seed, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make_photo(path, seed)
    return folder


def rows_of(listing) -> dict[str, list[tuple[str, str]]]:
    """(name of the image, caption) of each row, by split."""
    return {split: [(row.image.name, row.caption) for row in rows] for split, rows in listing.splits.items()}


def written_in(table) -> list[tuple[str, str]]:
    """(name of the image, caption) of each row of a table, as written."""
    return [(row.name, row.caption) for row in table.rows]
