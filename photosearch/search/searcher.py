"""From a query, or a photo, to the photos that answer it best."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Encoder
from photosearch.core.photo import Confidence, Hit
from photosearch.core.query import AnyFilter
from photosearch.core.search_messages import (
    Explanation,
    Group,
    Labels,
    Naming,
    Piece,
    Ranked,
    SearchResult,
    Sort,
)
from photosearch.core.teaching import LearntUse
from photosearch.models.confidence import levels
from photosearch.models.lesson import Lesson
from photosearch.paths import Library
from photosearch.search.arrangement import grouped, in_order
from photosearch.search.embedding import direction
from photosearch.search.explanation import explained
from photosearch.search.hits import Answers, with_lines
from photosearch.search.known_photos import KnownPhotos
from photosearch.search.living import LivingPhotos
from photosearch.search.named import file_choice, filtered, meant
from photosearch.search.names import ALL, MOST, NamedPhotos, named
from photosearch.search.query import Query
from photosearch.search.query_reader import QueryReader
from photosearch.search.scoring import Beside, Question, Scorer, scale, that_knows
from photosearch.search.written import asked_for
from photosearch.store.reader import OpenReaders, Reader


class Options(NamedTuple):
    """How the hits of a search are to come.

    Attributes:
        most: how many come where more than k are strong or likely
        like: vectors (D,) of the pictures that the query names, and of those that came with it
        beside: other models, for photos that neither this one nor one before them knows
    """

    sort: Sort = "relevance"
    group: Group = "none"
    most: int = 0
    like: Sequence[NDArray[np.float32]] = ()
    beside: Sequence[Beside] = ()


class Searcher:
    """Searches one library with one model. Thread-safe; the one user of the model's vector file.

    Args:
        encoder: without a lesson.
        device: where the matrix lives, as torch names it.
        own_lesson: the one that came with the model, which holds where no other is taught.

    Attributes:
        scorer: what scores its photos, which other searchers of the library may have beside them.

    Raises:
        KnownError: from any method, when the library is damaged or its disk full.
    """

    def __init__(
        self, library: Library, encoder: Encoder, device: str = "cpu", own_lesson: Lesson | None = None
    ) -> None:
        self._readers = OpenReaders(library)
        self._photos = KnownPhotos(library, encoder, device, self._readers)
        self._texts = QueryReader(encoder, own_lesson, self._photos.vector_of)
        self._living = LivingPhotos()
        self.scorer = Scorer(self._photos, self._texts)

    def close(self) -> None:
        """Let go of the library; searches that are not answered yet go on."""
        self._readers.close()

    @property
    def model_id(self) -> str:
        """The model whose vectors are searched."""
        return self._texts.base.model_id

    @property
    def dim(self) -> int:
        """D, the length of its vectors."""
        return self._texts.base.dim

    def teach(self, lesson: Lesson | None) -> None:
        """Read texts with this lesson from the next search on, and with no other.

        Args:
            lesson: None: the model's own, if it has one.

        Raises:
            KnownError: the lesson belongs to another model.
        """
        self._texts.teach(lesson)

    def learnt(self, typed: str, pieces: Sequence[Piece]) -> tuple[LearntUse, ...]:
        """Names that the lesson knows in what was typed, filters left out; in the order of the text."""
        return self._texts.learnt(typed, pieces)

    def search(self, query: Query, k: int, options: Options | None = None) -> SearchResult:
        """The k photos that answer best of those that all filters let through; without words, the newest.

        Where more than k are strong or likely, all of these, up to `options.most`.

        Raises:
            QueryError: the library has no folder or album of a name in the query.
            KnownError: the query's parts cancel each other out.
        """
        options = options or Options()
        started = time.perf_counter()
        parts = self._texts.parts(query, options.like)
        vector = direction(parts) if parts else None
        encoded = time.perf_counter()
        with self._readers.one() as reader:
            filters = meant(query, reader)
            if vector is None:
                return self._chosen(query, k, options, filters, reader, started)
            among = reader.matching(filters) if filters else None
            choice = file_choice(query.sentence, filters)
            question = Question(query, vector, among, options.like, options.beside)
            names = self._named(query, reader)
            found = self.scorer.answers(question, names)
            wanted = _wanted(k, options, found.labels)
            if (lacking := found.lacks(wanted)).size:
                found = self.scorer.answers(question, names, lacking)
            ids, scores = found.best(wanted)
            ranked = time.perf_counter()
            hits = found.hits(ids, scores, reader, choice)
            hits = with_lines(hits, asked_for(query.sentence, filters), reader)
            hits = in_order(hits, options.sort, reader)
            return self._result(query, hits, options, found.labels, reader, (started, encoded, ranked))

    def similar(self, photo_id: int, k: int, options: Options | None = None) -> SearchResult:
        """The k photos most like a photo, itself left out. Their score, too, is cosine minus bias.

        Where more than k are strong or likely, all of these, up to `options.most`.

        Raises:
            KnownError: the photo has no vector of this model.
        """
        options = options or Options()
        started = time.perf_counter()
        found = self.scorer.likeness(photo_id, options.beside)
        wanted = _wanted(k, options, found.labels)
        if (lacking := found.lacks(wanted + 1)).size:
            found = self.scorer.likeness(photo_id, options.beside, lacking)
        ids, scores = found.best(wanted + 1)
        ranked = time.perf_counter()
        others = ids != photo_id
        with self._readers.one() as reader:
            hits = found.hits(ids[others][:wanted], scores[others][:wanted], reader)
            hits = in_order(hits, options.sort, reader)
            return self._result(Query(), hits, options, found.labels, reader, (started, started, ranked))

    def rank_all(self, query: Query, k: int, options: Options) -> Ranked:
        """All photos that search() counts, to the last one; the best k as there.

        Raises:
            QueryError, KnownError: see search().
        """
        parts = self._texts.parts(query, options.like)
        with self._readers.one() as reader:
            among = filtered(query, reader)
            if parts:
                question = Question(query, direction(parts), among, options.like, options.beside)
                found = self.scorer.answers(question, self._named(query, reader))
                ids = self._to_the_last(found, k, reader)
                return self._living.ranked(ids, found.labels, options.sort, reader)
            ids = self._living.newest(among, reader)
            return self._living.ranked(ids, Labels(strong=len(ids)), options.sort, reader)

    def similar_all(self, photo_id: int, k: int, options: Options) -> Ranked:
        """All photos that similar() counts, to the last one; the best k as there.

        Raises:
            KnownError: the photo has no vector of this model.
        """
        found = self.scorer.likeness(photo_id, options.beside)
        with self._readers.one() as reader:
            ids = self._to_the_last(found, k + 1, reader)
            return self._living.ranked(ids[ids != photo_id], found.labels, options.sort, reader)

    def members(self, query: Query, options: Options) -> NDArray[np.int64]:
        """The ids of all photos (N,) that are strong, likely or have the words about them, ascending.

        Without words, of all that the filters let through.

        Raises:
            QueryError, KnownError: see search().
        """
        parts = self._texts.parts(query, options.like)
        with self._readers.one() as reader:
            among = filtered(query, reader)
            if not parts:
                return reader.living() if among is None else among
            question = Question(query, direction(parts), among, options.like, options.beside)
            ranking = self.scorer.ranking(question)
            _, likely = levels(self.scorer.calibration_of(question))
            by_name = ranking.among(named(query.sentence, self._living.folders(reader), reader, ALL).ids)
            return np.union1d(ranking.at_least(likely), by_name.ids())

    @property
    def calibration(self) -> Calibration:
        """What scores mean at present."""
        return self._texts.calibration

    def first(
        self, query: Query, k: int, among: NDArray[np.int64], like: Sequence[NDArray[np.float32]] = ()
    ) -> NDArray[np.int64]:
        """The ids of the k photos of some (n,) that answer best by their pictures alone.

        Raises:
            KnownError: the query ranks nothing, or its parts cancel each other out.
        """
        return self._photos.rank(direction(self._texts.ranking_parts(query, like)), among).top(k)[0]

    def known(self) -> NDArray[np.int64]:
        """The ids of the living photos that this model knows (N,), ascending."""
        with self._readers.one() as reader:
            living = reader.living()
        return living[np.isin(living, self._photos.ids(), kind="table")]

    def explain(self, query: Query, photo_id: int, options: Options | None = None) -> Explanation:
        """Why a photo stands where it does, as the searcher has it that knows the photo.

        Raises:
            KnownError: the photo has no vector of these models; the query ranks nothing.
        """
        options = options or Options()
        parts = self._texts.ranking_parts(query, options.like)
        with self._readers.one() as reader:
            among = filtered(query, reader)
            names = self._named(query, reader)
        found = None if photo_id in names.loosely else names.of(photo_id)
        question = Question(query, direction(parts), among, options.like, options.beside)
        calibration = self.scorer.calibration_of(question)
        ranking = self.scorer.ranking(question, np.array([photo_id]))
        knows = self.scorer
        if self.vector_of(photo_id) is None and (other := that_knows(photo_id, options.beside)):
            knows, like = other
            parts, before = knows.texts.parts(query, like), calibration
            calibration = knows.texts.calibration_of(query, like)
            ranking = ranking.on(scale(before, calibration))
        photo, bias = knows.photos.shown(photo_id, direction(parts))
        return explained(
            query,
            parts,
            knows.texts.text_vector,
            ranking,
            photo,
            bias,
            calibration,
            names=knows.texts.names_in(query.sentence),
            chosen=among is None or photo_id in among,
            named=Naming(found.place, found.name or query.sentence) if found else None,
        )

    @property
    def photos(self) -> KnownPhotos:
        """What the model knows of them."""
        return self._photos

    def text_vector(self, text: str) -> NDArray[np.float32]:
        """What a query of these words points to (D,), L2-normed, as the lesson in use reads them."""
        return self._texts.text_vector(text)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as they are, (B, D), L2-normed, as the lesson in use reads them."""
        return self._texts.encode(texts)

    def vector_of(self, photo_id: int) -> NDArray[np.float32] | None:
        """A photo's vector (D,), L2-normed; None where it has none of this model."""
        return self._photos.vector_of(photo_id)

    def photos_added(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> None:
        """Make photos findable whose vectors were just committed: ids (n,), vectors (n, D), bias (n,)."""
        self._living.came()
        self._photos.came(ids, vectors, bias)

    def photos_changed(self) -> None:
        """Look again at which photos still have a file, and at vectors that came by another way."""
        self._living.changed()
        self._photos.changed()

    def _named(self, query: Query, reader: Reader) -> NamedPhotos:
        """The photos whose names and captions hold the words."""
        return named(query.sentence, self._living.folders(reader), reader, MOST)

    def _to_the_last(self, found: Answers, k: int, reader: Reader) -> NDArray[np.int64]:
        """The ids of all photos found; those that have no score come last, newest first."""
        unscored = found.parts[-1].unscored
        if not unscored.size:
            return found.order(k)
        return np.concatenate([found.order(k), self._living.newest(unscored, reader)])

    def _chosen(
        self,
        query: Query,
        k: int,
        options: Options,
        filters: Sequence[AnyFilter],
        reader: Reader,
        started: float,
    ) -> SearchResult:
        """Filters alone: all that pass are right, and none more than another."""
        ids = self._living.newest(reader.matching(filters) if filters else None, reader)
        labels = Labels(strong=len(ids))
        moments = reader.tag_moments(filters)
        chosen = self._living.in_order(ids, options.sort, reader)
        hits = [
            Hit(
                photo.photo_id,
                photo.path_bytes,
                0.0,
                Confidence.STRONG,
                photo.aspect,
                at_ms=moments.get(photo.photo_id),
            )
            for photo in reader.photos(chosen[: _wanted(k, options, labels)], file_choice("", filters))
        ]
        hits = with_lines(hits, asked_for("", query.filters), reader)
        return self._result(query, hits, options, labels, reader, (started, started, time.perf_counter()))

    def _result(
        self,
        query: Query,
        hits: list[Hit],
        options: Options,
        labels: Labels,
        reader: Reader,
        times: tuple[float, float, float],
    ) -> SearchResult:
        started, encoded, ranked = times
        hits, groups = grouped(hits, options.group, reader)
        return SearchResult(
            query=query.text,
            model=self.model_id,
            encode_ms=(encoded - started) * 1e3,
            rank_ms=(ranked - encoded) * 1e3,
            searched=labels.sure + labels.weak,
            hits=hits,
            pieces=query.pieces,
            labels=labels,
            groups=groups,
            caveat=self._texts.caveat(query),
        )


def _wanted(k: int, options: Options, labels: Labels) -> int:
    """How many hits are to come."""
    return max(k, min(options.most, labels.sure))
