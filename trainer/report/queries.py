"""Single queries, told apart: the best, the worst, and those that two models answer most differently."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.report.finished_run import Measured
from trainer.report.thumbnails import InlineThumbnails

SHOWN = 6
BEFORE = 3  # photos shown that came before the right one


@dataclass(frozen=True)
class ShownPhoto:
    """A photo as a query found it."""

    source: str  # a data URI, or nothing
    name: str
    score: float  # cosine


@dataclass(frozen=True)
class ShownQuery:
    """A caption as a search, with its own photo and those that stood before it."""

    caption: str
    rank: int  # from 1
    right: ShownPhoto
    first: list[ShownPhoto]  # what came before it
    was: int | None = None  # its rank under the run that is compared with


def best(measured: Measured, thumbnails: InlineThumbnails) -> list[ShownQuery]:
    """Found first, and by the widest margin over the next photo; one a photo."""
    found = np.flatnonzero(measured.ranks.t2i == 0)
    margins = np.empty(len(found), dtype=np.float32)
    for i, row in enumerate(found):
        cosines = measured.images @ measured.texts[row]
        own = cosines[measured.image_of[row]]
        cosines[measured.image_of[row]] = -np.inf
        margins[i] = own - cosines.max()
    return _shown(measured, found[np.argsort(-margins, kind="stable")], thumbnails)


def worst(measured: Measured, thumbnails: InlineThumbnails) -> list[ShownQuery]:
    """Furthest from being found; one a photo."""
    ranks = measured.ranks.t2i
    order = np.argsort(-ranks, kind="stable")
    return _shown(measured, order[ranks[order] > 0], thumbnails)


def changed(
    before: Measured, after: Measured, thumbnails: InlineThumbnails
) -> tuple[list[ShownQuery], list[ShownQuery]]:
    """Queries that gained and that lost most, by the ratio of their ranks; one a photo."""
    was, now = before.ranks.t2i, after.ranks.t2i
    ratio = np.log((was + 1) / (now + 1))
    order = np.argsort(-ratio, kind="stable")
    gained, lost = order[ratio[order] > 0], order[::-1][ratio[order[::-1]] < 0]
    return _shown(after, gained, thumbnails, was), _shown(after, lost, thumbnails, was)


def _shown(
    measured: Measured,
    rows: Iterable[np.int64],
    thumbnails: InlineThumbnails,
    was: NDArray[np.int64] | None = None,
) -> list[ShownQuery]:
    queries: dict[int, ShownQuery] = {}  # by photo
    for row in rows:
        if len(queries) == SHOWN:
            break
        image = int(measured.image_of[row])
        if image not in queries:
            queries[image] = _query(measured, int(row), thumbnails, was)
    return list(queries.values())


def _query(
    measured: Measured, row: int, thumbnails: InlineThumbnails, was: NDArray[np.int64] | None
) -> ShownQuery:
    cosines = measured.images @ measured.texts[row]  # (N,)
    image, rank = int(measured.image_of[row]), int(measured.ranks.t2i[row])

    def photo(index: int) -> ShownPhoto:
        path = measured.photos[index]
        name = path.replace("\\", "/").rpartition("/")[2]
        return ShownPhoto(thumbnails.whole(path), name, float(cosines[index]))

    others = [int(i) for i in np.argsort(-cosines, kind="stable") if i != image][: min(rank, BEFORE)]
    return ShownQuery(
        caption=measured.captions[row],
        rank=rank + 1,
        right=photo(image),
        first=[photo(i) for i in others],
        was=int(was[row]) + 1 if was is not None else None,
    )
