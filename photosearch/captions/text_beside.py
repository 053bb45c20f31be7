"""A text file beside each photo: 1.jpg and 1.txt. Each line of it is a caption."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from photosearch.captions.files import FileIndex
from photosearch.captions.table import CaptionRow, Fault, Table, refuse
from photosearch.captions.text import read_lines
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS

LOOKS_FOR = "a .txt beside each photo"


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """The photos that have a text; the others are left out, with a note."""
    texts = {path.with_suffix(""): path for path in files.ending(".txt")}
    photos = files.ending(*PHOTO_EXTENSIONS)
    described = [(photo, texts[photo.with_suffix("")]) for photo in photos if photo.with_suffix("") in texts]
    if not described:
        return None
    alone = len(photos) - len(described)
    notes = [_alone(alone)] if alone else []
    found = (
        CaptionRow(photo.relative_to(files.folder).as_posix(), line, photo)
        for photo, text in described
        for line in _lines(text, notes, fault)
    )
    return Table("texts beside photos", found, notes)


def _alone(photos: int) -> Sentence:
    return Sentence("{photos} photo(s) have no text beside them and are left out.", photos=photos)


def _lines(text: Path, notes: list[Sentence], fault: Fault) -> Iterator[str]:
    try:
        with contextlib.closing(read_lines(text, notes)) as lines:
            yield from filter(None, map(str.strip, lines))
    except KnownError as error:
        fault(error)
