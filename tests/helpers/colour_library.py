"""A library of painted photos that were never files: vectors, captions and the small encoder's model."""

import numpy as np

from photosearch.models import catalog
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model
from tests.helpers.library import indexed_file
from tests.helpers.tiny_encoder import COLOURS, TinyEncoder

NAMES = list(COLOURS)


def make_colour_library(library: Library, photos: int = 30, *, captioned: int = 0) -> list[int]:
    """Photos of the colours in turn; -> their ids. The first ones have a caption, "Rusty in <colour>"."""
    if not (library.models / MODEL).is_dir():
        describe_model(library)
    model = catalog.find(MODEL, library)
    with Writer.open(library) as writer:
        ids = add_photos(writer, model, range(photos))
        caption(writer, ids[:captioned])
    return ids


def add_photos(writer: Writer, model: ModelInfo, numbers: range) -> list[int]:
    folder = writer.add_folder(b"/photos", "")
    writer.register_model(model.model_id, model.name, model.dim)
    files = [_painted(folder.folder_id, number) for number in numbers]
    return writer.commit(files, model.model_id)


def caption(writer: Writer, ids: list[int]) -> None:
    writer.import_captions(
        [(photo_id, f"Rusty in {NAMES[place % len(NAMES)]}") for place, photo_id in enumerate(ids)]
    )


def _painted(folder_id: int, number: int) -> IndexedFile:
    colour = NAMES[number % len(NAMES)]
    pixels = np.full((1, 4, 4, 3), COLOURS[colour], np.uint8)
    vector = TinyEncoder().encode_images(pixels)[0]
    file = indexed_file(number, folder_id=folder_id, path=b"/photos/%d-%s" % (number, colour.encode()))
    values = {field: getattr(file, field) for field in file.__struct_fields__}
    return IndexedFile(**(values | {"vector": vector.astype(np.float16), "bias": 0.0}))
