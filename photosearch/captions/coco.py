"""COCO's captions: annotations/captions_train2017.json with train2017/, the same for val, or of 2014."""

import re
from pathlib import Path

import msgspec

from photosearch.captions.files import FileIndex
from photosearch.captions.table import CaptionRow, CaptionRows, Fault, Table, refuse
from photosearch.captions.text import read_json
from photosearch.core.errors import KnownError

LOOKS_FOR = "COCO's captions_train2017.json with captions_val2017.json"
_TABLE = re.compile(r"captions_((train|val|test)\d*)\.json")


class _CocoImage(msgspec.Struct, gc=False):
    id: int
    file_name: str


class _Annotation(msgspec.Struct, gc=False):
    image_id: int
    caption: str


class _CocoFile(msgspec.Struct):
    images: list[_CocoImage]
    annotations: list[_Annotation]


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """The tables of the latest year that is here."""
    tables: dict[str, Path] = {}
    for path in sorted(files.ending(".json"), key=lambda path: path.name):
        if match := _TABLE.fullmatch(path.name):
            tables[match[2]] = path
    if not tables:
        return None
    found = (row for path in tables.values() for row in rows(path, fault))
    return Table("COCO captions", found)


def rows(table: Path, fault: Fault = refuse) -> CaptionRows:
    """The captions of one table; its name tells the folder of its images, and the split."""
    match = _TABLE.fullmatch(table.name)
    folder, split = (match[1], match[2]) if match else ("", "")
    content = read_json(table, _CocoFile)
    names = {image.id: image.file_name for image in content.images}
    for annotation in content.annotations:
        if annotation.image_id in names:
            yield CaptionRow(names[annotation.image_id], annotation.caption, table, folder, split=split)
        else:
            fault(
                KnownError(
                    "{table} has a caption of image {image}, which it does not list.",
                    table=table,
                    image=annotation.image_id,
                )
            )
