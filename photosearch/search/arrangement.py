"""Hits in another order than by relevance, and in groups."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119, PTH120

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.photo import Confidence, Hit
from photosearch.core.search_messages import Group, HitGroup, Sort
from photosearch.store.browsing import Shown
from photosearch.store.reader import Reader


def in_order(hits: Sequence[Hit], sort: Sort, reader: Reader) -> list[Hit]:
    """Hits, which come best first, in the order asked for; but by names, by pictures and weak ones apart."""
    if sort == "relevance":
        return list(hits)
    if sort == "date":
        newest_first, _ = reader.timeline(_ids(hits))
        place = {photo_id: place for place, photo_id in enumerate(newest_first.tolist())}
        return sorted(hits, key=lambda hit: (_rank(hit), place.get(hit.photo_id, len(place))))
    return sorted(hits, key=lambda hit: (_rank(hit), _name(hit.path)))


def by_name(reader: Reader) -> NDArray[np.int64]:
    """All living photos (N,) by the names of the files that are shown of them."""
    names = {photo_id: _name(os.fsdecode(path)) for photo_id, path in reader.paths().items()}
    return np.array(sorted(names, key=names.__getitem__), dtype=np.int64)


def all_in_order(
    ids: NDArray[np.int64], ends: Sequence[int], order: NDArray[np.int64] | None, timeline: Shown
) -> tuple[Shown, list[int]]:
    """Photos that were ranked, and how they are shown; those that went meanwhile are left out.

    Args:
        ids: best first (N,)
        ends: of parts that stay one after the other, such as those found by their names; what is behind the
            last is a part, too
        order: ids of living photos in another order than by relevance
        timeline: all living photos

    Returns:
        ids and aspects; the ends among these
    """
    living, aspects = timeline
    places = _places(ids, living)
    there = places >= 0
    ends = [int(np.count_nonzero(there[:end])) for end in ends]
    ids, places = ids[there], places[there]
    if order is not None:
        parts = np.searchsorted(ends, np.arange(len(ids)), side="right")
        arranged = np.lexsort((_places(ids, order), parts))
        ids, places = ids[arranged], places[arranged]
    return (ids, aspects[places]), ends


def grouped(hits: Sequence[Hit], group: Group, reader: Reader) -> tuple[list[Hit], tuple[HitGroup, ...]]:
    """Hits of one day, folder or town side by side, by the first of each; and where each group starts."""
    if group == "none" or not hits:
        return list(hits), ()
    towns = reader.towns_of([hit.photo_id for hit in hits]) if group == "place" else {}
    said = {b"%d" % town.town_id: (town.said("en"), town.said("zh")) for town in towns.values()}
    match group:
        case "day":
            keys = _days(hits, reader)
        case "folder":
            keys = [os.path.dirname(hit.path_bytes) for hit in hits]
        case "place":
            keys = [b"%d" % towns[hit.photo_id].town_id if hit.photo_id in towns else b"" for hit in hits]
    together: dict[bytes, list[Hit]] = {}
    for key, hit in zip(keys, hits, strict=True):
        together.setdefault(key, []).append(hit)
    groups: list[HitGroup] = []
    found: list[Hit] = []
    for key, members in together.items():
        town = said.get(key, ("", "")) if group == "place" else None
        groups.append(HitGroup(key, len(found), town))
        found += members
    return found, tuple(groups)


def _days(hits: Sequence[Hit], reader: Reader) -> list[bytes]:
    ids = _ids(hits)
    (newest_first, _), dated = reader.timeline_and_days(ids)
    days = [day.value.encode() for day in dated for _ in range(day.photos)]
    day_of = dict(zip(newest_first.tolist(), days, strict=True))
    return [day_of.get(hit.photo_id, b"") for hit in hits]


def _ids(hits: Sequence[Hit]) -> NDArray[np.int64]:
    return np.array([hit.photo_id for hit in hits], dtype=np.int64)


def _places(ids: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each id stands among others (N,); -1 where it does not."""
    # Ids count photos from 1 on: a table of all is small, and much faster than to search.
    places = np.full(max(ids.max(initial=0), among.max(initial=0)) + 1, -1, dtype=np.int64)
    places[among] = np.arange(len(among))
    found: NDArray[np.int64] = places[ids]
    return found


def _rank(hit: Hit) -> int:
    if hit.behind:
        return 2
    if hit.found_in is not None:
        return 0
    return 3 if hit.confidence is Confidence.WEAK else 1


def _name(path: str) -> str:
    """By file name as people read it, then by the whole path; as one text, which sorts faster than two."""
    return f"{os.path.basename(path).casefold()}\0{path}"
