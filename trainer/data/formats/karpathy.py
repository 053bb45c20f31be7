"""The splits that most papers report on: dataset_flickr8k.json, dataset_flickr30k.json, dataset_coco.json.

Source: A. Karpathy and L. Fei-Fei, "Deep Visual-Semantic Alignments", 2015.
"""

from typing import Literal

import msgspec

from trainer.data.formats.files import FileIndex
from trainer.data.formats.listing import Listing
from trainer.data.formats.text import read_json

LOOKS_FOR = "Karpathy's dataset_flickr8k.json, dataset_flickr30k.json or dataset_coco.json"
_NAMES = ("dataset_flickr8k.json", "dataset_flickr30k.json", "dataset_coco.json")


class _Sentence(msgspec.Struct, gc=False):
    raw: str


class _Image(msgspec.Struct):
    filename: str
    split: Literal["train", "val", "test", "restval"]
    sentences: list[_Sentence]
    filepath: str = ""


class _File(msgspec.Struct):
    images: list[_Image]


def read(files: FileIndex) -> Listing | None:
    """The images in their splits; restval is COCO's val that is neither val nor test here, and trains."""
    table = files.one(*_NAMES)
    if table is None:
        return None
    listing = Listing(f"Karpathy's {table.name}", {})
    for image in read_json(table, _File).images:
        split = "train" if image.split == "restval" else image.split
        place = f"{image.filepath}/{image.filename}" if image.filepath else image.filename
        name = place if files.find(place) else image.filename
        listing.add_named(split, [(name, sentence.raw, "") for sentence in image.sentences], files)
    return listing
