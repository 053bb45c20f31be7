"""Downloading a model of the hub for a person: it goes on where it was, and each file is held to its hash.

`huggingface_hub` says what there is and carries what it is asked for; since 1.5 it begins a file anew where a
process was ended, so where each file stands is kept here.
"""

import contextlib
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from huggingface_hub import HfApi, constants, hf_hub_url
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status, httpx  # type: ignore[attr-defined]

from photosearch.core.errors import KnownError
from photosearch.models import downloads
from photosearch.models.config import GRAPHS, IMAGE_GRAPH, LARGEST_FILE, LARGEST_OTHER, TEXT_GRAPH
from trainer.models.folders import LARGEST_JSON
from trainer.models.pretrained.hub_download import (
    OPEN_CLIP_WEIGHTS,
    WANTED,
    explained,
    hub_host,
    instead,
    no_safetensors,
)
from trainer.publish.stages import check_room, check_torch

OnBytes = Callable[[int, int], object]  # how many bytes are here, and of how many

TRIES = 5  # to go on with a file, as long as nothing more comes
SECONDS_BETWEEN_TRIES = 1.0
SECONDS_BETWEEN_WORDS = 0.2  # of how far it is
SECONDS_BETWEEN_REPEATS = 1.0  # of them where nothing comes
# A name that is a file of the folder on every system: no separator, drive or device.
_PLAIN = re.compile(
    r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))\w[\w.+ -]*(?<![. ])", re.ASCII | re.IGNORECASE
)


class HubFile(NamedTuple):
    """What the hub says of a file."""

    name: str
    size: int  # bytes
    sha256: str  # empty: it is kept in git itself
    blob: str  # git's hash of it; empty: a mirror does not say

    @property
    def is_weights(self) -> bool:
        """Which are most of what comes."""
        return self.name.endswith(".safetensors")

    @property
    def most(self) -> int:
        """Bytes that such a file may have."""
        if self.name in GRAPHS:
            return LARGEST_OTHER
        return LARGEST_FILE if self.is_weights else LARGEST_JSON


class Listing(NamedTuple):
    """The files of a model that are wanted, at one commit, the small ones first, the weights last."""

    source: str
    commit: str
    files: tuple[HubFile, ...]
    is_ready: bool  # to run, so that it takes no torch

    @property
    def bytes(self) -> int:
        """Of all of them."""
        return sum(file.size for file in self.files)


def listed(source: str) -> Listing:
    """Ask the hub which files a model has.

    Args:
        source: its id, with `@revision` if wanted

    Raises:
        KnownError: there is no such model, or none that could be taken in, or no way to the hub.
    """
    if not downloads.is_hub_id(source):
        raise KnownError(
            "{source} is neither a folder nor the id of a model of the hub; write it as owner/name.",
            source=source,
        )
    name, _, revision = source.partition("@")
    try:
        with explained(source):
            found = HfApi(token=_token()).model_info(
                name,
                revision=revision or None,
                files_metadata=True,
                timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
            )
        commit = msgspec.convert(found.sha, str)
        files = [_described(file) for file in found.siblings or () if _is_wanted(file.rfilename)]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise KnownError(
            "{host} gives an answer about {source} that makes no sense; try later, or {otherwise}.",
            host=hub_host(),
            source=source,
            otherwise=instead(),
        ) from error
    weights = {file.name for file in files if file.is_weights}
    if not weights:
        raise no_safetensors(source)
    if weights != {OPEN_CLIP_WEIGHTS}:  # which are the same once more
        files = [file for file in files if file.name != OPEN_CLIP_WEIGHTS]
    is_ready = {IMAGE_GRAPH, TEXT_GRAPH} <= {file.name for file in files}
    if not is_ready:
        files = [file for file in files if file.name not in GRAPHS]
    for file in files:
        if not 0 <= file.size <= file.most:
            raise KnownError(
                "{source} has a file {file} of {size} bytes, which is more than such a file may have.",
                source=source,
                file=file.name,
                size=file.size,
            )
    in_order = sorted(files, key=lambda file: (file.is_weights, file.size, file.name))
    return Listing(source, commit, tuple(in_order), is_ready)


def what_comes(source: str, root: Path) -> tuple[int, bool]:
    """How many bytes `download` would fetch, and whether torch is taken to make a model of ours of them.

    Raises:
        KnownError: as `listed` does.
    """
    listing = listed(source)
    return max(0, listing.bytes - downloads.size(downloads.place(root, source))), not listing.is_ready


