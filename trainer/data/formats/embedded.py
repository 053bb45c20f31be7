"""Captions that lie in the photos themselves, as photo programs write them."""

from pathlib import Path

from photosearch.captions.files import FileIndex
from photosearch.core.errors import Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.decode.image import DecodeError, read_facts
from trainer.data.formats.listing import Listing
from trainer.data.formats.splits import by_split, settled
from trainer.data.workers import workers
from trainer.progress_bar import track

LOOKS_FOR = "photos with captions in them (EXIF, IPTC or XMP)"
_BLOCK = 256


def read(files: FileIndex) -> Listing | None:
    """The photos that have a caption; the others are left out, with a note."""
    photos = files.ending(*PHOTO_EXTENSIONS)
    listing = Listing("captions in the photos", {})
    with workers() as pool:
        starts = range(0, len(photos), _BLOCK)
        for start in track(starts, len(starts), f"Looking for captions in photos, {_BLOCK} at a time"):
            block = photos[start : start + _BLOCK]
            for photo, caption in zip(block, pool.map(_caption, block), strict=True):
                if caption:
                    listing.add(by_split(files.folder, photo) or "all", photo, caption)
    found = sum(len(rows) for rows in listing.splits.values())
    if not found:
        return None
    if found < len(photos):
        alone = len(photos) - found
        listing.notes.append(Sentence(f"{alone} photo(s) have no caption in them and are left out."))
    return settled(listing)


def _caption(photo: Path) -> str | None:
    try:
        return read_facts(photo.read_bytes()).caption
    except (OSError, DecodeError):
        return None
