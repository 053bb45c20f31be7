"""A window at work while its engines are killed and its photos change: it answers again each time."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from photosearch.core import messages
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import make_photo
from tests.helpers.processes import ENVIRONMENT, PATIENCE, photosearch, wait_for
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.tally import Tally

PHOTOS = 80
BETWEEN = (1.0, 5.0)  # seconds between two kills


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """Kill the window's engines until the time is over, at least once."""
    rng = random.Random(seed)
    library, photos = Library(place / "library"), place / "photos"
    photos.mkdir()
    for number in range(PHOTOS):
        make_photo(photos / f"q{number}.jpg", number)
    copy_to_run("onnx", library.models / "tiny")
    ended = photosearch("index", photos, "--library", library.root, "--model", "tiny")
    assert ended.code == 0, ended.errors
    command = [sys.executable, "-m", "tests.torture.window_at_work", str(library.root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    deadline = time.monotonic() + seconds
    with subprocess.Popen(command, text=True, env=ENVIRONMENT, **pipes) as window:  # type: ignore[call-overload]
        answers = Answers(window)
        kills = 0
        while not kills or time.monotonic() < deadline:
            tally.check("a window answers after its engine was killed", answers.come(), _told(window))
            for _ in range(20):
                make_photo(photos / f"q{rng.randrange(PHOTOS * 2)}.jpg", rng.randrange(10**6))
            time.sleep(rng.uniform(*BETWEEN))
            for engine in _engines(library):
                engine.kill()
            kills += 1
            tally.count("engines killed under the window")
        tally.check("a window answers after its engine was killed", answers.come(), _told(window))
        tally.check("a window outlives its engines", window.poll() is None, _told(window))
        said = answers.last_words()
        tally.check("a window that is closed ends", window.wait(PATIENCE) == 0, _told(window))
    if client := Client.connect(library):
        with client:
            client.call(messages.Shutdown())
        wait_for(lambda: not _engines(library))
    tally.count("answers shown", answers.count)
    tally.count("times that the person had to try again", int(said["retried"]))
    tally.figure("ms between two turns of the window's loop, p99", f"{said['p99'] * 1000:.0f}")
    tally.figure("ms between two turns of the window's loop, at most", f"{said['longest'] * 1000:.0f}")
    found = LibraryOnDisk(library.root)
    tally.check("a killed library is sound, and found by what it shows", not found.faults, found.faults)


class Answers:
    """What the window says, read on a thread of its own."""

    def __init__(self, window: "subprocess.Popen[str]") -> None:
        self.count = 0
        self._window = window
        self._last = "{}"
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def come(self) -> bool:
        """Whether answers come from now on."""
        before, give_up = self.count, time.monotonic() + PATIENCE
        while self.count < before + 2 and time.monotonic() < give_up and self._window.poll() is None:
            time.sleep(0.05)
        return self.count >= before + 2

    def last_words(self) -> dict[str, float]:
        """Close the window; -> what it measured."""
        assert self._window.stdin is not None
        self._window.stdin.close()
        self._reading.join(PATIENCE)
        measured: dict[str, float] = json.loads(self._last)
        return measured

    def _read(self) -> None:
        assert self._window.stdout is not None
        for line in self._window.stdout:
            self._last = line
            self.count += line == "answered\n"


def _engines(library: Library) -> list[psutil.Process]:
    """The engines of this library, whoever started them."""
    mine = ["photosearch.engine", "--library", os.fspath(library.root.absolute())]
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if command[2:5] == mine and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def _told(window: "subprocess.Popen[str]") -> str:
    """What a window that has ended wrote to its terminal."""
    return window.stderr.read()[-2000:] if window.poll() is not None and window.stderr else ""
