"""An engine that is asked, and what it says."""

from typing import Any

from photosearch.core import messages, search_messages
from photosearch.core import teaching_messages as asked
from photosearch.engine.service import Engine
from photosearch.paths import Library
from tests.helpers.colour_model import MODEL, load_colours


def engine_of(library: Library, model: str | None = MODEL, *, background: bool = False) -> Engine:
    """One whose model sees nothing but colours."""
    return Engine(library, model, background=background, load=load_colours)


def ask(engine: Engine, request: messages.AnyRequest) -> Any:
    reply = engine.handle(request)
    assert not isinstance(reply, messages.Failed), reply.sentence
    return reply


def refusal(engine: Engine, request: messages.AnyRequest) -> str:
    reply = engine.handle(request)
    assert isinstance(reply, messages.Failed), reply
    return str(reply.sentence)


def first(engine: Engine, text: str) -> str:
    """The colour of the best photo."""
    return search(engine, text).hits[0].path.rpartition("-")[2]


def search(engine: Engine, text: str, **options: Any) -> search_messages.SearchResult:
    result: search_messages.SearchResult = ask(engine, search_messages.Search(text, **options))
    return result


def words(engine: Engine) -> dict[str, str]:
    return {word.name: word.phrase for word in ask(engine, asked.GetWords()).words}


def scores(engine: Engine) -> list[float]:
    return [hit.score for hit in search(engine, "Rusty").hits]
