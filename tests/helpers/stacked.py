"""Photos to be put into stacks, made of real photographs and their edits."""

import hashlib
import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from msgspec import Struct
from PIL import Image

from photosearch.core.errors import Sentence
from photosearch.core.photo import MINIATURE_EDGE, Facts
from photosearch.decode.look import look_of
from photosearch.decode.thumbnail import average_colour, glimpse, thumbnail
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.search.alike import codes_of
from photosearch.search.stacks import Photos
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model

DIM = 64


class Shown(Struct, frozen=True):
    """A photo, and what is known of it."""

    image: Image.Image
    path: str
    scene: int = 0  # photos of one scene have near vectors
    taken: float = np.nan
    raw: bool = False
    away: bool = False
    damaged: bool = False
    caption: str | None = None  # in the file
    noted: bool = False
    sharpness: int = 0
    file_size: int = 1000


def photos_of(shown: Sequence[Shown]) -> Photos:
    """With ids from 1 on."""
    looks = [look_of(glimpse(thumbnail(one.image))) for one in shown]
    vectors = np.array([_vector(one, at) for at, one in enumerate(shown)], np.float16).reshape(-1, DIM)
    fingerprints = np.array([look.fingerprint for look in looks], np.int64)
    miniatures = np.frombuffer(b"".join(look.miniature for look in looks), np.uint8)
    return Photos(
        ids=np.arange(1, len(shown) + 1),
        codes=codes_of(vectors, fingerprints),
        miniatures=miniatures.reshape(-1, MINIATURE_EDGE, MINIATURE_EDGE),
        sizes=np.array([one.image.size for one in shown], np.int64).reshape(-1, 2),
        taken=np.array([one.taken for one in shown], np.float64),
        told=np.array([not np.isnan(one.taken) for one in shown], np.int64),
        raw=np.array([one.raw for one in shown], bool),
        away=np.array([one.away for one in shown], bool),
        damaged=np.array([one.damaged for one in shown], bool),
        noted=np.array([one.noted for one in shown], bool),
        sharpness=np.array([one.sharpness for one in shown], np.int64),
        file_sizes=np.array([one.file_size for one in shown], np.int64),
        paths=[one.path.encode() for one in shown],
    )


def write_stacked(library: Library, shown: Sequence[Shown], *, looks: bool = True) -> list[int]:
    """Make a library of photos that were never files; -> ids. The same picture and size are the same bytes.

    Args:
        looks: whether they come with theirs, as those that an older program indexed do not
    """
    if not (library.models / MODEL).is_dir():
        describe_model(library)
    model = catalog.find(MODEL, library)
    with Writer.open(library) as writer:
        writer.register_model(model.model_id, model.name, model.dim)
        files = []
        for at, one in enumerate(shown):
            folder = writer.add_folder(os.fsencode(Path(one.path).parent), Path(one.path).parent.name)
            taken = None if np.isnan(one.taken) else datetime.fromtimestamp(one.taken, UTC).isoformat()[:19]
            small = thumbnail(one.image)
            vector = _vector(one, at)[: model.dim]
            files.append(
                IndexedFile(
                    folder_id=folder.folder_id,
                    path=os.fsencode(one.path),
                    size=one.file_size,
                    mtime_ns=at,
                    content_hash=hashlib.blake2b(
                        b"%d" % one.file_size + one.image.tobytes(), digest_size=20
                    ).digest(),
                    facts=Facts(
                        "NEF" if one.raw else "JPEG", *one.image.size, taken_at=taken, caption=one.caption
                    ),
                    colour=average_colour(glimpse(small)),
                    vector=(vector / np.linalg.norm(vector)).astype(np.float16),
                    bias=0.0,
                    thumbnail=small,
                    look=look_of(glimpse(small)) if looks else None,
                    damage=Sentence("the file is truncated") if one.damaged else None,
                )
            )
            if one.away:
                writer.set_away(folder.folder_id, True)
        return writer.commit(files, model.model_id)


def compressed(image: Image.Image, quality: int) -> Image.Image:
    """Written as a JPEG and read again."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def cut(image: Image.Image, left: float, top: float, share: float = 0.9) -> Image.Image:
    """A part with this share of each edge; `left` and `top` are shares of what is cut away."""
    width, height = (round(length * share) for length in image.size)
    x, y = round((image.width - width) * left), round((image.height - height) * top)
    return image.crop((x, y, x + width, y + height))


def _vector(one: Shown, at: int) -> np.ndarray:
    near = np.random.default_rng(1000 + at).standard_normal(DIM)
    return np.random.default_rng(one.scene).standard_normal(DIM) + 0.1 * near
