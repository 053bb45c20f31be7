"""The service as one ASGI application: its addresses, each with who answers, behind the guard."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, Router, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from photosearch import i18n
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.core.reading import decode_json
from photosearch.paths import resources
from photosearch.serve import API, openapi, shapes
from photosearch.serve.access import Access
from photosearch.serve.asking import Asking, Lane
from photosearch.serve.broadcast import Broadcast
from photosearch.serve.endpoints import ENDPOINTS, PICTURE, Endpoint
from photosearch.serve.guard import SESSION, Guard, Hosts
from photosearch.serve.saying import (
    JSON,
    Call,
    Refused,
    in_json,
    language_of,
    misshapen,
    refused,
    refused_for,
    said_to,
)

PAGE = "page"  # the folder of the page in the resources
ICONS = "icons"  # of the window's icons, which the page has, too

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}

_UPLOADS = 4  # at once

_Answer = Callable[[Request], Awaitable[Response]]
Body = TypeVar("Body", bound=msgspec.Struct)


class Service:
    """Answers what the table of endpoints has, the session, the page and its texts.

    Args:
        asking: the library and its engine
        broadcast: what happens there
        access: who may ask
        hosts: the names that it may be asked by
        cookie: the name of the session's
        allow_writes: whether notes and jobs may be changed
        secure: whether browsers come by TLS
    """

    def __init__(
        self,
        asking: Asking,
        broadcast: Broadcast,
        access: Access,
        hosts: Hosts,
        cookie: str = "photosearch",
        *,
        allow_writes: bool = False,
        secure: bool = False,
    ) -> None:
        self._asking, self._broadcast = asking, broadcast
        self._allow_writes = allow_writes
        self._lanes = {
            "search": Lane(4, 60),
            "classify": Lane(1, 8),
            "picture": Lane(8, 250),
            "decode": Lane(2, 30),
            "read": Lane(4, 60),
            "change": Lane(2, 30),
        }
        self._uploads = asyncio.Semaphore(_UPLOADS)
        self._page = _page()
        answers: dict[str, dict[str, _Answer]] = {
            f"{API}/events": {"GET": self._events},
            SESSION: {"POST": self._begin_session, "DELETE": self._end_session},
            f"{API}/strings": {"GET": self._strings},
            f"{API}/openapi.json": {"GET": self._description},
            "/docs": {"GET": self._docs},
        }
        for one in ENDPOINTS:
            answers.setdefault(one.path, {})[one.method] = self._answering(one)
        routes = [_route(path, by_method) for path, by_method in answers.items()]
        # The page is what no address of the API is; what an address does not answer to is 405 so.
        router = Router(routes, redirect_slashes=False, default=request_response(self._static))
        self._guard = Guard(
            router,
            access,
            hosts,
            cookie,
            told_to_all=["/", "/docs", *(f"/{name}" for name in self._page)],
            take_pictures=[one.path for one in ENDPOINTS if one.body == PICTURE],
            secure=secure,
        )

    @property
    def app(self) -> ASGIApp:
        """The ASGI application."""
        return self._guard

    def _answering(self, endpoint: Endpoint) -> _Answer:
        async def answer(request: Request) -> Response:
            if endpoint.writes and not self._allow_writes:
                return refused(
                    request,
                    403,
                    Sentence("Nothing can be changed here; start photosearch serve with --allow-writes."),
                )
            if endpoint.body == PICTURE:
                return await self._answer_form(endpoint, request)
            asked = _asked(endpoint.asked, request, request.query_params)
            untyped = not endpoint.path.startswith(API)  # scripts for other programs say no type
            body = [await _body(request, endpoint.body, untyped=untyped)] if endpoint.body else []
            return await self._answer(endpoint, request, asked, *body)

        return answer

    async def _answer_form(self, endpoint: Endpoint, request: Request) -> Response:
        async with self._uploads:  # each takes room on the disk, and the decoders one at a time anyway
            form = await request.form(max_files=1, max_fields=10, max_part_size=16 << 10)
            try:
                fields = {name: value for name, value in form.items() if isinstance(value, str)}
                picture = form.get(PICTURE)
                if fields.pop(PICTURE, None) is not None:
                    raise Refused(
                        422,
                        Sentence("{field} has to be a file; with curl: -F {field}=@FILE", field=PICTURE),
                    )
                # What the form says goes before the address, and both are to be right.
                _asked(endpoint.asked, request, {})
                asked = _asked(endpoint.asked, request, fields)
                if not isinstance(picture, UploadFile):
                    raise Refused(422, Sentence("Send a form with a file named {field}.", field=PICTURE))
                return await self._answer(endpoint, request, asked, picture.file)
            finally:
                await form.close()

    async def _answer(
        self, endpoint: Endpoint, request: Request, asked: shapes.Asked, *body: object
    ) -> Response:
        origin = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
        call = Call(
            self._asking,
            language_of(request),
            request.headers,
            self._allow_writes,
            origin,
            head=request.method == "HEAD",
        )
        return await self._lanes[endpoint.lane].run(lambda: _response(endpoint.answer(call, asked, *body)))

    async def _events(self, request: Request) -> Response:
        """What happens, as it happens."""
        _asked(shapes.Asked, request, request.query_params)
        headers, kind = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, "text/event-stream"
        if request.method == "HEAD":  # of which there would be no end
            return Response(None, 200, headers, kind)
        return StreamingResponse(self._broadcast.listen(said_to(request)), 200, headers, kind)

    async def _begin_session(self, request: Request) -> Response:
        """Exchange the token for a cookie."""
        body = await _body(request, shapes.BeginSession)
        if response := self._guard.begin_session(request, body.token):
            return response
        return self._guard.unknown(request)

    async def _end_session(self, request: Request) -> Response:
        return self._guard.end_session()

    async def _strings(self, request: Request) -> Response:
        """What the page says in the language that is asked for, by the English texts; nothing for English."""
        _asked(shapes.Asked, request, request.query_params)
        said = {} if (language := language_of(request)) == "en" else i18n.load_page(language)
        return Response(msgspec.json.encode(said), media_type="application/json")

    async def _description(self, request: Request) -> Response:
        return in_json(openapi.description())

    async def _docs(self, request: Request) -> Response:
        return Response(openapi.page(), media_type="text/html")

    async def _static(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix("/") or "index.html"
        if path == "index.html" and (token := request.query_params.get("token")):
            there = RedirectResponse("/", 303)  # where the page asks for the token if it was another
            if response := self._guard.begin_session(request, token):
                there.headers["Set-Cookie"] = response.headers["Set-Cookie"]
            return there
        if request.method in ("GET", "HEAD") and (file := self._page.get(path)):
            content = file.read_bytes()
            etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
            headers = {"ETag": etag, "Cache-Control": "no-cache"}
            if request.headers.get("if-none-match") == etag:
                return Response(status_code=304, headers=headers)
            return Response(content, 200, headers, _MEDIA_TYPES[file.suffix])
        return refused(request, 404, Sentence("There is nothing at this address."))


def _route(path: str, by_method: Mapping[str, _Answer]) -> Route:
    """An address, with what it answers to each method; what is raised there becomes a response."""

    async def told(request: Request) -> Response:
        try:
            return await by_method["GET" if request.method == "HEAD" else request.method](request)
        except msgspec.DecodeError as error:  # a ValidationError, too
            return refused(request, 422, misshapen(error))
        except MultiPartException:
            sentence = Sentence(
                "This form cannot be read; send one file named {field}, and little beside it.", field=PICTURE
            )
            return refused(request, 422, sentence)
        except KnownError as error:
            return refused_for(request, error)
        except Cancelled:
            return refused(request, 503, Sentence("PhotoSearch is closing."))

    return _Address(path, told, methods=list(by_method))


class _Address(Route):
    """Says in a sentence which methods it does not answer to."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = self.methods or set()
        if scope["method"] in methods:
            await super().handle(scope, receive, send)
            return
        allowed = ", ".join(sorted(methods))
        sentence = Sentence(
            "This address does not answer to that method; it does to {methods}.", methods=allowed
        )
        response = refused(Request(scope), 405, sentence)
        response.headers["Allow"] = allowed
        await response(scope, receive, send)


