"""The frozen program beside the same one run by Python: the window's first frame, a search with no engine.

python -m tests.bench.frozen build/frozen/photosearch/photosearch

Takes Xvfb. What is on its screen is looked at again and again, as no program tells when it was drawn: the
first frame is there once the screen is not as it was before.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import ImageGrab

from photosearch.core.messages import Shutdown
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row, print_table

STORED = 10_000  # photos
SCREEN = "1280x860x24"
PATIENCE = 60.0  # seconds
SECONDS_BETWEEN_LOOKS = 0.005
LABEL = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("photo")
label.show()
app.exec()
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.frozen", description=__doc__)
    parser.add_argument("program", type=Path, help="the frozen executable")
    parser.add_argument("--rounds", type=int, default=11, metavar="N", help="of each, in turns")
    options = parser.parse_args()
    ours = [sys.executable, "-P", "-m", "photosearch"]
    frozen = [str(options.program.absolute())]
    with tempfile.TemporaryDirectory() as temporary, _screen() as display:
        library = Library(Path(temporary) / "library")
        fill(library, load_encoder(catalog.default()).encoder, STORED, small_jpeg())
        at = ["--library", str(library.root)]
        os.environ |= {"PHOTOSEARCH_LINGER_MINUTES": "0", "XDG_CONFIG_HOME": temporary}
        shown = _in_turns(
            lambda command: _first_frame(display, command, library),
            [[*frozen, *at], [*ours, *at], [sys.executable, "-c", LABEL]],
            options.rounds,
        )
        found = _in_turns(
            _search, [[*frozen, "search", "a dog", *at], [*ours, "search", "a dog", *at]], options.rounds
        )
    print(f"load average {os.getloadavg()[0]:.1f}\n")
    print_table(
        [
            Row("frozen window, start to first frame", *_beside(shown[0], "run by Python", shown[1])),
            Row("the same", *_beside(shown[0], "a bare Qt label", shown[2])),
            Row("frozen search, no engine running", *_beside(found[0], "run by Python", found[1])),
        ]
    )
    return 0


def _beside(seconds: float, other: str, of_other: float) -> tuple[str, str, float]:
    return f"{seconds:.2f} s", f"{other} {of_other:.2f} s", of_other / seconds


def _in_turns(
    measure: Callable[[Sequence[str]], float], commands: Sequence[Sequence[str]], rounds: int
) -> list[float]:
    """Median seconds of each, after one round that fills the disk's cache."""
    times = [[measure(command) for command in commands] for _ in range(1 + rounds)]
    return [statistics.median(column) for column in zip(*times[1:], strict=True)]


def _search(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _first_frame(display: str, command: Sequence[str], library: Library) -> float:
    """Seconds from the start of a program until something is on the screen; the program is ended then."""
    before = _pixels(display)
    start = time.perf_counter()
    program = subprocess.Popen(command, env=os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"})
    try:
        while _pixels(display) == before:
            if program.poll() is not None or time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"{command[0]} shows nothing.")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        seconds = time.perf_counter() - start
        engine = _engine(library) if str(library.root) in command else None
    finally:
        program.terminate()
        program.wait()
    if engine:
        with engine:
            engine.call(Shutdown())
    while _pixels(display) != before or Client.connect(library):
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return seconds


def _pixels(display: str) -> bytes:
    return ImageGrab.grab(xdisplay=display).tobytes()


def _engine(library: Library) -> Client:
    """That which a window starts."""
    over = time.perf_counter() + PATIENCE
    while (client := Client.connect(library)) is None:
        if time.perf_counter() > over:
            raise SystemExit("The window's engine does not come; is the frozen program of this commit?")
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return client


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """The name of an X display of its own."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
