"""Who is let in: what stands before every answer of the service.

A page of another site that a browser shows meanwhile may ask here too, in the person's name; so the name that
was asked for, where the asking page comes from and the session are all looked at, and nothing is shared.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import logging
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photosearch.core.errors import Sentence
from photosearch.serve import API
from photosearch.serve.access import SESSION_SECONDS, Access
from photosearch.serve.saying import refused

SESSION = f"{API}/session"
OPEN = frozenset((SESSION, f"{API}/openapi.json", f"{API}/strings"))  # of the API: of no photo
MOST_BYTES = 9 << 20  # of a body
MOST_PICTURE_BYTES = 64 << 20  # of one with a picture
MOST_PASSED_OVER = 64 << 20  # of what is too much: who hangs up on one that still sends is not heard
SECONDS_FOR_A_BODY = 60.0
SECONDS_BETWEEN_PARTS = 10.0

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_log = logging.getLogger(__name__)


class Pace(NamedTuple):
    """How fast one address may ask."""

    per_second: float
    at_once: int  # in a burst


# A grid that is scrolled fast asks for a few hundred thumbnails a second.
ASKING = Pace(per_second=300.0, at_once=1500)
STRANGERS = Pace(per_second=10.0, at_once=60)  # without token or session: the page itself, and no photo
FAILING = Pace(per_second=0.2, at_once=10)  # wrong tokens


class Buckets:
    """Counts what each address asks for: a token bucket for each, of the last ones to ask."""

    _MOST = 4096  # addresses

    def __init__(self, pace: Pace, now: Callable[[], float] = time.monotonic) -> None:
        self._pace, self._now = pace, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how many, and when that was

    def is_empty(self, address: str) -> bool:
        """Whether it has asked too often."""
        return self._fill(address) < 1

    def take(self, address: str) -> bool:
        """Count one; False: it has asked too often."""
        left = self._fill(address)
        self._left[address] = (left - 1 if left >= 1 else left, self._now())
        self._left.move_to_end(address)
        while len(self._left) > self._MOST:
            self._left.popitem(last=False)
        return left >= 1

    def seconds_left(self, address: str) -> int:
        """Until it may ask again, rounded up."""
        return max(1, math.ceil((1 - self._fill(address)) / self._pace.per_second))

    def _fill(self, address: str) -> float:
        left, since = self._left.get(address, (float(self._pace.at_once), self._now()))
        return min(left + (self._now() - since) * self._pace.per_second, self._pace.at_once)


class Hosts:
    """The names by which the service may be asked for, so that no other site's name leads here.

    Args:
        bound: the address that it listens on
        proxied: the name of the proxy in front of it; empty: none
    """

    def __init__(self, bound: str, proxied: str = "") -> None:
        self._bound = ipaddress.ip_address(bound)
        self._proxied = proxied.lower()

    def know(self, host: str) -> bool:
        """Whether a Host header names this service. Another name may be anybody's; a number is nobody's."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
            urlsplit(f"//{host}").port  # noqa: B018  (raises where it is none)
        except ValueError:
            return False
        if name == self._proxied:
            return bool(name)
        if name == "localhost":
            return self._bound.is_loopback or self._bound.is_unspecified
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address == self._bound or self._bound.is_unspecified


