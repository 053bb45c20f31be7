"""How well each photo answers: by one model, and by others for the photos that this one does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.core.search_messages import Labels
from photosearch.models.confidence import label, levels, of_kind
from photosearch.search.embedding import direction
from photosearch.search.hits import Answers, labels_of, without
from photosearch.search.known_photos import KnownPhotos
from photosearch.search.names import NONE, NamedPhotos
from photosearch.search.query import Query
from photosearch.search.query_reader import QueryReader
from photosearch.search.ranking import Ranking, Scale


class Beside(NamedTuple):
    """What scores with another model, and `Question.like` as that model has it."""

    scorer: Scorer
    like: Sequence[NDArray[np.float32]] = ()


class Question(NamedTuple):
    """What photos are scored for.

    Attributes:
        vector: the query's direction (D,), L2-normed
        among: ids of photos (n,), ascending: no others count; None: all do
        like: vectors (D,) of the pictures that the query names, and of those that came with it
        beside: other models, for photos that neither the first nor one before them knows
    """

    query: Query
    vector: NDArray[np.float32]
    among: NDArray[np.int64] | None = None
    like: Sequence[NDArray[np.float32]] = ()
    beside: Sequence[Beside] = ()


class Scorer:
    """Scores the photos of a library with one model. Thread-safe.

    Attributes:
        photos: what the model knows of them
        texts: how it understands what was typed
    """

    def __init__(self, photos: KnownPhotos, texts: QueryReader) -> None:
        self.photos = photos
        self.texts = texts

    def answers(self, question: Question, names: NamedPhotos, also: NDArray[np.int64] = NONE.ids) -> Answers:
        """All photos by how well they answer by their pictures, and those whose names and captions do.

        Args:
            also: photos (n,) that are to be scored, however far down they are
        """
        calibration = self.calibration_of(question)
        ranking = self.ranking(question, np.union1d(names.ids, also))
        labels = labels_of(ranking, calibration)
        if not names.ids.size:
            return Answers(calibration, labels, names, (ranking,))
        by_name = ranking.among(np.setdiff1d(names.ids, names.loosely))
        counts = labels_of(by_name, calibration)
        _, likely = levels(calibration)
        loosely = ranking.among(names.loosely)
        behind = np.setdiff1d(loosely.ids(), loosely.at_least(likely))
        labels = Labels(
            strong=labels.strong - counts.strong,
            likely=labels.likely - counts.likely,
            weak=labels.weak - counts.weak - len(behind),
            named=len(by_name),
            behind=len(behind),
        )
        parts = [by_name.among(names.word_for_word), by_name]
        if behind.size:
            parts += [ranking.among(ranking.at_least(likely)), loosely]
        parts.append(ranking)
        return Answers(calibration, labels, names, tuple(parts), behind)

    def ranking(self, question: Question, also: NDArray[np.int64] | None = None) -> Ranking:
        """All photos by their pictures, those too that only the models beside this one know."""
        calibration = self.calibration_of(question)
        ranking = self.photos.rank(question.vector, question.among, also, levels(calibration)[1])
        for (other, like), ids in self._known_beside(question.beside, question.among):
            if parts := other.texts.parts(question.query, like):
                theirs_mean = other.texts.calibration_of(question.query, like)
                theirs = other.photos.rank(direction(parts), ids, also, levels(theirs_mean)[1])
                ranking = ranking.with_those_of(theirs.on(scale(theirs_mean, calibration)))
        return ranking

    def calibration_of(self, question: Question) -> Calibration:
        """What the scores of a ranking mean."""
        return self.texts.calibration_of(question.query, question.like)

    def likeness(
        self, photo_id: int, beside: Sequence[Beside], also: NDArray[np.int64] | None = None
    ) -> Answers:
        """All photos by how like one they are, and how many are how sure without itself.

        By a photo that only a model beside this one knows, all that that one knows.

        Raises:
            KnownError: the photo has no vector of these models.
        """
        vector = self.photos.vector_of(photo_id)
        if vector is None:
            if knows := that_knows(photo_id, beside):
                return knows.scorer.likeness(photo_id, (), also)
            raise KnownError("This photo is not indexed yet; try again when indexing has finished.")
        calibration = of_kind(self.texts.base.calibration, "pictures")
        ranking = self.photos.rank(vector, also=also, level=levels(calibration)[1])
        for (other, _), ids in self._known_beside(beside):
            if (of_other := other.photos.vector_of(photo_id)) is not None:
                onto_these = scale(of_kind(other.texts.base.calibration, "pictures"), calibration)
                ranking = ranking.with_those_of(other.photos.rank(of_other, ids, also).on(onto_these))
        # Itself is no answer; its cosine is 1.
        shown, bias = self.photos.shown(photo_id, vector)
        own = label(float(shown @ vector) - bias, calibration)
        return Answers(calibration, without(labels_of(ranking, calibration), own), NONE, (ranking,))

    def _known_beside(
        self, beside: Sequence[Beside], among: NDArray[np.int64] | None = None
    ) -> Iterator[tuple[Beside, NDArray[np.int64]]]:
        """Each, and the ids of photos (n,) that neither this model nor one before it knows."""
        known = self.photos.ids() if beside else np.empty(0, np.int64)
        for other in beside:
            there = other.scorer.photos.ids()
            new = there[~np.isin(there, known, kind="table")]
            yield other, new if among is None else new[np.isin(new, among, kind="table")]
            known = np.concatenate([known, new])


def that_knows(photo_id: int, beside: Sequence[Beside]) -> Beside | None:
    """The first of these that knows a photo."""
    return next((other for other in beside if other.scorer.photos.vector_of(photo_id) is not None), None)


def scale(of: Calibration, onto: Calibration) -> Scale:
    """What makes scores of one calibration into those of another that are as likely right."""
    return Scale(of.slope / onto.slope, (of.offset - onto.offset) / onto.slope)
