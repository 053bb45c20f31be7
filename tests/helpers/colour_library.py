"""A library of painted photos that were never files: vectors, captions and the small encoder's model."""

from collections.abc import Sequence

import msgspec
import numpy as np

from photosearch.core.photo import Video
from photosearch.models import catalog
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile, IndexedFrame, IndexedVideo
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


def add_video(writer: Writer, model: ModelInfo, number: int, colours: Sequence[str]) -> int:
    """A video with a frame of each colour, the first of which is its poster; -> its id."""
    painted = _painted(1, NAMES.index(colours[0]))
    frames = [
        IndexedFrame(3000 * place, _painted(1, NAMES.index(colour)).vector, 0.0, b"frame")
        for place, colour in enumerate(colours)
    ]
    file = msgspec.structs.replace(
        indexed_file(number, folder_id=1, path=b"/photos/%d.mp4" % number),
        vector=painted.vector,
        bias=0.0,
        video=IndexedVideo(Video(12.0, of_live_photo=False), 0, tuple(frames)),
    )
    (photo_id,) = writer.commit([file], model.model_id)
    return photo_id


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