def _asked(kind: type[shapes.Asked], request: Request, fields: Mapping[str, str]) -> shapes.Asked:
    """
    Raises:
        msgspec.ValidationError: there is something else in the address.
    """
    asked = {**request.query_params, **fields, **request.path_params}
    return msgspec.convert(asked, kind, strict=False)


async def _body(request: Request, kind: type[Body], *, untyped: bool = False) -> Body:
    """
    Args:
        untyped: whether it may come without a type

    Raises:
        Refused: it is no JSON by its type, which pages of other sites may not send unasked, or it has another
            shape.
    """
    said = request.headers.get("content-type", JSON if untyped else "")
    if said.partition(";")[0].strip().lower() != JSON:
        raise Refused(415, Sentence("Send JSON, with the content type application/json."))
    try:
        return decode_json(await request.body(), kind)
    except msgspec.DecodeError as error:
        raise Refused(422, misshapen(error, kind)) from error


def _response(said: object) -> Response:
    return said if isinstance(said, Response) else in_json(said)


def _page() -> dict[str, Path]:
    """The page's files by their addresses; nothing else is ever read for one."""
    files = [*(resources() / PAGE).iterdir(), *(resources() / ICONS).glob("*.svg")]
    return {
        file.name if file.parent.name == PAGE else f"{ICONS}/{file.name}": file
        for file in files
        if file.suffix in _MEDIA_TYPES
    }
