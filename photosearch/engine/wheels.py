"""`python -m photosearch.engine.wheels REPORT FOLDER` downloads what pip's report found, checked by hash.

A kill or a lost line costs nothing of what was read: the next run goes on from the last byte. It prints a
FetchProgress a line, and at last, where it fails, the sentence that says why. It ends with its stdin.
"""

import hashlib
import itertools
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import msgspec

from photosearch import online
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.extra_messages import FetchProgress
from photosearch.engine.pip import end_with_stdin

SECONDS_OF_SILENCE = 30.0
SECONDS_BETWEEN_WORDS = 0.3
BLOCK = 1 << 18  # bytes
GET_ALONE = (403, 405, 501)  # what an index says to HEAD that answers nothing else
UNPACKED = 2.0  # of a wheel's bytes: 1.85 over the 65 that torch needed on Linux


@dataclass(frozen=True)
class Wheel:
    """One that is wanted.

    Attributes:
        url: of http or https, or of a file, which stays where it is
        sha256: in hexadecimal digits
    """

    name: str
    url: str
    sha256: str

    def file(self, folder: Path) -> Path:
        """Where it lies once it is here."""
        place = urlsplit(self.url)
        if place.scheme == "file":
            return Path(url2pathname(place.path))
        return folder / Path(unquote(place.path)).name


def found(report: Path) -> list[Wheel]:
    """What a report of `pip install --report` lists.

    Raises:
        KnownError: a checksum is missing.
        OSError: it cannot be read.
    """
    wheels = []
    for one in msgspec.json.decode(report.read_bytes())["install"]:
        name, source = one["metadata"]["name"], one["download_info"]
        sha256 = source.get("archive_info", {}).get("hashes", {}).get("sha256")
        if sha256 is None:
            raise KnownError("The index of packages gives no checksum of {name}.", name=name)
        wheels.append(Wheel(name, source["url"], sha256))
    return wheels


def download(wheels: list[Wheel], folder: Path, told: Callable[[FetchProgress], object]) -> None:
    """Have all of them in the folder, and nothing else.

    Raises:
        KnownError: there is no room; what came is something else.
        OSError: the line was lost, or the folder cannot be written.
    """
    folder.mkdir(exist_ok=True)
    wanted = {wheel.file(folder).name for wheel in wheels}
    for file in folder.iterdir():
        if file.name.removesuffix(".part") not in wanted:
            file.unlink()
    sizes = {wheel: _size(wheel, folder) for wheel in wheels}
    to_come = [wheel for wheel in wheels if wheel.file(folder).parent == folder]  # the others were brought
    total = sum(sizes[wheel] for wheel in to_come)
    had = sum(file.stat().st_size for file in folder.iterdir())
    _check_room(folder, round(total - had + UNPACKED * sum(sizes.values())))
    before = 0
    for done, wheel in enumerate(to_come):

        def tell(have: int, done: int = done, name: str = wheel.name, before: int = before) -> None:
            told(FetchProgress("downloading", name, done, len(to_come), before + have, total))

        if not wheel.file(folder).exists():
            _download(wheel, wheel.file(folder), sizes[wheel], tell)
        before += sizes[wheel]


def _size(wheel: Wheel, folder: Path) -> int:
    """Bytes; 0 where that is not told."""
    here = wheel.file(folder)
    if here.exists():
        return here.stat().st_size
    try:
        with online.opened(wheel.url, SECONDS_OF_SILENCE, method="HEAD") as answer:
            told = answer.headers.get("Content-Length", "")
    except HTTPError as error:
        if error.code not in GET_ALONE:
            raise
        return 0
    return int(told) if told.isdecimal() else 0


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise KnownError(
            "it takes {needed:.1f} GB more on the disk of {folder}, where {free:.1f} GB are free",
            needed=needed / 1e9,
            free=free / 1e9,
            folder=folder,
        )


def _download(wheel: Wheel, file: Path, size: int, tell: Callable[[int], object]) -> None:
    part = file.with_name(f"{file.name}.part")
    hashed = hashlib.sha256()
    with part.open("ab+") as written:
        written.seek(0)
        for block in iter(lambda: written.read(BLOCK), b""):
            hashed.update(block)
        have = written.tell()
        tell(have)
        if have < size or not size:
            with online.opened(wheel.url, SECONDS_OF_SILENCE, start=have if size else 0) as answer:
                if answer.status != 206:  # it comes from its beginning
                    written.truncate(0)
                    hashed, have = hashlib.sha256(), 0
                for block in iter(lambda: answer.read1(BLOCK), b""):
                    written.write(block)
                    written.flush()
                    hashed.update(block)
                    have += len(block)
                    tell(have)
    if have < size:
        raise OSError(f"{wheel.name}: {have} of {size} bytes came")
    if hashed.hexdigest() != wheel.sha256:
        part.unlink()
        raise KnownError("what came of {name} is not what its checksum says", name=wheel.name)
    part.rename(file)


def main(report: str, folder: str) -> int:
    """Run as a program; -> the exit status."""
    spoken = itertools.count()
    since = time.monotonic()

    def told(progress: FetchProgress) -> None:
        nonlocal since
        if not next(spoken) or time.monotonic() - since > SECONDS_BETWEEN_WORDS:
            since = time.monotonic()
            _say(progress)

    try:
        download(found(Path(report)), Path(folder), told)
    except KnownError as error:
        _say(error.sentence)
    except (OSError, HTTPException) as error:
        _say(online.reason(error))
    else:
        return 0
    return 1


def _say(what: FetchProgress | Sentence) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    end_with_stdin()
    sys.exit(main(*sys.argv[1:]))