def download(
    source: str, root: Path, on_bytes: OnBytes, check: Callable[[Path], object] = lambda folder: None
) -> Path:
    """Fetch what is missing of a model; -> the folder of its files.

    Args:
        source: its id on the hub, with `@revision` if wanted
        root: where downloads lie, as `photosearch.models.downloads` keeps them
        on_bytes: called with how far it is, some times a second
        check: called with the folder once all but the weights are there, and raises where they are not wanted

    Raises:
        KnownError: as `listed` does; it takes torch, which is not here; the disk has no room or refuses, what
            came is another file than the hub says, or the connection broke off: what came until then is kept.
    """
    listing = listed(source)
    if not listing.is_ready:
        check_torch()
    with explained(source):
        folder = downloads.begin(root, source, listing.bytes)
        _clear(folder, {file.name for file in listing.files})
        here = downloads.size(folder)
        weights = sum(file.size for file in listing.files if file.is_weights)
        check_room(folder, listing.bytes - here + weights)  # as they come, and once more as they are kept
        telling = _Telling(on_bytes, here, listing.bytes)
        telling(0)
        checked = False
        for file in listing.files:
            if file.is_weights and not checked:
                check(folder)
                checked = True
            with telling.repeated():
                _fetch(listing, file, folder, telling)
            telling.whole += file.size
        telling(0)
    return folder


class _Telling:
    """Tells how far a download is, some times a second and at the end; also where it stands still.

    Attributes:
        whole: bytes of the files that are here; called with those of the next one
    """

    def __init__(self, on_bytes: OnBytes, here: int, total: int) -> None:
        self._on_bytes, self._here, self._total = on_bytes, min(here, total), total
        self._next = 0.0
        self._done = self._here
        self._telling = threading.Lock()
        self.whole = 0

    def __call__(self, size: int) -> None:
        self._done = max(self._here, self.whole + size)  # what was here came at no speed
        if self._done == self._total or time.monotonic() >= self._next:
            self._tell()

    @contextlib.contextmanager
    def repeated(self) -> Iterator[None]:
        """Say it again and again for the while, though nothing more comes."""
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(SECONDS_BETWEEN_REPEATS):
                if time.monotonic() >= self._next + SECONDS_BETWEEN_REPEATS:
                    self._tell()

        thread = threading.Thread(target=repeat, name="telling", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _tell(self) -> None:
        with self._telling:
            self._next = time.monotonic() + SECONDS_BETWEEN_WORDS
            self._on_bytes(self._done, self._total)


def _is_wanted(name: str) -> bool:
    """Whether a file is one of a model's own: no folders, no pickles, no weights for other programs."""
    return bool(_PLAIN.fullmatch(name)) and any(fnmatch(name, pattern) for pattern in WANTED)


def _described(file: Any) -> HubFile:
    sha256 = file.lfs.sha256 if file.lfs else ""
    return msgspec.convert((file.rfilename, file.size or 0, sha256, file.blob_id or ""), HubFile)


def _clear(folder: Path, wanted: set[str]) -> None:
    """Delete what an earlier state of the model had under other names."""
    for file in folder.iterdir():
        if file.name.removesuffix(downloads.PART) not in wanted:
            file.unlink()


def _fetch(listing: Listing, file: HubFile, folder: Path, on_size: Callable[[int], object]) -> None:
    whole, part = folder / file.name, folder / (file.name + downloads.PART)
    if whole.is_file():
        if _is_right(file, whole):
            on_size(file.size)
            return
        whole.unlink()
    url = hf_hub_url(listing.source.partition("@")[0], file.name, revision=listing.commit)
    with part.open("ab") as written:
        tries = TRIES
        while (start := written.tell()) < file.size:
            try:
                _receive(url, start, file.size, written, on_size)
            except httpx.TransportError:
                tries = TRIES if written.tell() > start else tries - 1
                if not tries:
                    raise
                time.sleep(SECONDS_BETWEEN_TRIES)
    if not _is_right(file, part):
        part.unlink()
        raise KnownError(
            "The file {file} of {source} came damaged, or is another one than the hub says, and was deleted; "
            "get the model again, or choose another mirror.",
            file=file.name,
            source=listing.source,
        )
    part.rename(whole)


def _receive(url: str, start: int, size: int, written: Any, on_size: Callable[[int], object]) -> None:
    """Write what the hub gives from a byte on, up to `size`."""
    headers = build_hf_headers(token=_token())
    headers["Accept-Encoding"] = "identity"  # the size is told of the file as it is
    if start:
        headers["Range"] = f"bytes={start}-"
    with get_session().stream(
        "GET", url, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
    ) as response:
        hf_raise_for_status(response)
        if start and response.status_code != 206:  # it begins anew
            written.truncate(0)
            start = 0
        on_size(start)
        for block in response.iter_raw():  # as it comes, so that a kill loses nothing
            written.write(block[: size - start])
            written.flush()
            start += len(block)
            on_size(min(start, size))
            if start > size:  # it is another file; its hash will tell
                return


def _is_right(file: HubFile, path: Path) -> bool:
    """Whether a file is the one that the hub told of."""
    if path.stat().st_size != file.size:
        return False
    found = hashlib.sha256() if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    with path.open("rb") as read:
        while block := read.read(1 << 20):
            found.update(block)
    return found.hexdigest() == (file.sha256 or file.blob or found.hexdigest())


def _token() -> str | bool:
    """Only what the environment gives: a login that another program kept is not ours to send."""
    return os.environ.get("HF_TOKEN") or False
