"""Asking for a new version, of a server on this machine."""

import contextlib
import json
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from photosearch import __version__, cli, updates
from photosearch.core.errors import KnownError
from photosearch.updates import Release

NEWER = {
    "version": "99.10.0",
    "page": "https://photos.example/99",
    "notes": "Finds more.\nIs faster.",
    "sha256": {"photosearch_99.10.0_amd64.deb": "ab" * 32},
}


class Asked(BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self) -> None:
        """Give what the server has; "/elsewhere" leads to a page that anybody could write."""
        self.server.heard.append(self.headers)
        self.server.go_on.wait()
        self.send_response(302 if self.path == "/elsewhere" else self.server.status)
        self.send_header("Location", "ftp://127.0.0.1/")
        self.send_header("Set-Cookie", "who=you")
        self.end_headers()
        with contextlib.suppress(OSError):  # the one who asked has heard enough
            self.wfile.write(self.server.body)

    def do_CONNECT(self) -> None:
        """What a proxy is asked for a page of https."""
        self.server.connected.append(self.path)
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.body, self.status = json.dumps(NEWER).encode(), 200
        self.heard: list[Message] = []
        self.connected: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def says(self, **changed: Any) -> None:
        self.body = json.dumps(NEWER | changed).encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        asks(monkeypatch, f"http://127.0.0.1:{server.server_port}/")
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


def asks(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(updates, "address", lambda: address)


def test_a_newer_version_is_told_and_nothing_of_the_one_who_asks(server: Server) -> None:
    for _ in range(2):
        assert updates.newest() == Release(**NEWER)
    assert updates.newest().is_newer
    for heard in server.heard:
        assert set(heard) <= {"Host", "User-Agent", "Accept-Encoding", "Connection"}
        assert heard["User-Agent"] == "PhotoSearch"  # no version, no system; and no cookie comes back


@pytest.mark.parametrize("version", [__version__, "0.0.9", f"v{__version__}"])
def test_the_same_and_an_older_version_are_no_news(server: Server, version: str) -> None:
    server.says(version=version)
    assert not updates.newest().is_newer


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "JSON"),
        (b"{}", "version"),
        (b'"' + b"x" * updates.LARGEST + b'"', "too large"),
        (json.dumps(NEWER | {"page": "file:///etc/passwd"}).encode(), "no https address"),
        (json.dumps(NEWER | {"version": "new"}).encode(), "no version"),
    ],
)
def test_an_answer_that_makes_no_sense_is_told_in_a_sentence(
    server: Server, body: bytes, reason: str
) -> None:
    server.body = body
    with pytest.raises(KnownError, match=rf"^Whether there is a newer .* does not say .*{reason}.*\)\.$"):
        updates.newest()


def test_a_refusal_and_a_way_elsewhere_are_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.status = 404
    with pytest.raises(KnownError, match="404"):
        updates.newest()
    asks(monkeypatch, f"{updates.address()}elsewhere")
    with pytest.raises(KnownError, match="cannot be found out"):
        updates.newest()
    asks(monkeypatch, "http://photos.example/")
    with pytest.raises(KnownError, match="no https address"):
        updates.newest()


def test_a_server_that_is_silent_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "SECONDS", 0.05)
    server.go_on.clear()
    with pytest.raises(KnownError, match=r"no answer within|timed out"):
        updates.newest()


def test_it_goes_through_the_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.server_port}")
    asks(monkeypatch, "https://photos.example/newest.json")
    with pytest.raises(KnownError, match="cannot be found out"):
        updates.newest()
    assert server.connected == ["photos.example:443"]


def test_the_command_says_where_to_get_it(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["update", "--check"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"PhotoSearch 99.10.0 is out; this is {__version__}.\n  Finds more.\n")
    assert "https://photos.example/99\n" in said and f"{'ab' * 32}  photosearch_99.10.0_amd64.deb" in said
    server.says(version=__version__)
    assert cli.main(["update"]) == 0
    assert capsys.readouterr().out == f"PhotoSearch {__version__} is the newest version.\n"


def test_without_an_address_nobody_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["update"]) == 1
    assert "made without an address" in capsys.readouterr().err
