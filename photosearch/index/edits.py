"""Which photos are edits of known ones, made by another program: told by path, pixels and vector.

The bounds were measured on photographs and edits of them; see docs/files.md.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photosearch.decode.cutout import cut_out
from photosearch.decode.fingerprint import FLAT, difference, distance, fingerprint, turned
from photosearch.decode.thumbnail import glimpse
from photosearch.store.folders import place_of
from photosearch.store.reader import Reader
from photosearch.store.rows import Edit

SAME_LEVELS = 3.0  # by which pixels differ on average where they were only written anew, or turned,
SAME_MOST_LEVELS = 20.0  # and at the place where they differ most: else two screens of text would be one
SAME_PIXELS_BITS = 12  # of a fingerprint, in which such pictures differ at most, turned or not
SAME_BITS = 8  # of a fingerprint, in which the same view in other tones differs at most
TURNED_BITS = 6  # the same, where the picture was turned or mirrored too
NEAR_BITS = 20  # the same, where a little was cut away or it was straightened,
NEAR_COSINE = 0.8  # and it still shows what it did
PART_FIT = 0.88  # of a part in the whole, see cut_out(),
PART_COSINE = 0.65  # of which that much is to be seen

_DAMAGED = "The thumbnail of photo {} is damaged"
_log = logging.getLogger(__name__)


def likeness(before: bytes, now: bytes, cosine: Callable[[], float]) -> Literal["same", "edited"] | None:
    """What two thumbnails have to do with each other: the same pixels, one edited, or None.

    Args:
        cosine: of their vectors, asked for where the pixels do not tell
    """
    if before == now:
        return "same"
    old, new = fingerprint(glimpse(before)), fingerprint(glimpse(now))
    levels = difference(before, now)
    alike = levels.average <= SAME_LEVELS and levels.most <= SAME_MOST_LEVELS
    if FLAT in (old, new):
        return "same" if alike and old == new else None
    bits, turned_bits = distance(old, new), min(distance(old, turn) for turn in turned(new))
    if alike and turned_bits <= SAME_PIXELS_BITS:
        return "same"
    if bits <= SAME_BITS or turned_bits <= TURNED_BITS:
        return "edited"
    shown = cosine()
    if bits <= NEAR_BITS and shown >= NEAR_COSINE:
        return "edited"
    return "edited" if shown >= PART_COSINE and cut_out(before, now) >= PART_FIT else None


class Edits:
    """Looks at the new photos of one run. For one thread."""

    def __init__(self, reader: Reader, model_id: str) -> None:
        self._reader = reader
        self._model_id = model_id
        self._gone: dict[bytes, dict[bytes, int]] = {}  # by place: photos by their pixels

    def known(
        self,
        path: bytes,
        content_hash: bytes,
        thumbnail: bytes,
        taken_at: str | None,
        vector: NDArray[np.float16],  # (D,)
    ) -> Edit | None:
        """What a photo that is to come to `path` is an edit of; None: of nothing, or it is known itself."""
        if self._reader.photo_id(content_hash) is not None:
            return None
        formers = self._reader.formers_at(path)
        for former in formers:
            before = self._reader.thumbnail(former)
            # One before the last matters where what came between was none of it: half a file, another photo.
            if before is None or (former != formers[0] and not self._reader.is_noted(former)):
                continue
            try:
                alike = likeness(before, thumbnail, partial(self._cosine, former, taken_at, vector))
            except OSError as error:
                _log.warning("%s: %s", _DAMAGED.format(former), error)
                continue
            if alike:
                return Edit(former, same_pixels=alike == "same")
        renamed = self._gone_from(place_of(path)).pop(_pixels(thumbnail), None)
        return Edit(renamed, same_pixels=True) if renamed is not None else None

    def renamed(self, folder_id: int, gone: Iterable[tuple[bytes, int]]) -> list[tuple[int, int]]:
        """Photos that were edited and renamed: (old, new), of those of which something was said.

        Args:
            gone: path and photo of each of the folder's files that is no more
        """
        came: dict[bytes, dict[bytes, list[int]]] = {}  # by place and pixels, the first last
        pairs: dict[int, int] = {}
        for path, photo_id in gone:
            if photo_id in pairs or not self._reader.is_noted(photo_id):
                continue
            place = place_of(path)
            if place not in came:
                came[place] = self._came_to(folder_id, place)
            pixels = self._telling_pixels(photo_id)
            if pixels and (there := came[place].get(pixels)):
                pairs[photo_id] = there.pop()
        return list(pairs.items())

    def _cosine(self, former: int, taken_at: str | None, vector: NDArray[np.float16]) -> float:
        taken_before = self._reader.taken_at(former)
        if taken_before and taken_at and taken_before != taken_at:
            return 0.0  # two shots of one scene, then
        rows = list(self._reader.vectors_of(np.array([former]), self._model_id))
        return float(rows[0].vectors[0].astype(np.float32) @ vector) if rows else 0.0

    def _gone_from(self, place: bytes) -> dict[bytes, int]:
        if place not in self._gone:
            self._gone[place] = {
                pixels: photo_id
                for photo_id in self._reader.gone_from(place)
                if (pixels := self._telling_pixels(photo_id))
            }
        return self._gone[place]

    def _came_to(self, folder_id: int, place: bytes) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = {}
        for photo_id in reversed(self._reader.unsettled(folder_id, place)):
            if (pixels := self._telling_pixels(photo_id)) and not self._reader.is_noted(photo_id):
                found.setdefault(pixels, []).append(photo_id)
        return found

    def _telling_pixels(self, photo_id: int) -> bytes | None:
        """None where they are of one colour, which other photos are as well."""
        thumbnail = self._reader.thumbnail(photo_id)
        try:
            return _pixels(thumbnail) if thumbnail and fingerprint(glimpse(thumbnail)) != FLAT else None
        except OSError as error:
            _log.warning("%s: %s", _DAMAGED.format(photo_id), error)
            return None


def _pixels(thumbnail: bytes) -> bytes:
    """The same pixels give the same thumbnail, byte by byte."""
    return hashlib.blake2b(thumbnail, digest_size=20).digest()
