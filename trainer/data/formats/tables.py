"""Tables of captions as data to train on: each row with its image and its split."""

import contextlib

from photosearch.captions.files import FileIndex
from photosearch.captions.table import UNLISTED, CaptionRow, Table
from photosearch.core.errors import Sentence
from trainer.data.formats.listing import Listing
from trainer.data.formats.splits import by_split, settled
from trainer.data.image_file import ImageFile


def listing_of(table: Table, files: FileIndex) -> Listing:
    """The rows of a table; images that are not there are noted.

    A split is what the row says, else what the name of its file or of a folder on the way to it says.

    Raises:
        KnownError: a name leads out of the folder, or fits several files; what reading the table raises.
    """
    listing = Listing(table.format, {}, notes=table.notes)
    missing: dict[str, None] = {}
    unlisted: set[str] = set()
    with contextlib.closing(table.rows) as rows:
        for row in rows:
            if row.split == UNLISTED:
                unlisted.add(row.name)
            elif image := _image(row, files):
                split = row.split or by_split(files.folder, row.source) or "all"
                listing.add(split, image, row.caption, row.label)
            else:
                missing[row.name] = None
    listing.missing = list(missing)
    if unlisted:
        listing.notes.append(
            Sentence(f"{len(unlisted)} image(s) are in none of the three lists and are left out.")
        )
    return settled(listing)


def _image(row: CaptionRow, files: FileIndex) -> ImageFile | None:
    inner = files.find(f"{row.folder}/{row.name}") if row.folder else None
    return inner or files.find(row.name)
