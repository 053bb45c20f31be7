"""What a model is taught from: the library's captions, and vectors of its photos, written for the trainer."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.core.teaching import FEWEST_PHOTOS, Word
from photosearch.paths import Library
from photosearch.store.connect import explained
from photosearch.store.reader import Reader
from photosearch.store.rows import Caption, Vectors

LARGEST_GALLERY = 20_000  # photos among which a caption has to find its own

GALLERY, CAPTIONS, WORDS = "gallery.safetensors", "captions.jsonl", "words.json"

_Ids = NDArray[np.int64]


def check_enough(library: Library, model_id: str) -> None:
    """Refuse to teach from fewer captioned photos than it takes.

    Raises:
        KnownError: too few photos have captions; says how many more are wanted.
    """
    with Reader.open(library) as reader:
        known = reader.vector_ids(model_id)
        photos = np.unique([caption.photo_id for caption in reader.captions()])
    there = int(np.isin(photos, known).sum())
    if there < FEWEST_PHOTOS <= len(photos):
        raise KnownError("Most photos with captions are not indexed yet; teach when indexing has finished.")
    if there < FEWEST_PHOTOS:
        raise KnownError(
            "Teaching needs at least {fewest} photos with captions, and there are {there}; caption "
            "{more} more.",
            fewest=FEWEST_PHOTOS,
            there=there,
            more=FEWEST_PHOTOS - there,
        )


def gather(
    library: Library, model_id: str, folder: Path, edited: Sequence[Word], go_on: Callable[[], None]
) -> None:
    """Write GALLERY, CAPTIONS and WORDS into `folder`, as they are at this moment.

    The gallery is of all photos with captions, and of others by chance up to LARGEST_GALLERY. A photo's label
    is its id.

    Args:
        edited: names of which the person said what they mean
        go_on: called now and again; raises Cancelled

    Raises:
        KnownError: the disk is full, or the library is damaged.
    """
    with Reader.open(library) as reader:
        captions = list(reader.captions())
        there = np.intersect1d(reader.living(), reader.vector_ids(model_id))
        go_on()
        gallery = vectors_of(_chosen(captions, there), reader, model_id, go_on)
    with explained(library):
        labels = msgspec.json.encode([str(photo_id) for photo_id in gallery.ids.tolist()]).decode()
        tensors: dict[str, NDArray[Any]] = {
            "vectors": np.ascontiguousarray(gallery.vectors),
            "bias": gallery.bias,
        }
        # save_file() of a full disk is a SafetensorError, which is no OSError.
        (folder / GALLERY).write_bytes(safetensors.numpy.save(tensors, {"labels": labels}))
        go_on()
        lines = [{"photo": str(caption.photo_id), "caption": caption.text} for caption in captions]
        (folder / CAPTIONS).write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        (folder / WORDS).write_bytes(msgspec.json.encode(edited))


def vectors_of(ids: _Ids, reader: Reader, model_id: str, go_on: Callable[[], None] = lambda: None) -> Vectors:
    """Of photos by id, ascending; those without a vector are left out."""
    chunks = []
    for chunk in reader.vectors_of(ids, model_id):
        chunks.append(chunk)
        go_on()
    if not chunks:
        return Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float16), np.empty(0, np.float32))
    ids, vectors, bias = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    return Vectors(ids, vectors, bias)


def _chosen(captions: Sequence[Caption], there: _Ids) -> _Ids:
    """Ids (N,), ascending."""
    by_chance = np.random.default_rng(0)
    captioned = np.intersect1d([caption.photo_id for caption in captions], there)
    captioned = by_chance.permutation(captioned)[:LARGEST_GALLERY]
    others = by_chance.permutation(np.setdiff1d(there, captioned))[: LARGEST_GALLERY - len(captioned)]
    return np.sort(np.concatenate([captioned, others]))
