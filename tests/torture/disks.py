"""Disks that are full, read-only or pulled out, a system that watches no more folders, and clocks that jump.

File systems of their own take root; without it that is said, and the others are done.
"""

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from photosearch.core import messages, note_messages, search_messages
from photosearch.core.errors import KnownError
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import make_photo
from tests.helpers.processes import ENVIRONMENT, photosearch, wait_for
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.life import Life
from tests.torture.tally import Tally

PHOTOS = 12
SHORT = 20.0  # seconds
DAY = 86_400
# A process whose clock goes wrong from its start on: the module that Python imports by itself.
WRONG_CLOCK = """
import os, time
_time, _ahead = time.time, float(os.environ["TORTURE_SECONDS_AHEAD"])
time.time = lambda: _time() + _ahead
"""


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """Each trouble in turn, until the time is over; all of them but in a short run."""
    deadline = time.monotonic() + seconds
    rng = random.Random(seed)
    troubles: list[Callable[[Trouble], None]] = [Trouble.clock_jumps, Trouble.too_few_watches]
    if _may_mount():
        troubles = [Trouble.read_only, Trouble.disk_full, Trouble.pulled_out, *troubles]
    else:
        tally.figure("full, read-only and pulled-out disks: this takes root, and was left out", "not")
    turn, fewest = 0, 1 if seconds < SHORT else len(troubles)
    while turn < fewest or time.monotonic() < deadline:
        trouble = troubles[turn % len(troubles)]
        trouble(Trouble(tally, rng, place / str(turn)))
        tally.count(f"troubles: {trouble.__name__.replace('_', ' ')}")
        turn += 1


