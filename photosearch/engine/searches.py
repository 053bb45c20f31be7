"""Requests that look for photos, answered by the model that answers at present."""

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core import messages, model_messages, search_messages
from photosearch.core.errors import Cancelled, QueryError, Sentence
from photosearch.core.query import AnyFilter
from photosearch.core.stage_messages import StageState
from photosearch.engine.examples import vectors_of_examples
from photosearch.engine.handlers import Handlers
from photosearch.engine.model import LoadedModel
from photosearch.engine.models import ModelSlots
from photosearch.engine.queries_first import QueriesFirst
from photosearch.engine.unread import unread
from photosearch.index.looked_at import LookedAt
from photosearch.paths import Library
from photosearch.search.named import filtered, meant, refuse_live_albums
from photosearch.search.query import Query, parse, without
from photosearch.search.scoring import Beside
from photosearch.search.searcher import Options
from photosearch.search.suggestions import PhotoNames, Suggester
from photosearch.store.reader import Reader

T = TypeVar("T")

NAMES_LAST_SECONDS = 10.0  # while photos come in; counting a large library takes a part of a second


class Searches:
    """Searches, explains and suggests; background work waits meanwhile."""

    def __init__(
        self,
        library: Library,
        models: ModelSlots,
        queries: QueriesFirst,
        stages: Callable[[], Sequence[StageState]],
    ) -> None:
        self._library = library
        self._stages = stages
        self._models = models
        self._queries = queries
        self.looked_at = LookedAt()  # photos that answered, and those of places that were opened
        self._names: PhotoNames | None = None
        self._names_are_old = True
        self._names_read_at = -math.inf
        self._suggester: Suggester | None = None  # None: notes are to be read anew
        self._notes_changed = 0  # times
        self._photos_changed = 0  # times

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.answer(search_messages.Search, self._search)
        handlers.answer(search_messages.Similar, self._similar)
        handlers.answer(search_messages.RankAll, self._rank_all)
        handlers.answer(search_messages.Explain, self._explain)
        handlers.answer(search_messages.Suggest, self._suggest)
        handlers.do(messages.LookAt, self._look_at)
        handlers.answer(model_messages.CompareModels, self._compare)

    def forget(self) -> None:
        """Photos came or went: look again at what they are called after."""
        self._names_are_old = True
        self._photos_changed += 1

    def forget_notes(self) -> None:
        """Albums or searches have changed: look again at what they are."""
        self._notes_changed += 1
        self._suggester = None

    @property
    def state(self) -> object:
        """Differs whenever other photos may be found, for another reason than what stands in the library."""
        loaded = self._models.answering.loaded
        return self._photos_changed, loaded and (loaded.searcher.model_id, loaded.searcher.calibration)

    @property
    def ready(self) -> bool:
        """Whether the model that answers is loaded."""
        return self._models.answering.loaded is not None

    def load(self) -> None:
        """Wait for the model that answers.

        Raises:
            KnownError: it cannot be loaded.
            Cancelled: the engine is closing.
        """
        self._models.load_answering()

    def members(self, text: str) -> NDArray[np.int64]:
        """The ids of the photos (N,) of an album that looks for this; see Searcher.members.

        Raises:
            KnownError: see Searcher.members and vectors_of_examples; it names such an album.
        """
        search = search_messages.Search(text)
        query = _understood(search)
        with Reader.open(self._library) as reader:
            refuse_live_albums(query, reader)
        return self._with_model(
            lambda model: model.searcher.members(query, self._options(query, search, model))
        )

    def check_album(self, name: str, text: str) -> None:
        """Refuse an album, of this name, that looks for what it could never be filled with.

        What is wrong with it otherwise can be mended where it is, in its search or elsewhere; it says so.

        Raises:
            KnownError: it is to look in an album that fills itself.
        """
        with contextlib.suppress(QueryError), Reader.open(self._library) as reader:
            refuse_live_albums(_understood(search_messages.Search(text)), reader, own=name)

    def _search(self, request: search_messages.Search) -> search_messages.SearchResult:
        """
        Raises:
            KnownError: see Searcher.search and vectors_of_examples.
        """
        query = _understood(request)  # before the model is waited for

        def search(model: LoadedModel) -> search_messages.SearchResult:
            options = self._options(query, request, model)
            found = model.searcher.search(query, request.k, options)
            self.looked_at.add(hit.photo_id for hit in found.hits)
            return msgspec.structs.replace(
                found,
                learnt=model.searcher.learnt(request.text, query.pieces),
                **({} if found.searched else self._nothing_found(request, query, found.caveat)),
            )

        return self._with_model(search)

    def _similar(self, request: search_messages.Similar) -> search_messages.SearchResult:
        """
        Raises:
            KnownError: the photo has no vector of this model.
        """
        self.looked_at.add([request.photo_id])
        return self._with_model(
            lambda model: model.searcher.similar(
                request.photo_id,
                request.k,
                Options(request.sort, request.group, request.most, beside=self._beside()),
            )
        )

    def _rank_all(self, request: search_messages.RankAll) -> search_messages.Ranked:
        """
        Raises:
            KnownError: see Searcher.search, Searcher.similar and vectors_of_examples.
        """
        question = request.question
        if isinstance(question, search_messages.Similar):
            similar = question
            return self._with_model(
                lambda model: model.searcher.similar_all(
                    similar.photo_id, similar.k, Options(similar.sort, beside=self._beside())
                )
            )
        search, query = question, _understood(question)
        return self._with_model(
            lambda model: model.searcher.rank_all(query, search.k, self._options(query, search, model))
        )

    def _look_at(self, request: messages.LookAt) -> None:
        with Reader.open(self._library) as reader:
            self.looked_at.add(reader.matching(request.within).tolist())

    def _explain(self, request: search_messages.Explain) -> search_messages.Explanation:
        """
        Raises:
            KnownError: see Searcher.explain and vectors_of_examples.
        """
        query = _understood(request.search)
        return self._with_model(
            lambda model: model.searcher.explain(
                query, request.photo_id, self._options(query, request.search, model)
            )
        )

    def _compare(self, request: model_messages.CompareModels) -> model_messages.Compared:
        """
        Raises:
            KnownError: see ModelSlots.load_compared, Searcher.first and vectors_of_examples.
        """
        search = search_messages.Search(request.text)
        query = _understood(search)
        other = self._models.load_compared(request.model)

        def compare(model: LoadedModel) -> model_messages.Compared:
            both = np.intersect1d(model.searcher.known(), other.searcher.known())
            with Reader.open(self._library) as reader:
                among = filtered(query, reader)
            among = both if among is None else np.intersect1d(both, among)
            by_other, by_model = (
                tuple(one.searcher.first(query, request.most, among, self._like(query, search, one)).tolist())
                for one in (other, model)
            )
            names = (other.encoder.name, model.encoder.name)
            return model_messages.Compared(*names, by_other, by_model, len(among))

        return self._with_model(compare)

    def _suggest(self, request: search_messages.Suggest) -> search_messages.Suggestions:
        suggester = self._present_suggester()
        asked = request.text, request.most, request.language
        if not request.within:
            return search_messages.Suggestions(tuple(suggester.suggestions(*asked)))
        with Reader.open(self._library) as reader:
            ids = reader.matching(request.within)

            def photos(typed: str) -> int:
                """0 of what has gone since its name was read."""
                with contextlib.suppress(QueryError):
                    return len(reader.matching(meant(parse(typed), reader), ids))
                return 0

            return search_messages.Suggestions(tuple(suggester.suggestions(*asked, photos)))

    def _with_model(self, answer: Callable[[LoadedModel], T]) -> T:
        """Ask anew where another model takes the place of the one that is asked, whose decoders end then."""
        while True:
            model = self._models.load_answering()
            try:
                with self._queries:
                    return answer(model)
            except Cancelled:
                if model is self._models.answering.loaded:  # the engine is closing
                    raise

    def _options(self, query: Query, request: search_messages.Search, model: LoadedModel) -> Options:
        beside = [
            Beside(other.searcher.scorer, self._like(query, request, other))
            for other in self._models.load_beside()
        ]
        like = self._like(query, request, model)
        return Options(request.sort, request.group, request.most, like, beside)

    def _beside(self) -> list[Beside]:
        return [Beside(other.searcher.scorer) for other in self._models.load_beside()]

    def _like(
        self, query: Query, request: search_messages.Search, model: LoadedModel
    ) -> tuple[NDArray[np.float32], ...]:
        encoder, vector_of = model.encoder, model.searcher.vector_of
        return tuple(vectors_of_examples(query, request, self._library, encoder, model.pool, vector_of))

    def _nothing_found(
        self, request: search_messages.Search, query: Query, caveat: Sentence | None
    ) -> dict[str, object]:
        """How many photos would pass without each piece, and without the scope; and what was not read yet."""

        def passing(text: str, within: tuple[AnyFilter, ...] = request.within) -> int:
            among = filtered(_within(parse(text) if text else Query(), within), reader)
            return len(reader.living() if among is None else among)

        with Reader.open(self._library) as reader:
            return {
                "without_piece": tuple(passing(without(request.text, piece.span)) for piece in query.pieces),
                "everywhere": passing(request.text, ()) if request.within else 0,
                "caveat": unread(query, self._stages(), reader) or caveat,
            }

    def _present_suggester(self) -> Suggester:
        now = time.monotonic()
        names, suggester = self._names, self._suggester
        if names is None or (self._names_are_old and now >= self._names_read_at + NAMES_LAST_SECONDS):
            self._names_are_old, self._names_read_at = False, now
            with Reader.open(self._library) as reader:
                names = self._names = PhotoNames.read(reader)
            suggester = None
        if suggester is None:
            changed = self._notes_changed
            with Reader.open(self._library) as reader:
                searches = reader.saved_searches(), reader.recent_searches()
                suggester = Suggester(names, [*reader.albums(), *reader.live_albums()], *searches)
            self._suggester = suggester if changed == self._notes_changed else None
        return suggester


def _understood(search: search_messages.Search) -> Query:
    """
    Raises:
        QueryError: its text cannot be understood; or there is none, and no picture and no mark.
    """
    query = Query() if search.has_examples and not search.text.strip() else parse(search.text)
    query = msgspec.structs.replace(query, liked=search.liked, disliked=search.disliked)
    return _within(query, search.within)


def _within(query: Query, scope: tuple[AnyFilter, ...]) -> Query:
    return msgspec.structs.replace(query, filters=(*query.filters, *scope))
