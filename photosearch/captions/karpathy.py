"""The splits that most papers report on: dataset_flickr8k.json, dataset_flickr30k.json, dataset_coco.json.

Source: A. Karpathy and L. Fei-Fei, "Deep Visual-Semantic Alignments", 2015.
"""

from pathlib import Path
from typing import Literal

import msgspec

from photosearch.captions.files import FileIndex
from photosearch.captions.table import CaptionRow, CaptionRows, Fault, Table, refuse
from photosearch.captions.text import read_json

LOOKS_FOR = "Karpathy's dataset_flickr8k.json, dataset_flickr30k.json or dataset_coco.json"
_NAMES = ("dataset_flickr8k.json", "dataset_flickr30k.json", "dataset_coco.json")


class _Sentence(msgspec.Struct, gc=False):
    raw: str


class _KarpathyImage(msgspec.Struct):
    filename: str
    split: Literal["train", "val", "test", "restval"]
    sentences: list[_Sentence]
    filepath: str = ""


class _KarpathyFile(msgspec.Struct):
    images: list[_KarpathyImage]


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """The one file of this format that lies in the folder, or None where there is none."""
    table = files.one(*_NAMES)
    return Table(f"Karpathy's {table.name}", rows(table)) if table else None


def rows(table: Path) -> CaptionRows:
    """In their splits; restval is COCO's val that is neither val nor test here, and trains."""
    for image in read_json(table, _KarpathyFile).images:
        split = "train" if image.split == "restval" else image.split
        for sentence in image.sentences:
            yield CaptionRow(image.filename, sentence.raw, table, image.filepath, split=split)
