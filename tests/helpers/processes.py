"""Running the real program in processes of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import psutil

from photosearch.engine.client import Client
from photosearch.paths import Library

_OF_A_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
PATIENCE = 300.0  # seconds; importing torch takes its time on a busy machine
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in _OF_A_DISPLAY},
    "OMP_NUM_THREADS": "1",
}


class Ended(NamedTuple):
    code: int
    output: str
    errors: str


def photosearch(
    *arguments: str | bytes | os.PathLike[str],
    stdin: bytes = b"",
    environment: Mapping[str, str] = ENVIRONMENT,
    folder: Path | None = None,
    stdout: BinaryIO | None = None,
    patience: float = PATIENCE,
) -> Ended:
    """Run a command to its end, in a folder of its own or the present one."""
    ended = subprocess.run(
        [sys.executable, "-m", "photosearch", *arguments],
        input=stdin,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=patience,
        env=environment,
        cwd=folder,
        check=False,
    )
    assert b"Traceback" not in ended.stderr, ended.stderr.decode()
    return Ended(ended.returncode, os.fsdecode(ended.stdout or b""), ended.stderr.decode())


def start(
    module: str,
    *arguments: str | os.PathLike[str],
    inside: Sequence[str] = (),
    environment: Mapping[str, str] = ENVIRONMENT,
) -> "subprocess.Popen[str]":
    """Start `python -m module` with its output to be read line by line, `inside` another command."""
    return subprocess.Popen(
        [*inside, sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def client_of(library: Library, engine: "subprocess.Popen[str]") -> Client:
    """Wait for a started engine to listen."""
    found: list[Client] = []

    def connected() -> bool:
        assert engine.poll() is None, engine.communicate()
        client = Client.connect(library)
        found.extend([client] if client else [])
        return client is not None

    wait_for(connected)
    return found[0]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """The decoders of an engine."""
    return psutil.Process(process.pid).children(recursive=True)
