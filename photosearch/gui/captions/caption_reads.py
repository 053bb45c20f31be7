"""What is read from the library to write captions: photos without any, and those written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.core import query
from photosearch.store.reader import Reader


def without_captions(reader: Reader, ids: NDArray[np.int64]) -> list[int]:
    """Those among `ids` that nobody has captioned, in the same order."""
    bare = reader.matching([query.Has("caption", negated=True)], within=np.sort(ids))
    found: list[int] = ids[np.isin(ids, bare, kind="table")].tolist()
    return found


def own_captions(reader: Reader) -> list[str]:
    """Every caption in the library but those that cameras and other programs left in files."""
    return [caption.text for caption in reader.captions() if caption.source != "embedded"]


def written(reader: Reader) -> int:
    """How many photos the person captioned here."""
    return len({caption.photo_id for caption in reader.captions() if caption.source == "person"})
