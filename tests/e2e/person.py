"""The real program on a display of its own, driven by keyboard and mouse as a person would: `make e2e`.

Needs Xvfb and xdotool. What the keys did is read from the library; pictures of the screen are kept.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from PIL import Image, ImageChops, ImageGrab

from photosearch.core.query import Favourite
from photosearch.demo import photos
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader

SCREEN = (1280, 860)
PATIENCE = 180.0  # seconds; the first start of an engine imports torch
_STEADY = 0.7  # seconds without a change: the window has done what was asked
CAPTION = "Coffee at last"


class Desk:
    """A display, the program on it, and hands."""

    def __init__(self, display: str, home: Path, pictures: Path) -> None:
        self._pictures = pictures
        self._taken = 0
        self.display = display
        self.library = Library(home / "data" / "PhotoSearch")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND"))},
            "DISPLAY": display,
            "HOME": os.fspath(home),
            "XDG_DATA_HOME": os.fspath(home / "data"),
            "XDG_CONFIG_HOME": os.fspath(home / "config"),
            "XDG_RUNTIME_DIR": os.fspath(home),
            "OMP_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
        }

    def start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "photosearch"]
        return subprocess.Popen(command, env=self._environment, stderr=subprocess.PIPE, text=True)

    def xdotool(self, *arguments: str) -> str:
        ended = subprocess.run(
            ["xdotool", *arguments], env=self._environment, capture_output=True, text=True, check=True
        )
        return ended.stdout.strip()

    def front(self) -> None:
        """Wait for the window and give it the keyboard, as a window manager would; there is none here."""
        window = self.xdotool("search", "--sync", "--onlyvisible", "--name", "^PhotoSearch$")
        self.xdotool("windowfocus", window.splitlines()[0])

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.xdotool("key", "--clearmodifiers", key)
            self.rest()

    def type(self, text: str) -> None:
        self.xdotool("type", "--delay", "40", text)
        self.rest()

    def click(self, x: int, y: int, *, times: int = 1, button: int = 1) -> None:
        self.xdotool("mousemove", str(x), str(y))
        self.xdotool("click", "--repeat", str(times), "--delay", "60", str(button))
        self.rest()

    def screen(self) -> Image.Image:
        return ImageGrab.grab(xdisplay=self.display)

    def rest(self) -> None:
        """Until the screen stays as it is; a cursor may blink."""
        before, since = self.screen(), time.monotonic()
        deadline = since + PATIENCE
        while time.monotonic() - since < _STEADY and time.monotonic() < deadline:
            time.sleep(0.1)
            now = self.screen()
            if changed(before, now) > 400:
                before, since = now, time.monotonic()

    def keep(self, name: str) -> Image.Image:
        """A picture of the screen as it is."""
        self._taken += 1
        picture = self.screen()
        picture.save(self._pictures / f"{self._taken:02}-{name}.png")
        print(f"  {name}", flush=True)
        return picture

    def wait(self, what: str, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                self.keep("too-late")
                raise SystemExit(f"It did not come to pass: {what}")
            time.sleep(0.1)

    # --- what the library knows

    def photos(self) -> int:
        try:
            with Reader.open(self.library) as reader:
                return len(reader.living())
        except NoLibrary:
            return 0

    def favourites(self) -> set[str]:
        with Reader.open(self.library) as reader:
            found = reader.matching([Favourite()])
            return {Path(photo.path).name for photo in reader.photos(found)}

    def rated(self, stars: int) -> set[str]:
        with Reader.open(self.library) as reader:
            details = [reader.details(int(photo_id)) for photo_id in reader.living()]
            return {
                Path(os.fsdecode(each.files[0].path)).name
                for each in details
                if each and each.rating == stars
            }

    def captions(self) -> set[str]:
        with Reader.open(self.library) as reader:
            return {caption.text for caption in reader.captions()}

    def engines(self) -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if "photosearch.engine" in (line := process.info["cmdline"] or ())
            and os.fspath(self.library.root) in line
        ]


def changed(one: Image.Image, other: Image.Image) -> int:
    """How many pixels are others."""
    difference = ImageChops.difference(one.convert("L"), other.convert("L"))
    return sum(difference.histogram()[8:])


def session(desk: Desk, folder: Path) -> None:
    """A first day with the program."""
    print("first start")
    program = desk.start()
    desk.front()
    desk.rest()
    desk.keep("welcome")
    desk.keys("ctrl+shift+o")  # what has the keyboard may be the pictures of whoever runs this
    desk.type(os.fspath(folder))
    desk.keep("choosing-a-folder")
    desk.keys("Return")
    desk.front()
    samples = len(list(folder.iterdir()))
    desk.wait("the photos are read", lambda: desk.photos() == samples)
    desk.rest()
    desk.keep("timeline")

    print("finding, by keyboard")
    desk.keys("ctrl+f")
    desk.type("a cup of coffee")
    desk.keys("Return")
    desk.keep("results")
    desk.keys("Down", "f")
    desk.wait("coffee is a favourite", lambda: desk.favourites() == {"coffee.png"})
    grid = desk.keep("favourite")
    desk.keys("space")
    assert changed(grid, desk.keep("detail")) > 100_000
    desk.keys("Right", "Left", "c")
    desk.type(CAPTION)
    desk.keys("Return")
    desk.wait("the caption is kept", lambda: desk.captions() == {CAPTION})
    desk.keep("caption")
    desk.keys("plus", "plus", "Escape")
    desk.keys("ctrl+f")
    desk.type("type:jpeg")
    desk.keys("Return", "Down", "ctrl+a", "4")
    jpegs = {path.name for path in folder.glob("*.jpg")}
    desk.wait("exactly what the filter left is rated", lambda: desk.rated(4) == jpegs)
    desk.keep("filter")
    desk.keys("ctrl+f")
    desk.type("dat:2020")
    desk.keys("Return")
    desk.keep("error")
    desk.keys("Escape")

    print("by mouse")
    before = desk.screen()
    desk.click(60, 84)
    assert changed(before, desk.keep("favourites")) > 10_000
    before = desk.screen()
    desk.click(400, 240, times=2)
    assert changed(before, desk.keep("detail-by-double-click")) > 100_000
    desk.click(500, 400, button=4, times=2)
    desk.keys("Escape")
    desk.click(60, 57)  # all photos, as a search is asked of what the sidebar shows

    print("the engine is killed")
    for engine in desk.engines():
        engine.kill()
    desk.rest()
    desk.keep("engine-killed")
    desk.keys("ctrl+f")
    desk.type("a cat")
    desk.keys("Return")
    desk.wait("there is an engine again", desk.engines)
    desk.wait("the cat was found", lambda: _favoured(desk, "chelsea.png"))
    desk.keep("found-by-the-next-engine")

    print("a second start")
    assert desk.start().wait(PATIENCE) == 0, "it does not leave the first alone"
    assert program.poll() is None
    desk.keys("ctrl+q")
    _ended(program)

    print("the next day")
    program = desk.start()
    desk.front()
    desk.wait("the photos are shown", lambda: changed(before, desk.screen()) > 10_000)
    desk.rest()
    desk.keep("next-day")
    desk.keys("question")
    desk.keep("shortcuts")
    desk.keys("Escape")
    desk.front()
    desk.keys("ctrl+q")
    _ended(program)


def _favoured(desk: Desk, name: str) -> bool:
    """Try until the first photo found is this one."""
    if name not in desk.favourites():
        time.sleep(2)
        desk.keys("ctrl+f", "Down", "f")
        time.sleep(1)
    return name in desk.favourites()


def _ended(program: "subprocess.Popen[str]") -> None:
    _, errors = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, errors
    assert not errors.strip(), f"It printed: {errors}"


@contextlib.contextmanager
def display() -> Iterator[str]:
    """A virtual one; -> its name."""
    readable, writable = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writable),
        "-screen",
        "0",
        f"{SCREEN[0]}x{SCREEN[1]}x24",
        "-nolisten",
        "tcp",
    ]
    with subprocess.Popen(command, pass_fds=(writable,), stderr=subprocess.DEVNULL) as server:
        os.close(writable)
        try:
            with os.fdopen(readable) as told:
                yield f":{told.readline().strip()}"
        finally:
            server.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.person", description=__doc__)
    parser.add_argument("--pictures", type=Path, default=Path("build/e2e"), metavar="DIR")
    options = parser.parse_args()
    missing = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
    if missing:
        print(
            f"Missing: {', '.join(missing)}; on Debian or Ubuntu: apt-get install xvfb xdotool",
            file=sys.stderr,
        )
        return 1
    shutil.rmtree(options.pictures, ignore_errors=True)
    options.pictures.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as home, display() as name:
        desk = Desk(name, Path(home), options.pictures)
        try:
            session(desk, photos.gather(Path(home) / "photos"))
        finally:
            for process in (*psutil.Process().children(), *desk.engines()):
                process.kill()
    print(f"All as it should be; what was seen: {options.pictures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
