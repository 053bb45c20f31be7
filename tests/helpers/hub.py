"""A hub on loopback: as much of its API as `huggingface_hub` uses to download a model.

As a person would start it: `python -m tests.helpers.hub tiny/clip=FOLDER …`, then HF_ENDPOINT as it prints.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_API = re.compile(r"/api/models/([\w.-]+/[\w.-]+)/(revision|tree)/([^/]+)")
_FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/[^/]+/(.+)")


class Hub(ThreadingHTTPServer):
    """Gives out folders under ids.

    Attributes:
        gated: ids whose files take a login
        cut: how many bytes of a file's body are sent before the connection is cut, and how often
        ranges: the ranges of files that were asked for, as they were asked for
    """

    daemon_threads = True

    def __init__(self, models: Mapping[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.models = models
        self.gated: set[str] = set()
        self.cut = (0, 0)
        self.ranges: list[str] = []

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT is to be."""
        return f"http://127.0.0.1:{self.server_port}"


class _Asked(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if found := _API.fullmatch(path):
            self._describe(*found.groups())
        elif found := _FILE.fullmatch(path):
            self._give(*found.groups())
        else:
            self._refuse(404, "EntryNotFound")

    def _describe(self, model: str, what: str, revision: str) -> None:
        if (folder := self.server.models.get(model)) is None:
            return self._refuse(404, "RepoNotFound")
        if revision not in ("main", COMMIT):
            return self._refuse(404, "RevisionNotFound")
        files = sorted(file for file in folder.iterdir() if file.is_file())
        if what == "tree":
            return self._say(
                [
                    {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": _etag(file)}
                    for file in files
                ]
            )
        siblings = [{"rfilename": file.name} for file in files]
        return self._say({"id": model, "sha": COMMIT, "tags": [], "siblings": siblings})

    def _give(self, model: str, name: str) -> None:
        if model in self.server.gated:
            return self._refuse(401, "GatedRepo")
        file = self.server.models.get(model, Path("nowhere")) / name
        if not file.is_file():
            return self._refuse(404, "EntryNotFound")
        data, start = file.read_bytes(), 0
        if asked := self.headers.get("Range"):
            self.server.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{_etag(file)}"')
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if self.command == "GET":
            self._send(data[start:])
        return None

    def _send(self, data: bytes) -> None:
        after, times = self.server.cut
        if times and len(data) > after:
            self.server.cut = (after, times - 1)
            data, self.close_connection = data[:after], True
        self.wfile.write(data)

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


def _etag(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


@contextlib.contextmanager
def serving(models: Mapping[str, Path]) -> Iterator[Hub]:
    """A hub that answers for the while."""
    with Hub(models) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


if __name__ == "__main__":
    with Hub({name: Path(folder) for name, folder in (each.split("=") for each in sys.argv[1:])}) as started:
        print(f"HF_ENDPOINT={started.endpoint}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            started.serve_forever()
