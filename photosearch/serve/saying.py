"""What is said to whoever asks, in their language, and why something is not answered."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from photosearch import i18n
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.serve.asking import Asking, Busy
from photosearch.serve.shapes import Refusal
from photosearch.store.reader import Reader
from photosearch.store.rows import ListedPhoto

JSON = "application/json"


class Call(NamedTuple):
    """A request, as whoever answers it sees it.

    Attributes:
        language: one of i18n.LANGUAGES
        origin: what its address begins with, as who asks has it
        head: whether the headers of the answer are all that is asked for
    """

    asking: Asking
    language: str
    headers: Headers
    allow_writes: bool
    origin: str
    head: bool = False

    def say(self, sentence: Sentence) -> str:
        """In the language of who asks."""
        return _said_in(self.language)(sentence)


_said_in = functools.cache(i18n.translated_to)


def language_of(request: Request) -> str:
    """The one of i18n.LANGUAGES that is asked for in the address, else by the browser."""
    preferred, _, _ = request.headers.get("accept-language", "").replace(";", ",").partition(",")
    return i18n.chosen_for(request.query_params.get("lang") or preferred)


def said_to(request: Request) -> Callable[[Sentence], str]:
    """What puts sentences into the language of who asks."""
    return _said_in(language_of(request))


def in_json(said: object, status: int = 200) -> Response:
    """A response with this in it."""
    return Response(msgspec.json.encode(said), status, media_type=JSON)


def refused(request: Request, status: int, sentence: Sentence, refusal: Refusal | None = None) -> Response:
    """A response that says why not."""
    text = said_to(request)(sentence)
    told = msgspec.structs.replace(refusal, sentence=text) if refusal else Refusal(sentence=text)
    return in_json(told, status)


def refused_for(request: Request, error: KnownError) -> Response:
    """A response to what the engine refuses: a query that cannot be understood has its place."""
    if isinstance(error, QueryError):
        refusal = Refusal(sentence="", place=list(error.span), did_you_mean=error.instead)
        return refused(request, 422, error.sentence, refusal)
    if isinstance(error, ChangedElsewhere):
        return refused(request, 409, error.sentence, Refusal(sentence="", present=error.present))
    if isinstance(error, Busy):
        response = refused(request, 503, error.sentence)
        response.headers["Retry-After"] = "1"
        return response
    return refused(request, error.status if isinstance(error, Refused) else 409, error.sentence)


_WANTED = re.compile(r"Expected `(\w+)[^`]*`(?: of length)?(?: ([<>]=) (\d+))?(?:.* at `\$\.([^`]+))?")


def misshapen(error: msgspec.DecodeError, body: type[msgspec.Struct] | None = None) -> Sentence:
    """What is wrong with what was sent, naming the field; msgspec says it to programmers.

    Args:
        body: what it was to be; None: it stood in the address
    """
    said = str(error)
    if unknown := re.search("unknown field `([^`]+)`(?! -)", said):
        if needed := [field.name for field in msgspec.structs.fields(body) if field.required] if body else []:
            return Sentence(
                "{field} is not known here; what has to be sent is {needed}.",
                field=unknown[1],
                needed=", ".join(needed),
            )
        return Sentence("{field} is not known here; leave it out.", field=unknown[1])
    if missing := re.search("missing required field `(.+?)`", said):
        return Sentence("{field} is missing; send it, too.", field=missing[1])
    if not isinstance(error, msgspec.ValidationError):
        return Sentence("What was sent is not one whole text of JSON; send it again.")
    if (wanted := _WANTED.match(said)) is None:
        return Sentence("What was sent has another shape than /docs says.")
    kind, sign, bound, field = wanted.groups()
    return Sentence(
        "{field} has to be {kind}.",
        field=field or Sentence("what is sent"),
        kind=_kind(kind, sign or "", int(bound or 0)),
    )


def _kind(kind: str, sign: str, bound: int) -> Sentence:
    match kind, sign:
        case "int", ">=":
            return Sentence("a whole number from {bound:,}", bound=bound)
        case "int", "<=":
            return Sentence("a whole number up to {bound:,}", bound=bound)
        case "str", "<=":
            return Sentence("a text of at most {bound:,} characters", bound=bound)
        case "array", ">=":
            return Sentence("a list of at least {bound:,}", bound=bound)
        case "array", "<=":
            return Sentence("a list of at most {bound:,}", bound=bound)
        case "int", _:
            return Sentence("a whole number")
        case "float", _:
            return Sentence("a number")
        case "str", _:
            return Sentence("a text")
        case "bool", _:
            return Sentence("true or false")
        case "array", _:
            return Sentence("a list")
    return Sentence("as /docs says")


class Refused(KnownError):
    """Not answered, for a reason that HTTP has a number for."""

    def __init__(self, status: int, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.status = status


class ChangedElsewhere(Refused):
    """Not written over what another wrote meanwhile, which is `present`."""

    def __init__(self, sentence: Sentence, present: str) -> None:
        super().__init__(409, sentence)
        self.present = present


def no_photo() -> Refused:
    """Why nothing is told of a photo that never was, or that no file holds any more."""
    return Refused(404, Sentence("That photo is not there any more."))


def living(reader: Reader, photo_id: int) -> ListedPhoto:
    """The photo of this id.

    Raises:
        Refused: no file holds it.
    """
    if found := reader.listed([photo_id]):
        return found[0]
    raise no_photo()
