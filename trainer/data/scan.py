"""One look at each image of a folder: its content hash, its perceptual hash, and whether it can be read."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from photosearch.decode.image import DecodeError, open_image
from trainer.data.cache import default_cache
from trainer.data.image_file import ImageFile, stamp
from trainer.data.near_duplicates import fingerprint
from trainer.data.workers import workers
from trainer.progress_bar import track

_BLOCK = 1024
_EDGE = 32  # pixels, enough for a hash of 8 x 9 cells


class ImageScan(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one look at an image found."""

    stamp: tuple[int, int, int]
    content_hash: bytes  # BLAKE2b-160 of its bytes
    fingerprint: int  # `near_duplicates.fingerprint`
    fault: str  # why it cannot be read, one clause; empty where it can


_Scans = dict[bytes, ImageScan]


def scan(images: Sequence[ImageFile], folder: Path, cache: Path | None = None) -> list[ImageScan]:
    """Look at each image once; files that have not changed since are taken from the cache of `folder`."""
    memory = (cache or default_cache()) / "scans" / f"{_name(folder)}.msgpack"
    known = _load(memory)
    found: list[ImageScan] = []
    new = False
    with workers() as pool:
        starts = range(0, len(images), _BLOCK)
        for start in track(starts, len(starts), f"Looking at photos, {_BLOCK} at a time"):
            block = images[start : start + _BLOCK]
            for image, now in zip(
                block, pool.map(lambda i: _scan(i, known.get(_key(i))), block), strict=True
            ):
                new = new or now is not known.get(_key(image))
                found.append(now)
    if new:
        _save(memory, {_key(image): now for image, now in zip(images, found, strict=True)})
    return found


def _scan(image: ImageFile, before: ImageScan | None) -> ImageScan:
    mark = (0, 0, 0)
    try:
        mark = stamp(image)
        if before is not None and before.stamp == mark:
            return before
        data = image.read_bytes()
    except OSError as error:
        return ImageScan(
            mark, hashlib.blake2b(_key(image), digest_size=20).digest(), 0, error.strerror or str(error)
        )
    content_hash = hashlib.blake2b(data, digest_size=20).digest()
    try:
        picture, _ = open_image(data, at_least=_EDGE)
    except (DecodeError, MemoryError) as error:
        return ImageScan(mark, content_hash, 0, str(error) or "it needs more memory than there is")
    return ImageScan(mark, content_hash, fingerprint(picture, content_hash), "")


def _key(image: ImageFile) -> bytes:
    return os.fsencode(str(image))


def _name(folder: Path) -> str:
    return hashlib.blake2b(_key(folder.resolve()), digest_size=12).hexdigest()


def _load(memory: Path) -> _Scans:
    try:
        return msgspec.msgpack.decode(memory.read_bytes(), type=_Scans)
    except (OSError, msgspec.MsgspecError):
        return {}


def _save(memory: Path, scans: _Scans) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    partial = memory.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(msgspec.msgpack.encode(scans))
    partial.replace(memory)