class Guard:
    """Lets through what may be asked, with headers on every answer that shut others out.

    Args:
        cookie: the name of the session's
        told_to_all: the addresses that need no token, beside those of the API; every other one does
        take_pictures: the addresses to which more may be sent
        secure: whether browsers come by TLS, through a proxy
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        hosts: Hosts,
        cookie: str,
        *,
        told_to_all: Collection[str] = (),
        take_pictures: Collection[str] = (),
        secure: bool = False,
    ) -> None:
        self._app = app
        self._access, self._hosts = access, hosts
        self._told_to_all, self._take_pictures = OPEN.union(told_to_all), frozenset(take_pictures)
        self._cookie, self._secure = cookie, secure
        self._asking, self._strangers, self._failing = Buckets(ASKING), Buckets(STRANGERS), Buckets(FAILING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        began = False

        async def guarded_send(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        request = Request(scope)
        try:
            response = self._refusal(request)
            if response is None:
                await self._app(scope, self._bounded(request, receive), guarded_send)
            else:
                await response(scope, receive, guarded_send)
        except ClientDisconnect:
            return  # nobody waits for an answer
        except _TooMuch as error:
            if not began:
                response = refused(request, error.status, error.sentence)
                response.headers["Connection"] = "close"  # the rest of it is not waited for
                await response(scope, receive, guarded_send)
        except Exception as error:  # noqa: BLE001  (the last resort: nobody outside sees a traceback)
            entry = secrets.token_hex(3)
            _log.error("A request failed, %s", entry, exc_info=error)
            if not began:
                sentence = Sentence(
                    "PhotoSearch met an error of its own; its log has it as entry {entry}.", entry=entry
                )
                await refused(request, 500, sentence)(scope, receive, guarded_send)

    def begin_session(self, request: Request, token: str) -> Response | None:
        """A response that gives a browser its session; None: it is not the token, or too many were named."""
        address = _address(request)
        if self._failing.is_empty(address) or not self._knows(address, token):
            return None
        response = Response(status_code=204)
        response.set_cookie(
            self._cookie,
            self._access.session(),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=self._secure,
        )
        return response

    def end_session(self) -> Response:
        """A response that takes a browser's session away."""
        response = Response(status_code=204)
        response.delete_cookie(self._cookie, httponly=True, samesite="strict", secure=self._secure)
        return response

    def unknown(self, request: Request) -> Response:
        """A response to whoever named no token that is known, or too many that are not."""
        if self._failing.is_empty(_address(request)):
            return _too_often(request, self._failing)
        response = refused(
            request,
            401,
            Sentence("Open the link that photosearch serve has shown, or send its token; it is not known."),
        )
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    def _refusal(self, request: Request) -> Response | None:
        """Why a request is not let in; None: it is."""
        headers, path, address = request.headers, request.scope["path"], _address(request)
        host = headers.get("host", "")
        if not self._hosts.know(host):
            return refused(
                request,
                421,
                Sentence(
                    "This service is not asked for by that name; use its address, or start it with "
                    "--behind-proxy and the name."
                ),
            )
        if "content-length" in headers and "transfer-encoding" in headers:
            # A proxy may see another request's beginning where this one ends: RFC 9112, 6.1.
            response = refused(
                request, 400, Sentence("Say in one way how long what you send is, not in two.")
            )
            response.headers["Connection"] = "close"
            return response
        if not _comes_from_here(request, host):
            return refused(request, 403, Sentence("A page of another site may not ask here."))
        kept = path not in self._told_to_all
        if self._has_session(headers):
            return None if self._asking.take(address) else _too_often(request, self._asking)
        named, token = _named(headers)
        if named:
            if self._failing.is_empty(address):
                return _too_often(request, self._failing)
            if self._knows(address, token):
                return None if self._asking.take(address) else _too_often(request, self._asking)
        if not self._strangers.take(address):
            return _too_often(request, self._strangers)
        return self.unknown(request) if kept or named else None

    def _knows(self, address: str, token: str) -> bool:
        if self._access.knows(token):
            return True
        self._failing.take(address)
        _log.warning("A wrong token was named from %s.", address)
        return False

    def _has_session(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return self._cookie in cookies and self._access.holds(cookies[self._cookie].value)

    def _bounded(self, request: Request, receive: Receive) -> Receive:
        """`receive`, with an end to how much comes and how slowly."""
        takes_pictures = request.method == "POST" and request.scope["path"] in self._take_pictures
        most = MOST_PICTURE_BYTES if takes_pictures else MOST_BYTES
        deadline = time.monotonic() + SECONDS_FOR_A_BODY
        got, over = 0, False

        async def bounded() -> Message:
            nonlocal got, over
            if over:  # only its leaving can follow
                return await receive()
            while True:
                try:
                    seconds = min(SECONDS_BETWEEN_PARTS, deadline - time.monotonic())
                    message = await asyncio.wait_for(receive(), max(seconds, 0.0))
                except TimeoutError:
                    raise _TooMuch(408, Sentence("What was sent came too slowly; send it again.")) from None
                got += len(message.get("body", b""))
                over = message["type"] == "http.disconnect" or not message.get("more_body", False)
                if got <= most:
                    return message
                if over or got > most + MOST_PASSED_OVER:
                    raise _TooMuch(
                        413,
                        Sentence(
                            "That is more than {megabytes} MB, which is not taken; send less.",
                            megabytes=most >> 20,
                        ),
                    )

        return bounded


class _TooMuch(Exception):
    def __init__(self, status: int, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.status, self.sentence = status, sentence


def _comes_from_here(request: Request, host: str) -> bool:
    """Whether no page of another site asks: browsers say so, and no page can make them say otherwise."""
    origins, site = request.headers.getlist("origin"), request.headers.get("sec-fetch-site")
    is_read = request.method in ("GET", "HEAD")
    opens_page = is_read and not request.scope["path"].startswith(API)
    if site not in (None, "same-origin", "none") and not opens_page:
        return False
    if not origins:
        return True
    try:
        return len(origins) == 1 and urlsplit(origins[0]).netloc.lower() == host.lower()
    except ValueError:
        return False


def _named(headers: Headers) -> tuple[bool, str]:
    """Whether a token is named, and the token; as a password, too, which programs know how to send."""
    kind, _, said = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return kind.lower() == "bearer", said.strip()
    try:
        return True, base64.b64decode(said, validate=True).decode().partition(":")[2]
    except ValueError:
        return True, ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _too_often(request: Request, buckets: Buckets) -> Response:
    seconds = buckets.seconds_left(_address(request))
    sentence = Sentence("That was asked too often; wait for {seconds:,} s.", seconds=seconds)
    response = refused(request, 429, sentence)
    response.headers["Retry-After"] = str(seconds)
    return response
