"""A library served over HTTP by a real engine and a real server, and what is asked of it, as one likes."""

import contextlib
import http.client
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from photosearch.core import messages
from photosearch.engine.client import Client
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.serve.access import Access, new_token
from photosearch.serve.app import Service
from photosearch.serve.asking import Asking
from photosearch.serve.broadcast import Broadcast
from photosearch.serve.guard import Hosts
from photosearch.serve.server import Options, listening, server_of
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import engine_of
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for
from tests.helpers.tiny_encoder import COLOURS

COOKIE = "photosearch"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A service that runs."""

    library: Library
    folder: Path
    engine: Engine
    service: Service
    token: str
    port: int

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        token: str | None = "",
    ) -> Answer:
        """Ask one thing over a connection of its own.

        Args:
            body: bytes as they are, anything else as JSON
            token: "": the right one; None: none
        """
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token or self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(line):
            line.request(method, path, body, sent)
            reply = line.getresponse()
            return Answer(reply.status, reply.headers, reply.read())

    def api(self, path: str, method: str = "GET", body: object = None) -> Any:
        """What the API says, which does not refuse."""
        answer = self.ask(f"/api/v1{path}", method, body)
        assert answer.status == 200, answer
        return answer.said

    def id_of(self, name: str) -> int:
        found: int = self.api(f"/search?q=%22{name}%22")["hits"][0]["photo_id"]
        return found


@contextlib.contextmanager
def served(root: Path, *, allow_writes: bool = False, background: bool = False) -> Iterator[Served]:
    """A photo of each colour, named after it, each a day older than the one before."""
    library, folder = Library(root / "library"), root / "photos"
    describe_model(library)
    folder.mkdir()
    for day, name in enumerate(COLOURS):
        path = make_photo(folder / f"{name}.jpg", color=COLOURS[name])
        noon = time.mktime((2023, 6, 28 - day, 12, 0, 0, 0, 0, -1))
        os.utime(path, (noon, noon))
    with engine_of(library, background=background) as engine, Server(library, engine):
        engine.handle(messages.Index([os.fsencode(folder)]))
        with serving(library, folder, engine, allow_writes=allow_writes) as running:
            yield running


@contextlib.contextmanager
def serving(
    library: Library, folder: Path, engine: Engine, *, allow_writes: bool = False, behind_proxy: str = ""
) -> Iterator[Served]:
    """A service of an engine that listens."""
    token = new_token(library)
    asking = Asking(library, lambda: _connected(library))
    options = Options(port=0, allow_writes=allow_writes, behind_proxy=behind_proxy)
    broadcast = Broadcast(asking)
    service = Service(
        asking,
        broadcast,
        Access(token),
        Hosts(options.host, behind_proxy),
        COOKIE,
        allow_writes=allow_writes,
        secure=bool(behind_proxy),
    )
    with listening(options) as line:
        server = server_of(service, asking, broadcast, options)
        thread = threading.Thread(target=server.run, args=([line],))
        thread.start()
        try:
            wait_for(lambda: server.started)
            yield Served(library, folder, engine, service, token, line.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def _connected(library: Library) -> Client:
    client = Client.connect(library)
    assert client
    return client
