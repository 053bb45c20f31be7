"""How one model understands what was typed, through the lesson in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Encoder
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.scripts import reads
from photosearch.core.search_messages import Piece
from photosearch.core.teaching import LearntUse
from photosearch.models.confidence import kind_of, of_kind
from photosearch.models.lesson import Lesson, TaughtEncoder
from photosearch.search.embedding import Part, Vector, parts_of, text_vectors
from photosearch.search.query import Query


class QueryReader:
    """Makes queries into what photos are ranked by. Thread-safe.

    Args:
        encoder: without a lesson.
        own_lesson: the one that came with the model, which holds where no other is taught.
        vector_of: a photo's vector (D,) by id; None: it has none.
    """

    def __init__(
        self, encoder: Encoder, own_lesson: Lesson | None, vector_of: Callable[[int], Vector | None]
    ) -> None:
        self.base = encoder
        self._own_lesson = own_lesson
        self._vector_of = vector_of
        self.teach(None)

    def teach(self, lesson: Lesson | None) -> None:
        """Read texts with this lesson from the next query on; None: with the model's own, if it has one.

        Raises:
            KnownError: the lesson belongs to another model.
        """
        lesson = lesson or self._own_lesson
        self._encoder: Encoder = TaughtEncoder(self.base, lesson) if lesson else self.base  # for texts
        self.text_vector = text_vectors(self._encoder)
        self._lesson = lesson

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as they are (B, D), L2-normed, read with the lesson in use."""
        return self._encoder.encode_texts(texts)

    @property
    def calibration(self) -> Calibration:
        """What scores mean at present."""
        return self._encoder.calibration

    def calibration_of(self, query: Query, like: Sequence[NDArray[np.float32]]) -> Calibration:
        """Scores against pictures alone are higher; with words beside them the words' calibration holds."""
        kind = kind_of(query.sentence) if query.sentence or like or query.liked else "sentence"
        return of_kind(self.calibration, kind)

    def parts(self, query: Query, like: Sequence[NDArray[np.float32]]) -> list[Part]:
        """What adds up to the query's direction; see parts_of()."""
        return parts_of(query, self.text_vector, self._vector_of, like)

    def ranking_parts(self, query: Query, like: Sequence[NDArray[np.float32]]) -> list[Part]:
        """The parts, of a query that has some.

        Raises:
            KnownError: there are none.
        """
        if parts := self.parts(query, like):
            return parts
        raise KnownError("This search has no words that rank photos: its filters only choose among them.")

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

    def names_in(self, sentence: str) -> list[tuple[int, int]]:
        """Where names that the lesson knows stand in a sentence."""
        return [span for _, span in self._lesson.rewriter.uses(sentence)] if self._lesson else []

    def caveat(self, query: Query) -> Sentence | None:
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