class Trouble:
    """A library with a few photos, in a folder of its own, and what befalls it."""

    def __init__(self, tally: Tally, rng: random.Random, place: Path) -> None:
        self._tally = tally
        self._rng = rng
        self._place = place
        self._disk = place / "disk"  # where a file system may be mounted
        self._photos = place / "photos"
        for folder in (self._disk, self._photos):
            folder.mkdir(parents=True)
        self._library = Library(self._disk / "library")

    def disk_full(self) -> None:
        """Full in the midst of indexing and of notes; then there is room again."""
        check = self._tally.check
        with _mounted("tmpfs", self._disk, "-o", f"size={self._rng.randint(3000, 5000)}k"):
            self._begin()
            filler = self._disk / "filler"
            with self._client() as (life, client):
                _fill(filler, left=self._rng.choice((0, 0, 8192, 65536)))
                for seed in range(100, 140):
                    make_photo(self._photos / f"{seed}.jpg", seed, size=(600, 400))
                with contextlib.suppress(KnownError):
                    client.call(messages.Index([os.fsencode(self._photos)]))
                answered = self._caption_until_refused(client)
                hits = client.call(search_messages.Search("a beach")).hits
                check("a full disk keeps nobody from searching", hits)
                check("an engine that is told to end does", life.stop() == 0)
            _fill(filler, left=0)
            self._check_reading("a full disk")
            found = LibraryOnDisk(self._library.root)
            check("a full disk leaves a sound library", not found.faults, found.faults)
            lost = answered.items() - found.notes.captions.items()
            check("no note that was answered is lost on a full disk", not lost, lost)
            filler.unlink()
            subprocess.run(["mount", "-o", "remount,size=40m", self._disk], check=True)
            with self._client() as (life, client):
                client.call(messages.Index([os.fsencode(self._photos)]))
                wait_for(lambda: client.call(messages.GetStatus()).searchable == PHOTOS + 40)
                check("once there is room, all is indexed", True)
                check("an engine that is told to end does", life.stop() == 0)

    def read_only(self) -> None:
        """A library on media that are read-only, left by an engine that was killed."""
        with _mounted("tmpfs", self._disk, "-o", "size=40m"):
            self._begin()
            with self._client() as (life, client):
                self._caption_until_refused(client, most=3)
                life.kill()
                life.end(self._tally)
            subprocess.run(["mount", "-o", "remount,ro", self._disk], check=True)
            self._check_reading("read-only media")

    def pulled_out(self) -> None:
        """The disk of photos is unmounted under a running engine, and mounted again."""
        check = self._tally.check
        with _mounted("tmpfs", self._disk, "-o", "size=40m"):
            self._library = Library(self._place / "library")  # not on that disk
            pulled = ("--bind", self._disk, self._photos)
            with _mounted(*pulled):
                self._begin()
            with self._client() as (life, client):
                with _mounted(*pulled):
                    report = client.call(messages.Index([os.fsencode(self._photos)])).report
                    check("a disk that is back is not read again", report.indexed == 0, report)
                    before = client.call(messages.GetStatus())
                with contextlib.suppress(KnownError):
                    client.call(messages.Index([os.fsencode(self._photos)]))
                held = client.call(messages.GetStatus())
                same = (held.photos, held.searchable) == (before.photos, before.searchable)
                check("a disk that is pulled out keeps its photos", same, held)
                state = held.folders[0].state
                check("a disk that is pulled out is said to be away", state == "away", state)
                with _mounted(*pulled):
                    report = client.call(messages.Index([os.fsencode(self._photos)])).report
                    check("a disk that is back is not read again", report.indexed == 0, report)
                    state = client.call(messages.GetStatus()).folders[0].state
                    check("a disk that is back is said to be here", state == "here", state)
                check("an engine that is told to end does", life.stop() == 0)

    def too_few_watches(self) -> None:
        """The system watches fewer folders than there are: that is said, and they are found by looking."""
        may = ["unshare", "--user", "--map-root-user"]
        if not shutil.which("unshare") or subprocess.run([*may, "true"], check=False).returncode:
            self._tally.figure("too few watches: this takes user namespaces, and was left out", "not")
            return
        for number in range(30):
            (self._photos / f"folder {number}").mkdir()
        self._begin()
        limited = 'echo 12 > /proc/sys/user/max_inotify_watches && exec "$@"'
        with self._client(inside=(*may, "sh", "-c", limited, "sh")) as (life, client):
            told: list[str] = []
            listening = threading.Thread(target=_listen, args=(client, told), daemon=True)
            listening.start()
            wait_for(lambda: bool(told))
            self._tally.check("that folders are not watched is said", "inotify" in told[0], told)
            watching = client.call(messages.GetStatus()).watching
            self._tally.check("status says that not all is watched", not watching)
            make_photo(self._photos / "folder 29" / "late.jpg", 999)
            client.call(messages.Rescan())
            wait_for(lambda: client.call(messages.GetStatus()).searchable == PHOTOS + 1)
            self._tally.check("a folder that is not watched is found by looking", True)
            self._tally.check("an engine that is told to end does", life.stop() == 0)

    def clock_jumps(self) -> None:
        """Engine after engine with the clock years ahead, behind, or before 1970; files of any date."""
        self._begin()
        shutil.rmtree(self._library.backups, ignore_errors=True)
        ids = LibraryOnDisk(self._library.root).photos
        said: dict[int, str] = {}
        for years in self._rng.sample((-30, -5, 5, 200), 2):
            for path, when in zip(self._photos.iterdir(), (0, -(2**33), 2**33, 2**31), strict=False):
                os.utime(path, (when, when))
            with self._client(ahead=years * 365.0 * DAY) as (life, client):
                report = client.call(messages.Index([os.fsencode(self._photos)])).report
                self._tally.check("with any clock all is indexed", not report.failed, report)
                said |= self._caption_until_refused(client, most=3)
                self._tally.check("an engine that is told to end does", life.stop() == 0)
        with self._client() as (life, client):
            wait_for(lambda: self._copied_today() > 0)
            self._tally.check("copies of a wrong clock stop no later ones", True)
            self._tally.check("an engine that is told to end does", life.stop() == 0)
        found = LibraryOnDisk(self._library.root)
        self._tally.check("any clock leaves a sound library", not found.faults, found.faults)
        self._tally.check("with any clock notes are kept", said.items() <= found.notes.captions.items())
        self._tally.check("with any clock a photo keeps its id", found.photos == ids)

    def _copied_today(self) -> int:
        return len(list(self._library.backups.glob(time.strftime("library-%Y%m%d-*.sqlite3"))))

    def _begin(self) -> None:
        """The photos, and the library that knows them."""
        copy_to_run("onnx", self._library.models / "tiny")
        for seed in range(PHOTOS):
            make_photo(self._photos / f"{seed}.jpg", seed)
        with self._client() as (life, client):
            client.call(messages.Index([os.fsencode(self._photos)]))
            wait_for(lambda: client.call(messages.GetStatus()).searchable == PHOTOS)
            client.call(note_messages.SetCaption((1,), "a beach"))
            self._tally.check("an engine that is told to end does", life.stop() == 0)

    @contextlib.contextmanager
    def _client(self, *, inside: Sequence[str] = (), ahead: float = 0.0) -> Iterator[tuple[Life, Client]]:
        """An engine, and a face of it."""
        environment = dict(ENVIRONMENT)
        if ahead:
            folder = self._place / "clock"
            folder.mkdir(exist_ok=True)
            (folder / "sitecustomize.py").write_text(WRONG_CLOCK)
            path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
            environment |= {"PYTHONPATH": path, "TORTURE_SECONDS_AHEAD": str(ahead)}
        with (
            Life.of_engine(self._library, "--model", "tiny", inside=inside, environment=environment) as life,
            life.client(self._library) as client,
        ):
            yield life, client

    def _caption_until_refused(self, client: Client, most: int = 200) -> dict[int, str]:
        """-> what was answered as done."""
        answered: dict[int, str] = {}
        for number in range(most):
            photo_id, text = self._rng.randint(1, PHOTOS), f"a beach {number} " + "and more " * 200
            try:
                client.call(note_messages.SetCaption((photo_id,), text))
            except KnownError as error:
                self._tally.check("a full disk is said to be full", "full" in str(error), error)
                break
            answered[photo_id] = text.strip()
        return answered

    def _check_reading(self, where: str) -> None:
        """All that reads must work, and what would write must say why it cannot."""
        at = ("--library", self._library.root)
        out = self._place / "captions.csv"
        for name, command in (
            ("status", photosearch("status", *at)),
            ("search", photosearch("search", "a", "beach", *at)),
            ("an export", photosearch("captions", "export", out, *at)),
        ):
            told = (command.code, command.errors)
            self._tally.check(f"{name} works on {where}", told[0] == 0 and command.output, told)
        self._tally.check(f"an export works on {where}", "a beach" in out.read_text())
        out.unlink()
        refused = photosearch("caption", "set", self._photos / "0.jpg", "x" * 4000, *at)
        one_sentence = refused.code == 1 and refused.errors.count("\n") == 1
        done = refused.code == 0  # where a little room was left
        promise = f"a change on {where} is done or refused in a sentence"
        self._tally.check(promise, done or one_sentence, refused)


def _fill(path: Path, left: int) -> None:
    """Fill the disk but for so many bytes."""
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(path, max(path.stat().st_size - left, 0))


@contextlib.contextmanager
def _mounted(*arguments: str | Path) -> Iterator[None]:
    """Mount meanwhile: a kind of file system, where, and options; or --bind, what and where."""
    bind = arguments[0] == "--bind"
    where = arguments[2] if bind else arguments[1]
    what = arguments if bind else ("-t", arguments[0], *arguments[2:], "photosearch-torture", where)
    subprocess.run(["mount", *what], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", where], check=True)


def _may_mount() -> bool:
    if not hasattr(os, "geteuid") or os.geteuid() or not shutil.which("mount"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        tried = ["mount", "-t", "tmpfs", "photosearch-torture", folder]
        if subprocess.run(tried, check=False, capture_output=True).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


def _listen(client: Client, told: list[str]) -> None:
    for event in client.events():
        if isinstance(event, messages.Problem):
            told.append(str(event.sentence))
