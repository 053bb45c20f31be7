"""A hub on loopback: as much of its API as `huggingface_hub` uses to download a model, and its moods.

As a person would start it: `python -m tests.helpers.hub` gives out a tiny model under each id of the
catalogue (`python -m tests.helpers.hub tiny/clip=FOLDER …`: what is in folders) and prints what to set for
PhotoSearch to ask there. `--rate 50000` lets so many bytes through a second.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REVISIONS = ("main", COMMIT, "refs/pr/1")
BLOCK = 4096  # bytes that are sent at once where the rate is bounded
_API = re.compile(r"/api/models/([\w.-]+/[\w.-]+)(?:/(revision|tree)/(.+))?")
_FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/(.+)/([^/]+)")
_STORED = re.compile(r"/stored/([\w.-]+/[\w.-]+)/([^/]+)")


class Hub(ThreadingHTTPServer):
    """Gives out folders under ids. Large files lie on another host, as the real one has it.

    Attributes:
        gated: ids whose files take the token
        token: that opens them
        refuses: a status that every request is answered with; 0: none
        cut: how many bytes of a file's body are sent before the connection is cut, and how often
        silent: how many bytes of a file's body are sent before nothing comes any more; None: all come
        rate: bytes a second of a body; 0: as they come
        more: descriptions of files that a model is said to have beside its own
        says: what is answered of every model, instead of what is true; ...: the truth
        other: names of files that are given out with another byte than the hub says
        ranges: the ranges of files that were asked for, as they were asked for
        asked: paths that were asked for, and the token that came with each
    """

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, models: Mapping[str, Path], rate: int = 0, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Asked)
        self.models = models
        self.gated: set[str] = set()
        self.token = "hf_open"
        self.refuses = 0
        self.cut = (0, 0)
        self.silent: int | None = None
        self.rate = rate
        self.other: set[str] = set()
        self.says: Any = ...
        self.more: list[dict[str, Any]] = []
        self.ranges: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.closing = threading.Event()

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT is to be."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went."""


class _Asked(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append((path, self.headers.get("Authorization", "").removeprefix("Bearer ")))
        if self.server.refuses:
            self._refuse(self.server.refuses, "")
        elif found := _STORED.fullmatch(path):
            self._store(*found.groups())
        elif found := _API.fullmatch(path):
            self._describe(*found.groups())
        elif found := _FILE.fullmatch(path):
            self._resolve(*found.groups())
        else:
            self._refuse(404, "EntryNotFound")

    def _describe(self, model: str, what: str | None, revision: str | None) -> None:
        if (folder := self.server.models.get(model)) is None:
            return self._refuse(401, "RepoNotFound")  # as the real one answers who has no token
        if (revision or "main") not in REVISIONS:
            return self._refuse(404, "RevisionNotFound")
        if self.server.says is not ...:
            return self._say(self.server.says)
        files = [_described(file) for file in sorted(folder.iterdir()) if file.is_file()]
        if what == "tree":
            return self._say(
                [
                    {
                        "type": "file",
                        "path": file["rfilename"],
                        "oid": file["blobId"],
                        "size": file["size"],
                        "lfs": file["lfs"] and {**file["lfs"], "oid": file["lfs"]["sha256"]},
                    }
                    for file in files
                ]
            )
        return self._say({"id": model, "sha": COMMIT, "tags": [], "siblings": files + self.server.more})

    def _resolve(self, model: str, revision: str, name: str) -> None:
        if model in self.server.gated and self.server.asked[-1][1] != self.server.token:
            return self._refuse(401, "GatedRepo")
        file = self._file(model, name)
        if revision not in REVISIONS or file is None:
            return self._refuse(404, "EntryNotFound")
        described = _described(file)
        if not (lfs := described["lfs"]):
            return self._give(file)
        self.send_response(302)
        self.send_header("Location", f"http://localhost:{self.server.server_port}/stored/{model}/{name}")
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Etag", f'"{lfs["sha256"]}"')
        self.send_header("X-Linked-Size", str(lfs["size"]))
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _store(self, model: str, name: str) -> None:
        if (file := self._file(model, name)) is None:
            return self._refuse(404, "EntryNotFound")
        return self._give(file)

    def _file(self, model: str, name: str) -> Path | None:
        file = self.server.models.get(model, Path("nowhere")) / name
        return file if file.is_file() else None

    def _give(self, file: Path) -> None:
        data, start = file.read_bytes(), 0
        if file.name in self.server.other:
            data = bytes([data[0] ^ 1]) + data[1:]
        if asked := self.headers.get("Range"):
            self.server.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").split("-")[0])
        described = _described(file)
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        etag = described["lfs"]["sha256"] if described["lfs"] else described["blobId"]
        self.send_header("ETag", f'"{etag}"')
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if self.command == "GET":
            self._send(data[start:])

    def _send(self, data: bytes) -> None:
        after, times = self.server.cut
        if times and len(data) > after:
            self.server.cut = (after, times - 1)
            data, self.close_connection = data[:after], True
        silent = self.server.silent
        if silent is not None and len(data) > silent:
            self.wfile.write(data[:silent])
            self.server.closing.wait(60)
            self.close_connection = True
            return
        if not self.server.rate:
            self.wfile.write(data)
            return
        for start in range(0, len(data), BLOCK):
            block = data[start : start + BLOCK]
            self.wfile.write(block)
            if self.server.closing.wait(len(block) / self.server.rate):
                return

    def _say(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _described(file: Path) -> dict[str, Any]:
    """What the hub says of a file: large ones are kept apart and named by their SHA-256."""
    data = file.read_bytes()
    large = file.suffix in (".safetensors", ".bin", ".model")
    lfs = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return {"rfilename": file.name, "size": len(data), "blobId": blob, "lfs": lfs if large else None}


@contextlib.contextmanager
def serving(models: Mapping[str, Path]) -> Iterator[Hub]:
    """A hub that answers for the while."""
    with Hub(models) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hub
        finally:
            hub.closing.set()
            hub.shutdown()
            thread.join()


def use(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does when the client is imported."""
    import huggingface_hub
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    huggingface_hub.close_session()


def catalogue(folder: Path) -> dict[str, Path]:
    """A tiny model of random weights for each id of the catalogue, in the hub's own format."""
    from photosearch.models.offers import known_models
    from tests.helpers.tiny_hub import make_hub_whole
    from tests.helpers.tiny_open_clip import make_open_clip

    made = {}
    for seed, known in enumerate(known_models()):
        name = known.source.partition("@")[0]
        if (family := known.architecture["model_type"]) == "open_clip":
            made[name] = folder / name
            make_open_clip(made[name], seed=seed)
        else:
            made[name] = make_hub_whole(folder / name, family, seed)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.helpers.hub", description=__doc__)
    parser.add_argument(
        "models", nargs="*", metavar="ID=FOLDER", help="what to give out (default: see above)"
    )
    parser.add_argument("--rate", type=int, default=0, metavar="BYTES", help="that come through a second")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--gated", action="append", default=[], metavar="ID", help="that takes a token")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        models = {name: Path(folder) for name, folder in (each.split("=") for each in options.models)}
        with Hub(models or catalogue(Path(made)), options.rate, options.port) as hub:
            hub.gated.update(options.gated)
            for name in hub.models:
                print(name, file=sys.stderr)
            print(f"HF_ENDPOINT={hub.endpoint}", flush=True)
            if hub.gated:
                print(f"HF_TOKEN={hub.token}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                hub.serve_forever()


if __name__ == "__main__":
    main()
