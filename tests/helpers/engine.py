"""An engine that is asked, and what it says."""

from typing import Any

from photosearch.core import messages
from photosearch.core import teaching_messages as asked
from photosearch.engine.service import Engine


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


def search(engine: Engine, text: str) -> messages.SearchResult:
    result: messages.SearchResult = ask(engine, messages.Search(text))
    return result


def words(engine: Engine) -> dict[str, str]:
    return {word.name: word.phrase for word in ask(engine, asked.GetWords()).words}


def scores(engine: Engine) -> list[float]:
    return [hit.score for hit in search(engine, "Rusty").hits]
