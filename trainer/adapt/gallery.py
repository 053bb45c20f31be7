"""The photos of a library as vectors: read from a file, or embedded from a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open

from photosearch.captions.files import FileIndex
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.reading import decode_json
from photosearch.core.vectors import l2_normed
from trainer.adapt.caption_table import Given
from trainer.adapt.material import EncodeTexts, Material, Vectors, burst_groups
from trainer.data.image_file import ImageFile
from trainer.data.pairs import content_hash


class Gallery(NamedTuple):
    """The photos among which every caption must find its own."""

    photos: Vectors  # (N, D), L2-normed
    bias: Vectors  # (N,)
    labels: list[str]  # (N,)
    find: Callable[[str], int | None]  # the row of the photo that a table of captions names
    notes: tuple[Sentence, ...] = ()


def material_of(gallery: Gallery, given: Given, encode: EncodeTexts, scale: float) -> Material:
    """The gallery with the captions of its photos, and the base's texts and logit scale."""
    return Material(
        photos=gallery.photos,
        bias=gallery.bias,
        labels=gallery.labels,
        captions=given.captions,
        photo_of=given.photo_of,
        groups=burst_groups(gallery.photos, np.unique(given.photo_of)),
        encode=encode,
        scale=scale,
    )


def read_gallery(file: Path, dim: int) -> Gallery:
    """A safetensors file with `vectors` (N, D) and `bias` (N,), and `labels` in its metadata, a JSON list.

    Raises:
        KnownError: it is no such file, or another model's.
    """
    try:
        with safe_open(file, framework="numpy") as opened:
            vectors = opened.get_tensor("vectors").astype(np.float32)
            bias = opened.get_tensor("bias").astype(np.float32)
            labels = decode_json((opened.metadata() or {}).get("labels", ""), list[str])
    except FileNotFoundError:
        raise KnownError("There is no gallery file {file}.", file=file) from None
    except (OSError, SafetensorError, msgspec.DecodeError, TypeError, ValueError) as error:
        raise KnownError(
            "{file} is not a gallery of vectors ({reason}); make it again.", file=file, reason=error
        ) from error
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise KnownError("{file} was made with another model; make it again with this one.", file=file)
    if not len(vectors):
        raise KnownError("{file} holds no photos.", file=file)
    whole = bias.shape == (len(vectors),) and len(set(labels)) == len(labels) == len(vectors)
    if not (whole and np.isfinite(vectors).all() and np.isfinite(bias).all() and vectors.any(axis=1).all()):
        raise KnownError("The parts of {file} do not fit each other; make it again.", file=file)
    return Gallery(l2_normed(vectors), bias, labels, dict(zip(labels, range(len(labels)), strict=True)).get)


def photo_files(folder: Path) -> FileIndex:
    """
    Raises:
        KnownError: it is no folder.
    """
    if not folder.is_dir():
        raise KnownError("{folder} is not a folder; name the one that holds the photos.", folder=folder)
    return FileIndex(folder)


def embed_gallery(
    folder: Path,
    embed: Callable[[list[ImageFile]], tuple[Vectors, list[int]]],
    bias_of: Callable[[Vectors], Vectors],
) -> Gallery:
    """Every photo below a folder, each content once; those that cannot be read are left out and counted.

    Args:
        embed: vectors of the photos that can be read, and the positions of the others
    Raises:
        KnownError: it is no folder, or holds no photos that can be read.
    """
    files = photo_files(folder)
    paths = files.ending(*PHOTO_EXTENSIONS)
    rows: dict[bytes, int] = {}
    row_of: dict[Path, int] = {}  # of `first`
    first: list[ImageFile] = []
    for path in paths:
        content = content_hash(path)
        if content not in rows:
            rows[content] = len(first)
            first.append(path)
        row_of[path] = rows[content]
    photos, broken = embed(first) if first else (np.empty((0, 0), np.float32), [])
    if not len(photos):
        raise KnownError("{folder} holds no photos that can be read.", folder=folder)
    kept = np.delete(np.arange(len(first)), broken)
    place = {row: number for number, row in enumerate(kept.tolist())}

    def find(name: str) -> int | None:
        path = files.find(name)
        return place.get(row_of[path]) if path in row_of else None

    labels = [Path(str(first[row])).relative_to(folder).as_posix() for row in kept.tolist()]
    left_out = Sentence("{photos} photo(s) cannot be read and were left out.", photos=len(broken))
    return Gallery(photos, bias_of(photos), labels, find, (left_out,) if broken else ())
