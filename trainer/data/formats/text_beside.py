"""A text file beside each photo: 1.jpg and 1.txt. Each line of it is a caption."""

from photosearch.core.photo import PHOTO_EXTENSIONS
from trainer.data.formats.files import FileIndex
from trainer.data.formats.listing import Listing
from trainer.data.formats.splits import by_split, settled
from trainer.data.formats.text import read_text

LOOKS_FOR = "a .txt beside each photo"


def read(files: FileIndex) -> Listing | None:
    """The photos that have a text; the others are left out, with a note."""
    photos = files.ending(*PHOTO_EXTENSIONS)
    texts = {path.with_suffix(""): path for path in files.ending(".txt")}
    listing = Listing("texts beside photos", {})
    alone = 0
    for photo in photos:
        text = texts.get(photo.with_suffix(""))
        if text is None:
            alone += 1
            continue
        for line in read_text(text).split("\n"):
            if line.strip():
                listing.add(by_split(files.folder, photo) or "all", photo, line)
    if not listing.splits:
        return None
    if alone:
        listing.notes.append(f"{alone} photo(s) have no text beside them and are left out.")
    return settled(listing)
