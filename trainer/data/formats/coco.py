"""COCO's captions: annotations/captions_train2017.json with train2017/, the same for val, or of 2014."""

import re
from pathlib import Path

import msgspec

from photosearch.core.errors import KnownError
from trainer.data.formats.files import FileIndex
from trainer.data.formats.listing import Listing
from trainer.data.formats.text import read_json

LOOKS_FOR = "COCO's captions_train2017.json with captions_val2017.json"
_TABLE = re.compile(r"captions_((train|val|test)\d*)\.json")


class _Image(msgspec.Struct, gc=False):
    id: int
    file_name: str


class _Annotation(msgspec.Struct, gc=False):
    image_id: int
    caption: str


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]


def read(files: FileIndex) -> Listing | None:
    """The tables of the latest year that is here."""
    tables: dict[str, tuple[str, Path]] = {}
    for path in sorted(files.ending(".json"), key=lambda path: path.name):
        if match := _TABLE.fullmatch(path.name):
            tables[match[2]] = (match[1], path)
    if not tables:
        return None
    listing = Listing("COCO captions", {})
    for split, (folder, path) in tables.items():
        table = read_json(path, _File)
        names = {image.id: _name(image.file_name, folder, files) for image in table.images}
        stray = next((a for a in table.annotations if a.image_id not in names), None)
        if stray:
            raise KnownError(f"{path} has a caption of image {stray.image_id}, which it does not list.")
        listing.add_named(split, ((names[a.image_id], a.caption, "") for a in table.annotations), files)
    return listing


def _name(file_name: str, folder: str, files: FileIndex) -> str:
    inner = f"{folder}/{file_name}"
    return inner if files.find(inner) else file_name
