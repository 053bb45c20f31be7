"""From a query, or a photo, to the photos that answer it best."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Encoder
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.messages import Explanation, Group, Labels, Naming, Piece, Ranked, SearchResult, Sort
from photosearch.core.photo import Confidence, Hit
from photosearch.core.scripts import reads
from photosearch.core.teaching import LearntUse
from photosearch.models.confidence import kind_of, label, levels, of_kind
from photosearch.models.lesson import Lesson, TaughtEncoder
from photosearch.paths import Library
from photosearch.search.arrangement import grouped, in_order
from photosearch.search.embedding import Part, direction, parts_of, text_vectors
from photosearch.search.explanation import explained
from photosearch.search.frames import VideoFrames
from photosearch.search.living import LivingPhotos
from photosearch.search.named import asked_folders, filtered, meant
from photosearch.search.names import ALL, MOST, NONE, NamedPhotos, first_of_each, named
from photosearch.search.query import Query
from photosearch.search.ranking import Matrix, Ranking, Scale
from photosearch.search.written import asked_for, holding
from photosearch.store.connect import NotWritable
from photosearch.store.reader import OpenReaders, Reader
from photosearch.store.vectors import VectorFile

_WITH_LINES = 200  # hits that say which line holds the words
_SHOWN_LINES = 2  # of each


class Options(NamedTuple):
    """How the hits of a search are to come.

    Attributes:
        most: how many come where more than k are strong or likely
        like: vectors (D,) of the pictures that the query names, and of those that came with it
        beside: other searchers of the library, for photos that neither this one nor one before it knows
    """

    sort: Sort = "relevance"
    group: Group = "none"
    most: int = 0
    like: Sequence[NDArray[np.float32]] = ()
    beside: Sequence[Beside] = ()


class Beside(NamedTuple):
    """A searcher with another model, and `Options.like` as that model has it."""

    searcher: Searcher
    like: Sequence[NDArray[np.float32]] = ()


class _Found(NamedTuple):
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

    def moments(self, ids: NDArray[np.int64]) -> dict[int, int]:
        """See Ranking.moments()."""
        return self.parts[-1].moments(ids)

    def order(self, k: int) -> NDArray[np.int64]:
        """The ids of all photos; those after k and all that are sure as their scores were estimated."""
        ids = np.concatenate([part.order(max(k, self.labels.sure)) for part in self.parts])
        return ids[first_of_each(ids)]


class Searcher:
    """Searches one library with one model. Thread-safe; the one user of the model's vector file.

    Args:
        encoder: without a lesson.
        device: where the matrix lives, as torch names it.
        own_lesson: the one that came with the model, which holds where no other is taught.

    Raises:
        KnownError: from any method, when the library is damaged or its disk full.
    """

    def __init__(
        self, library: Library, encoder: Encoder, device: str = "cpu", own_lesson: Lesson | None = None
    ) -> None:
        self._library = library
        self._readers = OpenReaders(library)
        self._base = encoder
        self._own_lesson = own_lesson
        self.teach(None)
        self._living = LivingPhotos()
        self._changing = threading.Lock()  # holds file, matrix and what is living in step
        self._matrix = Matrix(device)
        self._frames = VideoFrames(encoder.model_id, device)
        with Reader.open(library) as reader:
            try:
                self._file: VectorFile | None = VectorFile.open(
                    library, encoder.model_id, encoder.dim, reader
                )
                self._matrix.load(self._file.ids, self._file.vectors, self._file.bias)
            except NotWritable:  # it is a cache, which can be done without
                self._file = None
                for rows in reader.vectors(encoder.model_id):
                    self._matrix.add(*rows)
            self._read_frames(reader)
            self._set_living(reader.living())

    def close(self) -> None:
        """Let go of the library; searches that are not answered yet go on."""
        self._readers.close()

    @property
    def model_id(self) -> str:
        """The model whose vectors are searched."""
        return self._base.model_id

    @property
    def dim(self) -> int:
        """D, the length of its vectors."""
        return self._base.dim

    def teach(self, lesson: Lesson | None) -> None:
        """Read texts with this lesson from the next search on, and with no other.

        Args:
            lesson: None: the model's own, if it has one.

        Raises:
            KnownError: the lesson belongs to another model.
        """
        lesson = lesson or self._own_lesson
        self._encoder: Encoder = TaughtEncoder(self._base, lesson) if lesson else self._base  # for texts
        self._text_vector = text_vectors(self._encoder)
        self._lesson = lesson

    def learnt(self, typed: str, pieces: Sequence[Piece]) -> tuple[LearntUse, ...]:
        """Names that the lesson knows in what was typed, filters left out; in the order of the text."""
        if (lesson := self._lesson) is None:
            return ()
        return tuple(
            LearntUse(word.name, word.phrase, (piece.span[0] + start, piece.span[0] + end))
            for piece in pieces
            if piece.kind in ("words", "towards", "away")
            for word, (start, end) in lesson.rewriter.uses(typed[slice(*piece.span)])
        )

    def search(self, query: Query, k: int, options: Options | None = None) -> SearchResult:
        """The k photos that answer best of those that all filters let through; without words, the newest.

        Where more than k are strong or likely, all of these, up to `options.most`.

        Raises:
            QueryError: the library has no folder or album of a name in the query.
            KnownError: the query's parts cancel each other out.
        """
        options = options or Options()
        started = time.perf_counter()
        parts = self._parts(query, options.like)
        vector = direction(parts) if parts else None
        encoded = time.perf_counter()
        with self._readers.one() as reader:
            filters = meant(query, reader)
            among = reader.matching(filters) if filters else None
            within = asked_folders(filters)
            if vector is None:
                return self._chosen(query, k, options, among, within, reader, started)
            found = self._found(query, vector, among, options, reader)
            wanted = _wanted(k, options, found.labels)
            ids, scores = found.best(wanted)
            ranked = time.perf_counter()
            hits = _hits(ids, scores, found, reader, within)
            hits = _with_lines(hits, asked_for(query.sentence, filters), reader)
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
        ranking, calibration, labels = self._likeness(photo_id, options.beside)
        wanted = _wanted(k, options, labels)
        ids, scores = ranking.top(wanted + 1)
        ranked = time.perf_counter()
        others = ids != photo_id
        with self._readers.one() as reader:
            ids, scores = ids[others][:wanted], scores[others][:wanted]
            hits = _hits(ids, scores, _Found(calibration, labels, NONE, (ranking,)), reader)
            hits = in_order(hits, options.sort, reader)
            return self._result(Query(), hits, options, labels, reader, (started, started, ranked))

    def rank_all(self, query: Query, k: int, options: Options) -> Ranked:
        """All photos that search() counts, to the last one; the best k as there.

        Raises:
            QueryError, KnownError: see search().
        """
        parts = self._parts(query, options.like)
        with self._readers.one() as reader:
            among = filtered(query, reader)
            if parts:
                found = self._found(query, direction(parts), among, options, reader)
                return self._living.ranked(found.order(k), found.labels, options.sort, reader)
            ids = self._living.newest(among, reader)
            return self._living.ranked(ids, Labels(strong=len(ids)), options.sort, reader)

    def similar_all(self, photo_id: int, k: int, options: Options) -> Ranked:
        """All photos that similar() counts, to the last one; the best k as there.

        Raises:
            KnownError: the photo has no vector of this model.
        """
        ranking, _, labels = self._likeness(photo_id, options.beside)
        ids = ranking.order(max(k, labels.sure) + 1)
        with self._readers.one() as reader:
            return self._living.ranked(ids[ids != photo_id], labels, options.sort, reader)

    def members(self, query: Query, options: Options) -> NDArray[np.int64]:
        """The ids of all photos (N,) that are strong, likely or have the words about them, ascending.

        Without words, of all that the filters let through.

        Raises:
            QueryError, KnownError: see search().
        """
        parts = self._parts(query, options.like)
        with self._readers.one() as reader:
            among = filtered(query, reader)
            if not parts:
                return reader.living() if among is None else among
            calibration = self._calibration(query, options.like)
            ranking = self._ranking(query, direction(parts), among, options, calibration)
            _, likely = levels(calibration)
            by_name = ranking.among(named(query.sentence, self._living.folders(reader), reader, ALL).ids)
            return np.union1d(ranking.at_least(likely), by_name.ids())

    @property
    def calibration(self) -> Calibration:
        """What scores mean at present."""
        return self._encoder.calibration

    def first(
        self, query: Query, k: int, among: NDArray[np.int64], like: Sequence[NDArray[np.float32]] = ()
    ) -> NDArray[np.int64]:
        """The ids of the k photos of some (n,) that answer best by their pictures alone.

        Raises:
            KnownError: the query ranks nothing, or its parts cancel each other out.
        """
        return self._rank(direction(self._ranking_parts(query, like)), among).top(k)[0]

    def known(self) -> NDArray[np.int64]:
        """The ids of the living photos that this model knows (N,), ascending."""
        with self._readers.one() as reader:
            living = reader.living()
        return living[np.isin(living, self._matrix.ids(), kind="table")]

    def explain(self, query: Query, photo_id: int, options: Options | None = None) -> Explanation:
        """Why a photo stands where it does, as the searcher has it that knows the photo.

        Raises:
            KnownError: the photo has no vector of these models; the query ranks nothing.
        """
        options = options or Options()
        parts = self._ranking_parts(query, options.like)
        with self._readers.one() as reader:
            among = filtered(query, reader)
            names = named(query.sentence, self._living.folders(reader), reader, MOST)
        found = None if photo_id in names.loosely else names.of(photo_id)
        calibration = self._calibration(query, options.like)
        ranking = self._ranking(query, direction(parts), among, options, calibration)
        knows, like = self, options.like
        if self.vector_of(photo_id) is None and (other := _that_knows(photo_id, options.beside)):
            knows, like = other
            parts, scale = knows._parts(query, like), calibration
            calibration = knows._calibration(query, like)
            ranking = ranking.on(_scale(scale, calibration))
        photo, bias = knows._shown(photo_id, direction(parts))
        lesson = knows._lesson
        return explained(
            query,
            parts,
            knows._text_vector,
            ranking,
            photo,
            bias,
            calibration,
            names=[span for _, span in lesson.rewriter.uses(query.sentence)] if lesson else [],
            chosen=among is None or photo_id in among,
            named=Naming(found.place, found.name or query.sentence) if found else None,
        )

    def text_vector(self, text: str) -> NDArray[np.float32]:
        """What a query of these words points to (D,), L2-normed, as the lesson in use reads them."""
        return self._text_vector(text)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as they are, (B, D), L2-normed, as the lesson in use reads them."""
        return self._encoder.encode_texts(texts)

    def vector_of(self, photo_id: int) -> NDArray[np.float32] | None:
        """A photo's vector (D,), L2-normed; None where it has none of this model."""
        return self._matrix.vector(photo_id)

    def _shown(self, photo_id: int, vector: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """Vector (D,) and bias of a photo, and of a video those of the frame that answers a vector best.

        Raises:
            KnownError: it has none of this model.
        """
        if frame := self._frames.best(vector, photo_id):
            return frame
        photo, bias = self.vector_of(photo_id), self._matrix.bias(photo_id)
        if photo is None or bias is None:
            raise KnownError("This photo is not indexed yet; try again when indexing has finished.")
        return photo, bias

    def photos_added(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> None:
        """Make photos findable whose vectors were just committed: ids (n,), vectors (n, D), bias (n,)."""
        self._living.came()
        with self._changing:
            with self._readers.one() as reader:
                self._read_frames(reader)
            self._add(ids, vectors, bias)

    def photos_changed(self) -> None:
        """Look again at which photos still have a file, and at vectors that came by another way."""
        model_id = self._encoder.model_id
        self._living.changed()
        with self._changing, Reader.open(self._library) as reader:
            self._read_frames(reader)
            there = reader.vector_ids(model_id)
            missing = there[~np.isin(there, self._matrix.ids(), kind="table")]
            for rows in reader.vectors_of(missing, model_id):
                self._add(*rows)
            self._set_living(reader.living())

    def _read_frames(self, reader: Reader) -> None:
        """Take in frames of videos that are new; from then on their videos are found by frames alone."""
        if self._frames.read(reader):
            self._matrix.rank_elsewhere(self._frames.photos)

    def _set_living(self, photos: NDArray[np.int64]) -> None:
        self._matrix.set_living(photos)
        self._frames.set_living(photos)

    def _rank(self, vector: NDArray[np.float32], among: NDArray[np.int64] | None = None) -> Ranking:
        """All living photos for a unit vector (D,), videos by their best frames; see Matrix.rank()."""
        ranking = self._matrix.rank(vector, among)
        return ranking.with_those_of(self._frames.rank(vector, among)) if self._frames else ranking

    def _add(self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        new = self._matrix.add(ids, vectors, bias)
        if self._file is not None:
            self._file.append(ids[new], vectors[new], bias[new])

    def _parts(self, query: Query, like: Sequence[NDArray[np.float32]]) -> list[Part]:
        return parts_of(query, self._text_vector, self.vector_of, like)

    def _ranking_parts(self, query: Query, like: Sequence[NDArray[np.float32]]) -> list[Part]:
        """
        Raises:
            KnownError: there are none.
        """
        if parts := self._parts(query, like):
            return parts
        raise KnownError("This search has no words that rank photos: its filters only choose among them.")

    def _found(
        self,
        query: Query,
        vector: NDArray[np.float32],
        among: NDArray[np.int64] | None,
        options: Options,
        reader: Reader,
    ) -> _Found:
        """All photos by how well they answer by their pictures, and those whose names and captions do."""
        calibration = self._calibration(query, options.like)
        ranking = self._ranking(query, vector, among, options, calibration)
        labels = _labels(ranking, calibration)
        names = named(query.sentence, self._living.folders(reader), reader, MOST)
        if not names.ids.size:
            return _Found(calibration, labels, names, (ranking,))
        by_name = ranking.among(np.setdiff1d(names.ids, names.loosely))
        counts = _labels(by_name, calibration)
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
        return _Found(calibration, labels, names, tuple(parts), behind)

    def _ranking(
        self,
        query: Query,
        vector: NDArray[np.float32],
        among: NDArray[np.int64] | None,
        options: Options,
        calibration: Calibration,
    ) -> Ranking:
        """All photos by their pictures, those too that only searchers beside this one know."""
        ranking = self._rank(vector, among)
        for (other, like), ids in self._known_beside(options.beside, among):
            if parts := other._parts(query, like):
                theirs = other._rank(direction(parts), ids)
                scale = _scale(other._calibration(query, like), calibration)
                ranking = ranking.with_those_of(theirs.on(scale))
        return ranking

    def _likeness(self, photo_id: int, beside: Sequence[Beside]) -> tuple[Ranking, Calibration, Labels]:
        """All photos by how like one they are, and how many are how sure without itself.

        By a photo that only a searcher beside this one knows, all that that one knows.

        Raises:
            KnownError: the photo has no vector of these models.
        """
        vector = self.vector_of(photo_id)
        if vector is None:
            if knows := _that_knows(photo_id, beside):
                return knows.searcher._likeness(photo_id, ())
            raise KnownError("This photo is not indexed yet; try again when indexing has finished.")
        ranking = self._rank(vector)
        calibration = of_kind(self._base.calibration, "pictures")
        for (other, _), ids in self._known_beside(beside):
            if (of_other := other.vector_of(photo_id)) is not None:
                scale = _scale(of_kind(other._base.calibration, "pictures"), calibration)
                ranking = ranking.with_those_of(other._rank(of_other, ids).on(scale))
        # Itself is no answer; its cosine is 1.
        shown, bias = self._shown(photo_id, vector)
        own = label(float(shown @ vector) - bias, calibration)
        return ranking, calibration, _without(_labels(ranking, calibration), own)

    def _known_beside(
        self, beside: Sequence[Beside], among: NDArray[np.int64] | None = None
    ) -> Iterator[tuple[Beside, NDArray[np.int64]]]:
        """Each, and the ids of photos (n,) that neither this searcher nor one before it knows."""
        known = self._matrix.ids() if beside else np.empty(0, np.int64)
        for other in beside:
            there = other.searcher._matrix.ids()
            new = there[~np.isin(there, known, kind="table")]
            yield other, new if among is None else new[np.isin(new, among, kind="table")]
            known = np.concatenate([known, new])

    def _calibration(self, query: Query, like: Sequence[NDArray[np.float32]]) -> Calibration:
        """Scores against pictures alone are higher; with words beside them the words' calibration holds."""
        kind = kind_of(query.sentence) if query.sentence or like or query.liked else "sentence"
        return of_kind(self._encoder.calibration, kind)

    def _chosen(
        self,
        query: Query,
        k: int,
        options: Options,
        among: NDArray[np.int64] | None,
        within: Sequence[bytes],
        reader: Reader,
        started: float,
    ) -> SearchResult:
        """Filters alone: all that pass are right, and none more than another."""
        ids = self._living.newest(among, reader)
        labels = Labels(strong=len(ids))
        chosen = self._living.in_order(ids, options.sort, reader)
        hits = [
            Hit(photo.photo_id, photo.path_bytes, 0.0, Confidence.STRONG, photo.aspect)
            for photo in reader.photos(chosen[: _wanted(k, options, labels)], within)
        ]
        hits = _with_lines(hits, asked_for("", query.filters), reader)
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
            model=self._encoder.model_id,
            encode_ms=(encoded - started) * 1e3,
            rank_ms=(ranked - encoded) * 1e3,
            searched=labels.sure + labels.weak,
            hits=hits,
            pieces=query.pieces,
            labels=labels,
            groups=groups,
            caveat=self._caveat(query),
        )

    def _caveat(self, query: Query) -> Sentence | None:
        """What the person has to know where the model does not read the letters of what was typed."""
        languages, lesson = self._encoder.languages, self._lesson
        texts = (query.sentence, *(word.text for word in query.words))
        if all(reads(languages, lesson.rewrite(text) if lesson else text) for text in texts):
            return None
        match languages:
            case ("en",):
                return Sentence(
                    "This model reads English; describe the photo in English, or choose another model."
                )
            case ("zh",):
                return Sentence(
                    "This model reads Chinese; describe the photo in Chinese, or choose another model."
                )
        return Sentence(
            "This model does not read these letters; describe the photo in another language, or choose "
            "another model."
        )


def _that_knows(photo_id: int, beside: Sequence[Beside]) -> Beside | None:
    """The first of these that knows a photo."""
    return next((other for other in beside if other.searcher.vector_of(photo_id) is not None), None)


def _scale(of: Calibration, onto: Calibration) -> Scale:
    """What makes scores of one calibration into those of another that are as likely right."""
    return Scale(of.slope / onto.slope, (of.offset - onto.offset) / onto.slope)


def _hits(
    ids: NDArray[np.int64],
    scores: NDArray[np.float32],
    found: _Found,
    reader: Reader,
    within: Sequence[bytes] = (),
) -> list[Hit]:
    score_of = dict(zip(ids.tolist(), scores.tolist(), strict=True))
    behind, moments = set(found.behind.tolist()), found.moments(ids)
    by_picture = np.setdiff1d(found.names.loosely, found.behind)
    places = found.names.places(np.setdiff1d(ids, by_picture))
    return [
        Hit(
            photo_id=photo.photo_id,
            path_bytes=photo.path_bytes,
            score=score_of[photo.photo_id],
            confidence=label(score_of[photo.photo_id], found.calibration),
            aspect=photo.aspect,
            found_in=places.get(photo.photo_id),
            behind=photo.photo_id in behind,
            at_ms=moments.get(photo.photo_id),
        )
        for photo in reader.photos(ids, within)
    ]


def _with_lines(hits: list[Hit], texts: Sequence[str], reader: Reader) -> list[Hit]:
    """With what is written, in the first of these photos, where the texts stand."""
    holders = [reader.with_lines(text, MOST, word_for_word=False) for text in texts]
    first = np.array([hit.photo_id for hit in hits[:_WITH_LINES]], dtype=np.int64)
    lines = reader.lines_of(first[np.isin(first, np.concatenate(holders))]) if holders else {}
    shown = {
        photo_id: " … ".join(written[place].text for place in holding(written, texts)[:_SHOWN_LINES])
        for photo_id, written in lines.items()
    }
    if not shown:
        return hits
    return [msgspec.structs.replace(hit, line=shown.get(hit.photo_id, "")) for hit in hits]


def _wanted(k: int, options: Options, labels: Labels) -> int:
    """How many hits are to come."""
    return max(k, min(options.most, labels.sure))


def _labels(ranking: Ranking, calibration: Calibration) -> Labels:
    strong, likely = (ranking.count(level) for level in levels(calibration))
    return Labels(strong=strong, likely=likely - strong, weak=len(ranking) - likely)


def _without(labels: Labels, one: Confidence) -> Labels:
    return msgspec.structs.replace(labels, **{one.value: getattr(labels, one.value) - 1})
