"""Tiny wheels in a folder that pip takes in place of an index, and a server that is slow to send them."""

import contextlib
import functools
import hashlib
import http.server
import os
import re
import threading
import zipfile
from pathlib import Path
from typing import Any, Self

import pytest

from photosearch import paths
from photosearch.extras import GPU, VIDEO


def make_wheel(folder: Path, name: str, version: str, *, needs: str = "", code: str = "") -> Path:
    """A wheel of one module; `needs` is a requirement of its."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {needs}\n" if needs else ""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", code)
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def fetch_from_wheels(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place that pip knows; "torch_of_the_test" is what makes the extra.

    What is fetched goes to another folder beside it, and nothing is installed with PhotoSearch.
    """
    wheels = folder / "wheels"
    wheels.mkdir()
    monkeypatch.setattr(paths, "extras", lambda: folder / "extras")
    monkeypatch.setattr(GPU, "requirements", lambda: ["torch_of_the_test>=2", "numpy"])
    monkeypatch.setattr(GPU, "package", "torch_of_the_test")
    monkeypatch.setattr(VIDEO, "requirements", lambda: ["pyav_of_the_test"])
    monkeypatch.setattr(VIDEO, "package", "pyav_of_the_test")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


class SlowIndex:
    """Lists the wheels of a folder, and sends half of one before `go_on`; a context manager on loopback.

    Attributes:
        asked: a wheel was asked for
        ranges: from which byte on each was, None: wholly
        wrong: what is sent in the place of wheels; None: they are
        tells_sizes: whether it answers HEAD
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.ranges: list[int | None] = []
        self.wrong: bytes | None = None
        self.tells_sizes = True
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, self))
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, index: SlowIndex, *request: Any) -> None:
        self._index = index
        super().__init__(*request)

    def do_HEAD(self) -> None:
        """How large a wheel is."""
        if self._index.tells_sizes:
            self._begin(200, "application/zip", len(self._wheel()))
        else:
            self._begin(405, "text/plain", 0)

    def do_GET(self) -> None:
        """The page of links, what one says of itself (PEP 658), or the wheel."""
        if self.path == "/":
            page = "".join(map(_link, self._index.folder.glob("*.whl")))
            body = f"<!DOCTYPE html><html><body>{page}</body></html>".encode()
            self._begin(200, "text/html", len(body))
            self.wfile.write(body)
        elif self.path.endswith(".metadata"):
            with zipfile.ZipFile(self._index.folder / self.path[1:].removesuffix(".metadata")) as wheel:
                body = wheel.read(next(name for name in wheel.namelist() if name.endswith("METADATA")))
            self._begin(200, "text/plain", len(body))
            self.wfile.write(body)
        else:
            start = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
            self._send_wheel(int(start[1]) if start else None)

    def _send_wheel(self, start: int | None) -> None:
        self._index.ranges.append(start)
        whole = self._wheel()
        rest = whole[start or 0 :]
        half = max(0, len(whole) // 2 - (start or 0))
        self._begin(206 if start else 200, "application/zip", len(rest))
        with contextlib.suppress(OSError):  # the one who asked was ended
            self.wfile.write(rest[:half])
            self.wfile.flush()
            self._index.asked.set()
            self._index.go_on.wait()
            self.wfile.write(rest[half:])

    def _wheel(self) -> bytes:
        return (
            (self._index.folder / self.path[1:]).read_bytes()
            if self._index.wrong is None
            else self._index.wrong
        )

    def _begin(self, status: int, kind: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests read what is said."""


def _link(wheel: Path) -> str:
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f'<a href="{wheel.name}#sha256={sha256}" data-core-metadata="true">{wheel.name}</a>'
