"""Webdataset shards as img2dataset writes them: 00000.tar holds KEY.jpg, KEY.txt and KEY.json.

Images are read in place, so a set may be larger than a disk: link folders of other disks into this one.
"""

import tarfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from photosearch.captions.files import FileIndex
from photosearch.captions.text import decode
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.reading import decode_json
from trainer.data.formats.listing import Listing
from trainer.data.formats.splits import by_split, settled
from trainer.data.image_file import TarMember
from trainer.progress_bar import track

LOOKS_FOR = "webdataset shards (.tar) of KEY.jpg with KEY.txt or KEY.json"
_BLOCK = 512  # bytes
_LARGEST_TEXT = 1 << 20  # bytes


class _Facts(msgspec.Struct):
    caption: str | None = None


@dataclass
class Sample:
    """The files of one key; what is missing is None."""

    image: TarMember | None = None
    text: str | None = None
    json: str | None = None  # the caption in it


def read(files: FileIndex) -> Listing | None:
    """All shards; the split is told by the folders that they lie in."""
    shards = files.ending(".tar")
    listing = Listing("webdataset shards", {})
    for shard in track(shards, len(shards), "Reading shards"):
        split = by_split(files.folder, shard) or "all"
        for sample in read_shard(shard, listing.notes).values():
            if sample.image is not None:
                listing.add(split, sample.image, sample.text or sample.json or "")
    return settled(listing) if listing.splits else None


def read_shard(shard: Path, notes: list[Sentence]) -> dict[str, Sample]:
    """The samples of a shard by their keys, in order; encodings that were guessed go to `notes`.

    Raises:
        KnownError: it is no tar or ends too early, or a text is no text.
    """
    samples: dict[str, Sample] = {}
    try:
        _check_end(shard)
        with tarfile.open(shard, "r:") as tar:
            for member in tar:
                if member.isreg() and not member.issparse():
                    _add(tar, member, shard, samples, notes)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise KnownError(
            f"{shard} is not a whole tar file ({error}); fetch it again, not compressed."
        ) from error
    return samples


def _check_end(shard: Path) -> None:
    """A tar ends in blocks of zeros; tarfile itself takes one that was cut short for a whole one."""
    with shard.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _BLOCK))
        if size % _BLOCK or file.read() != bytes(_BLOCK):
            raise EOFError("it is cut short")


def _add(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    shard: Path,
    samples: dict[str, Sample],
    notes: list[Sentence],
) -> None:
    folder, slash, name = member.name.rpartition("/")
    stem, dot, extension = name.partition(".")
    sample = samples.setdefault(folder + slash + stem, Sample())
    if dot + extension.lower() in PHOTO_EXTENSIONS:
        sample.image = TarMember(shard, member.name, member.offset_data, member.size)
    elif extension in ("txt", "json") and member.size <= _LARGEST_TEXT:
        file = tar.extractfile(member)
        data = file.read() if file else b""
        if extension == "txt":
            sample.text = decode(data, f"{shard}/{member.name}", notes)
        else:
            sample.json = _json_caption(data, f"{shard}/{member.name}")


def _json_caption(data: bytes, place: str) -> str | None:
    try:
        return decode_json(data, _Facts).caption
    except msgspec.DecodeError as error:
        raise KnownError(f"{place} is not as it must be: {error}.") from None
