"""From photos that were ranked to hits as they are told: how sure each is, and where the words stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration
from photosearch.core.photo import Confidence, Hit
from photosearch.core.search_messages import Labels
from photosearch.models.confidence import label, levels
from photosearch.search.names import MOST, NamedPhotos, first_of_each
from photosearch.search.ranking import Ranking
from photosearch.search.written import around, holding
from photosearch.store.folders import ANY_FILE, FileChoice
from photosearch.store.reader import Reader

_WITH_LINES = 200  # hits that say which line holds the words
_SHOWN_LINES = 2  # of each
_SHOWN_CHARACTERS = 100  # of each, in all its lines


class Answers(NamedTuple):
    """All photos that answer a query, in the order in which they are shown."""

    calibration: Calibration
    labels: Labels
    names: NamedPhotos
    parts: tuple[Ranking, ...]  # each after the ones before it, without their photos
    behind: NDArray[np.int64] = np.empty(0, np.int64)  # ids (n,), see Hit.behind

    def best(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The first k photos, or as many as there are: ids, scores."""
        best = [part.top(k) for part in self.parts]
        ids, scores = (np.concatenate(arrays) for arrays in zip(*best, strict=True))
        places = first_of_each(ids)[:k]
        return ids[places], scores[places]

    def lacks(self, k: int) -> NDArray[np.int64]:
        """Ids of photos (n,) that must be scored for the first k to be the best of all; else none."""
        last = self.parts[-1]
        return last.unscored[: len(last.unscored) if len(last) - len(last.unscored) < k else 0]

    def hits(
        self,
        ids: NDArray[np.int64],
        scores: NDArray[np.float32],
        reader: Reader,
        choice: FileChoice = ANY_FILE,
    ) -> list[Hit]:
        """These photos (n,) as hits, shown by the files that are chosen."""
        score_of = dict(zip(ids.tolist(), scores.tolist(), strict=True))
        behind, moments = set(self.behind.tolist()), self.parts[-1].moments(ids)
        by_picture = np.setdiff1d(self.names.loosely, self.behind)
        places = self.names.places(np.setdiff1d(ids, by_picture))
        return [
            Hit(
                photo_id=photo.photo_id,
                path_bytes=photo.path_bytes,
                score=score_of[photo.photo_id],
                confidence=label(score_of[photo.photo_id], self.calibration),
                aspect=photo.aspect,
                found_in=places.get(photo.photo_id),
                behind=photo.photo_id in behind,
                at_ms=moments.get(photo.photo_id),
            )
            for photo in reader.photos(ids, choice)
        ]

    def order(self, k: int) -> NDArray[np.int64]:
        """The ids of all photos; those after k and all that are sure as their scores were estimated."""
        ids = np.concatenate([part.order(max(k, self.labels.sure)) for part in self.parts])
        return ids[first_of_each(ids)]


def labels_of(ranking: Ranking, calibration: Calibration) -> Labels:
    """How many photos are how sure."""
    strong, likely = (ranking.count(level) for level in levels(calibration))
    return Labels(strong=strong, likely=likely - strong, weak=len(ranking) - likely)


def without(labels: Labels, one: Confidence) -> Labels:
    """As many, less one that is so sure."""
    return msgspec.structs.replace(labels, **{one.value: getattr(labels, one.value) - 1})


def with_lines(hits: list[Hit], texts: Sequence[str], reader: Reader) -> list[Hit]:
    """With what is written, in the first of these photos, where the texts stand."""
    holders = [reader.with_lines(text, MOST, word_for_word=False) for text in texts]
    first = np.array([hit.photo_id for hit in hits[:_WITH_LINES]], dtype=np.int64)
    lines = reader.lines_of(first[np.isin(first, np.concatenate(holders))]) if holders else {}
    shown = {}
    for photo_id, written in lines.items():
        held = [written[place] for place in holding(written, texts)[:_SHOWN_LINES]]
        shown[photo_id] = " … ".join(around(line, texts, _SHOWN_CHARACTERS // len(held)) for line in held)
    if not shown:
        return hits
    return [msgspec.structs.replace(hit, line=shown.get(hit.photo_id, "")) for hit in hits]
