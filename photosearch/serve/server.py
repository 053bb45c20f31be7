"""Runs the service until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.engine.client import Client
from photosearch.paths import Library
from photosearch.serve import PORT
from photosearch.serve.access import Access
from photosearch.serve.app import Service
from photosearch.serve.asking import Asking
from photosearch.serve.broadcast import Broadcast
from photosearch.serve.guard import Hosts
from photosearch.serve.saying import JSON
from photosearch.serve.shapes import Refusal

SECONDS_FOR_HEADERS = 10.0
MOST_CONNECTIONS = 200
MOST_OF_ONE_ADDRESS = 50  # browsers open six
_SECONDS_TO_END = 1
_THIS_COMPUTER = ("127.0.0.1", "::1")
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)

_log = logging.getLogger(__name__)


class Options(NamedTuple):
    """How it is run.

    Attributes:
        host: the address to listen on
        behind_proxy: the name by which a proxy on this computer, which speaks TLS, is asked; empty: none
    """

    host: str = "127.0.0.1"
    port: int = PORT
    allow_writes: bool = False
    behind_proxy: str = ""


@contextlib.contextmanager
def listening(options: Options) -> Iterator[socket.socket]:
    """The port, taken.

    Raises:
        KnownError: another program has it, there is no such address here, or the proxy has no such name.
    """
    if options.behind_proxy and not _NAME.fullmatch(options.behind_proxy):
        raise KnownError(
            "{name} is no name of a computer; give the name alone, such as photos.example.org.",
            name=options.behind_proxy,
        )
    try:
        address = ipaddress.ip_address(options.host)
    except ValueError:
        raise KnownError(
            "{host} is no address; give a number, such as 127.0.0.1 or, for the whole network, 0.0.0.0.",
            host=options.host,
        ) from None
    if not 0 <= options.port <= 65535:
        raise KnownError("{port} is no port; choose one from 1 to 65535.", port=options.port)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # asyncio sends without delay only where it is told that this is TCP: 40 ms for each small picture.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((options.host, options.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise KnownError(
                    "Port {port} is taken by another program, perhaps by another photosearch serve; choose "
                    "one that is free: --port {next}",
                    port=options.port,
                    next=min(options.port + 1, 65535),
                ) from error
            raise KnownError(
                "Nothing can listen on {host}, port {port}: {reason}.",
                host=options.host,
                port=options.port,
                reason=system_reason(error),
            ) from error
        yield line


def own_address(host: str) -> str:
    """What others in the network call this computer, where it listens on all its addresses."""
    address = ipaddress.ip_address(host)
    if not address.is_unspecified:
        return host
    version = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    somewhere = "2001:db8::1" if address.version == 6 else "192.0.2.1"  # nobody's, by RFC 3849 and 5737
    with contextlib.suppress(OSError), socket.socket(version, socket.SOCK_DGRAM) as line:
        line.connect((somewhere, 9))  # chooses the way, and sends nothing
        return str(line.getsockname()[0])
    return "localhost"


def run(
    library: Library,
    access: Access,
    options: Options,
    line: socket.socket,
    begun: Callable[[], object] = lambda: None,
) -> None:
    """Serve on `line` until SIGINT or SIGTERM, which is raised then.

    Args:
        begun: called once it listens

    Raises:
        KeyboardInterrupt
        KnownError: the library's engine cannot be started.
    """
    client = Client.connect_or_start(library)  # it is there as long as this runs
    asking = Asking(library, lambda: Client.connect_or_start(library))
    broadcast = Broadcast(asking)
    service = Service(
        asking,
        broadcast,
        access,
        Hosts(options.host, options.behind_proxy),
        f"photosearch_{line.getsockname()[1]}",  # browsers share cookies between the ports of a computer
        allow_writes=options.allow_writes,
        secure=bool(options.behind_proxy),
    )
    try:
        line.listen()
        begun()
        server_of(service, asking, broadcast, options).run([line])
    finally:
        asking.close()
        client.close()


def server_of(service: Service, asking: Asking, broadcast: Broadcast, options: Options) -> uvicorn.Server:
    """What runs the service; its end ends what is being asked of the engine."""
    config = uvicorn.Config(
        service.app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # addresses are queries, and the first one has the token
        server_header=False,
        proxy_headers=bool(options.behind_proxy),
        forwarded_allow_ips=",".join(_THIS_COMPUTER),
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    return _Server(config, asking, broadcast)


class _Server(uvicorn.Server):
    """Does not wait for answers of the engine when it is to end."""

    def __init__(self, config: uvicorn.Config, asking: Asking, broadcast: Broadcast) -> None:
        super().__init__(config)
        self._asking, self._broadcast = asking, broadcast

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._broadcast.start()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.to_thread(self._asking.close)
        self._broadcast.close()
        await super().shutdown(sockets)


class _Protocol(H11Protocol):
    """Bounds connections, and hangs up on who begins a request and does not come to the end of its headers.

    What is refused here was not read, so that nobody knows its language.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._patience = self.loop.call_later(SECONDS_FOR_HEADERS, self._hang_up_if_unasked)
        if len(self.connections) > MOST_CONNECTIONS or self._has_too_many():
            self._refuse(
                "503 Service Unavailable", Sentence("Too much is asked at once; try again in a moment.")
            )

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_asked():
            self._patience.cancel()
        elif self._patience.cancelled():  # the next request over this connection has begun
            self._patience = self.loop.call_later(SECONDS_FOR_HEADERS, self._hang_up_if_unasked)

    def _is_asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _hang_up_if_unasked(self) -> None:
        if not self._is_asked() and not self.transport.is_closing():
            self.transport.close()

    def _has_too_many(self) -> bool:
        """Whether who connects has too many connections; a proxy's are those of many."""
        address = _host(self)
        if self.config.proxy_headers and address in _THIS_COMPUTER:
            return False
        return sum(_host(other) == address for other in self.connections) > MOST_OF_ONE_ADDRESS

    def send_400_response(self, msg: str) -> None:
        self._refuse("400 Bad Request", Sentence("That is no HTTP request."))

    def _refuse(self, status: str, sentence: Sentence) -> None:
        body = msgspec.json.encode(Refusal(sentence=str(sentence)))
        head = f"HTTP/1.1 {status}\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\n"
        self.transport.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        self.transport.close()


def _host(protocol: object) -> str | None:
    """The address of who is connected."""
    client = getattr(protocol, "client", None)
    return client[0] if client else None
