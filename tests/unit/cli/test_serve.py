import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.engine.server import Server
from photosearch.paths import Library
from photosearch.serve.access import token_of
from tests.helpers.colour_library import make_colour_library
from tests.helpers.engine import engine_of
from tests.helpers.processes import ENVIRONMENT


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """With an engine that runs."""
    library = Library(tmp_path / "library")
    make_colour_library(library)
    with engine_of(library) as engine, Server(library, engine):
        yield library


def main(library: Library, *arguments: str) -> int:
    return cli.main(["--library", str(library.root), "serve", *arguments])


def test_it_serves_until_ctrl_c_whoever_still_listens(library: Library) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "photosearch", "--library", library.root, "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert process.stdout
    told = json.loads(process.stdout.readline())
    token = told["link"].partition("?token=")[2]
    assert token == token_of(library)
    if os.name != "nt":
        assert stat.S_IMODE(library.serve_token.stat().st_mode) == 0o600
    port = int(told["address"].rstrip("/").rpartition(":")[2])
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
    reply = line.getresponse()
    assert reply.status == 200 and reply.readline().startswith(b":")
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == cli.INTERRUPTED and errors == "photosearch: stopped serving.\n"
    assert rest == ""  # one JSON object was told
    while reply.readline():
        pass  # the stream was ended in order
    line.close()


def test_a_port_that_is_taken_is_said_in_a_sentence(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(library, "--port", str(port)) == 1
    assert f"Port {port} is taken" in (said := capsys.readouterr().err) and "--port" in said
    assert token_of(library) is None  # none is made for nothing
    for wrong, said in (
        (("--host", "localhost.example"), "is no address"),
        (("--port", "70000"), "is no port"),
    ):
        assert main(library, *wrong) == 1
        assert said in capsys.readouterr().err


def test_an_extra_that_is_missing_is_said_with_how_to_get_it(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.serve, "PACKAGES", ("no_such_package",))
    assert main(library) == 1
    assert "pip install 'photosearch[serve]'" in capsys.readouterr().err
