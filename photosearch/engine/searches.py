"""Requests that look for photos, answered with a loaded model."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core import messages
from photosearch.engine.examples import vectors_of_examples
from photosearch.engine.model import LoadedModel
from photosearch.paths import Library
from photosearch.search.query import Query, parse, without
from photosearch.search.searcher import Options, filtered
from photosearch.search.suggestions import suggestions
from photosearch.store.reader import Reader
from photosearch.store.rows import Facets


def understood(search: messages.Search) -> Query:
    """
    Raises:
        QueryError: its text cannot be understood; or there is none, and no picture and no mark.
    """
    without_text = search.images or search.liked or search.disliked
    query = Query() if without_text and not search.text.strip() else parse(search.text)
    return msgspec.structs.replace(query, liked=search.liked, disliked=search.disliked)


def search(
    query: Query, request: messages.Search, library: Library, model: LoadedModel
) -> messages.SearchResult:
    """
    Raises:
        KnownError: see Searcher.search and vectors_of_examples.
    """
    like = _like(query, request, library, model)
    options = Options(request.sort, request.group, request.most, like)
    found = model.searcher.search(query, request.k, options)
    return msgspec.structs.replace(
        found,
        learnt=model.searcher.learnt(request.text, query.pieces),
        without_piece=() if found.searched else _without_each(request.text, query, library),
    )


def similar(request: messages.Similar, model: LoadedModel) -> messages.SearchResult:
    """
    Raises:
        KnownError: the photo has no vector of this model.
    """
    options = Options(request.sort, request.group, request.most)
    return model.searcher.similar(request.photo_id, request.k, options)


def explain(
    query: Query, request: messages.Explain, library: Library, model: LoadedModel
) -> messages.Explanation:
    """
    Raises:
        KnownError: see Searcher.explain and vectors_of_examples.
    """
    like = _like(query, request.search, library, model)
    return model.searcher.explain(query, request.photo_id, like)


def _without_each(text: str, query: Query, library: Library) -> tuple[int, ...]:
    """How many photos pass the filters that are left when each piece of a query is taken out."""

    def passing(rest: str) -> int:
        among = filtered(parse(rest) if rest else Query(), reader)
        return len(reader.timeline(among)[0])

    with Reader.open(library) as reader:
        return tuple(passing(without(text, piece.span)) for piece in query.pieces)


def _like(
    query: Query, request: messages.Search, library: Library, model: LoadedModel
) -> tuple[NDArray[np.float32], ...]:
    encoder, searcher = model.encoder, model.searcher
    return tuple(vectors_of_examples(query, request, library, encoder, model.pool, searcher.vector_of))


class Suggester:
    """Completes queries; reads what the library can be searched by once, until forget() is called."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._held: tuple[Facets, list[tuple[bytes, int]]] | None = None

    def forget(self) -> None:
        """The library has changed."""
        self._held = None

    def suggest(self, request: messages.Suggest) -> messages.Suggestions:
        facets, folders = self._held or self._read()
        return messages.Suggestions(tuple(suggestions(request.text, facets, folders, request.most)))

    def _read(self) -> tuple[Facets, list[tuple[bytes, int]]]:
        with Reader.open(self._library) as reader:
            read = reader.facets(), [(folder.path, folder.photos) for folder in reader.subfolders()]
        self._held = read
        return read
