"""A random walk over folders of photos under an engine that watches them, beside a plain model of them.

After every few steps the library must come to say what the model says: each file found by its name and known
by its content, each caption at its photo, wherever that went.
"""

import hashlib
import itertools
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from photosearch.core import messages, note_messages, search_messages
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import ORIENTATION, make_photo
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.life import Life
from tests.torture.tally import Tally

ROOTS = ("album", "disk")
INSIDE = ("", "sub", "sub/deep", "ü 海", "two\nlines", "e\u0301te\u0301", "\udcff")  # NFD; no Unicode
PATIENCE = 300.0  # seconds until what changed is to be known, on any machine; a few are usual
MOST = 150  # files
SOFTWARE = 0x0131  # the EXIF tag


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """Walk until the time is over."""
    deadline = time.monotonic() + seconds
    walk = Walk(tally, random.Random(seed), place)
    while time.monotonic() < deadline:
        with Life.of_engine(walk.library, "--model", "tiny") as life:
            with life.client(walk.library) as client:
                walk.go(client, min(deadline, time.monotonic() + seconds / 3))
            if walk.rng.random() < 0.5:
                life.kill()
                tally.count("restarts after a kill")
            else:
                tally.check("an engine that is told to end does", life.stop() == 0)
                tally.count("restarts")
        walk.change_unseen()


class Walk:
    """The folders, what is in them, and what the library must know of them."""

    def __init__(self, tally: Tally, rng: random.Random, place: Path) -> None:
        self.rng = rng
        self.library = Library(place / "library")
        self._tally = tally
        self._place = place
        self._seeds = itertools.count(rng.randrange(10**6))
        self._files: dict[Path, bytes] = {}  # path -> content's hash, b"" where it is no picture
        self._added: set[str] = set()
        self._captions: dict[bytes, str] = {}  # by content
        self._changes = self._weighed()
        copy_to_run("onnx", self.library.models / "tiny")
        for root in ROOTS:
            for inside in INSIDE:
                (place / root / inside).mkdir(parents=True, exist_ok=True)

    def go(self, client: Client, deadline: float) -> None:
        """Change, and wait until the library knows, until the time is over."""
        for root in sorted(set(ROOTS) - self._added):
            self._add(client, root)
        self._settle(client)
        while time.monotonic() < deadline:
            for _ in range(self.rng.randint(1, 12)):
                self._change()
            if self.rng.random() < 0.6:
                self._caption(client)
            if self.rng.random() < 0.15:
                self._remove_and_add(client)
            if self.rng.random() < 0.15:
                self._go_away_and_return(client)
            if not self._settle(client):
                return
            if self.rng.random() < 0.4:
                self._write_metadata()
                if not self._settle(client):
                    return

    def change_unseen(self) -> None:
        """Change while no engine watches."""
        if not self._differences() and self.rng.random() < 0.5:
            self._write_metadata()
            return
        for _ in range(self.rng.randint(0, 6)):
            self._change()

    def _change(self) -> None:
        what = self.rng.choice(self._changes)
        what()
        self._tally.count(f"changes: {what.__name__.strip('_').replace('_', ' ')}")
        self._tally.count("changes in all")

    def _weighed(self) -> list[Callable[[], None]]:
        often = [self._create, self._rename, self._delete, self._rewrite]
        return [*often, *often, *often, self._copy, self._break, self._touch, self._edit, self._rename_folder]

    def _create(self) -> None:
        path = self._new_path()
        if len(self._files) < MOST:
            make_photo(path, next(self._seeds), size=(160, 120))  # smaller ones turn into others
            self._note(path)

    def _copy(self) -> None:
        if one := self._some():
            path = self._new_path()
            shutil.copyfile(one, path)
            self._note(path)

    def _rewrite(self) -> None:
        """Another picture at a known path: of one colour, so that none is near another by chance."""
        if one := self._some():
            self._rewrite_one(one)
            self._note(one)

    def _rewrite_one(self, path: Path) -> None:
        red, green, blue = (self.rng.randrange(256) for _ in range(3))
        make_photo(path, color=(red, green, blue), size=(48, 36), fmt="JPEG")

    def _edit(self) -> None:
        """Another picture of the same size and time, as programs write that keep a photo's date."""
        if one := self._some():
            before = one.stat()
            self._rewrite_one(one)
            one.write_bytes(one.read_bytes().ljust(before.st_size, b"\0"))
            os.utime(one, ns=(before.st_atime_ns, before.st_mtime_ns))
            self._note(one)

    def _break(self) -> None:
        path = self._new_path()
        path.write_bytes(b"no picture %d" % next(self._seeds))
        self._files[path] = b""

    def _touch(self) -> None:
        """Another time and the same content."""
        if one := self._some():
            os.utime(one, (self.rng.randrange(2**31), self.rng.randrange(2**31)))

    def _delete(self) -> None:
        if one := self._some():
            one.unlink()
            del self._files[one]

    def _rename(self) -> None:
        if one := self._some():
            path = self._new_path()
            one.rename(path)
            self._files[path] = self._files.pop(one)

    def _rename_folder(self) -> None:
        root = self._place / self.rng.choice(ROOTS)
        one, other = (root / inside for inside in ("sub/deep", "moved"))
        one, other = (one, other) if one.is_dir() else (other, one)
        if one.is_dir() and not other.exists():
            one.rename(other)
            inside = [path for path in self._files if path.is_relative_to(one)]
            self._files |= {other / path.relative_to(one): self._files.pop(path) for path in inside}

    def _caption(self, client: Client) -> None:
        """A caption of a photo that is known, by its content."""
        found = LibraryOnDisk(self.library.root)
        known = [content for content in self._contents() if content in found.photos]
        if known:
            content, text = self.rng.choice(known), f"of {next(self._seeds)}"
            client.call(note_messages.SetCaption((found.photos[content],), text))
            self._captions[content] = text
            self._tally.count("captions")

    def _write_metadata(self) -> None:
        """As a program that rates or turns photos: their captions go with them, and nothing else may change.

        From a known state alone: else it would depend on what the engine saw meanwhile.
        """
        known = self._known()
        chosen = [path for path, content in known.items() if content and self.rng.random() < 0.3]
        for path in chosen:
            former = self._files[path]
            exif = Image.Exif()
            exif[ORIENTATION] = self.rng.choice((1, 1, 6))
            exif[SOFTWARE] = f"edit {next(self._seeds)}"
            beside = path.with_name(".being written")
            beside.write_bytes(with_exif(path.read_bytes(), exif))
            beside.replace(path)
            self._note(path)
            if former in self._captions:
                self._captions[self._files[path]] = self._captions[former]
        held = set(self._files.values())
        for gone in {known[path] for path in chosen} - held:
            self._captions.pop(gone, None)
        self._tally.count("metadata written into photos", len(chosen))

    def _add(self, client: Client, root: str) -> None:
        client.call(messages.AddFolder(os.fsencode(self._place / root)))
        self._added.add(root)

    def _remove_and_add(self, client: Client) -> None:
        """Take a folder out of the library, then in again."""
        root = self.rng.choice(ROOTS)
        if not self._settle(client):
            return
        client.call(messages.RemoveFolder(os.fsencode(self._place / root)))
        self._added.discard(root)
        self._settle(client)
        self._add(client, root)
        self._tally.count("folders removed and added again")

    def _go_away_and_return(self, client: Client) -> None:
        """As a drive that is pulled out: nothing is forgotten, and nothing is read again when it is back."""
        root = self._place / self.rng.choice(ROOTS)
        if not self._settle(client):
            return
        before = client.call(messages.GetStatus())
        root.rename(root.with_name("pulled out"))
        gone = self._comes_to(lambda: self._state(client, root) != "here")  # but its drive is
        self._tally.check("a folder that is away is said to be", gone, client.call(messages.GetStatus()))
        held = client.call(messages.GetStatus())
        same = (held.photos, held.searchable) == (before.photos, before.searchable)
        self._tally.check("a folder that is away keeps its photos", same, (before, held))
        root.with_name("pulled out").rename(root)
        back = self._comes_to(lambda: self._state(client, root) == "here")
        self._tally.check("a folder that is back is said to be", back, client.call(messages.GetStatus()))
        self._tally.count("folders that went away and came back")

    def _state(self, client: Client, root: Path) -> str:
        folders = client.call(messages.GetStatus()).folders
        return next(folder.state for folder in folders if folder.path_bytes == os.fsencode(root))

    def _settle(self, client: Client) -> bool:
        """Wait until the library says what the model says; -> whether it came to."""
        began = time.monotonic()
        holds = self._comes_to(lambda: not self._differences())
        self._slowest = max(getattr(self, "_slowest", 0.0), time.monotonic() - began)
        self._tally.figure("s until changes were known, at most", f"{self._slowest:.1f}")
        told = "" if holds else self._differences()
        self._tally.check("the library comes to say what the folders hold", holds, told)
        if holds:
            self._search(client)
        return holds

    def _search(self, client: Client) -> None:
        shown = [path for path, content in self._known().items() if content]
        for path in self.rng.sample(shown, min(3, len(shown))):
            hits = client.call(search_messages.Search(f'"{path.stem}"')).hits
            contents = {hashlib.blake2b(Path(hit.path).read_bytes(), digest_size=20).digest() for hit in hits}
            found = self._files[path] in contents
            self._tally.check("a photo is found by the name of its file", found, path)

    def _differences(self) -> list[str]:
        """What the library says otherwise than the model."""
        found = LibraryOnDisk(self.library.root)
        known = self._known()
        held = {Path(os.fsdecode(path)): content for path, content in found.files.items()}
        wanted = {path: content for path, content in known.items() if content}
        failed = {Path(os.fsdecode(path)) for path in found.failures}
        broken = {path for path, content in known.items() if not content}
        ids = {id_: content for content, id_ in found.photos.items()}
        captions = {ids[id_]: text for id_, text in found.notes.captions.items()}
        wrong = [f"{path} is known otherwise" for path in wanted if held.get(path, b"") != wanted[path]]
        wrong += [f"{path} is known and not there" for path in held.keys() - wanted.keys()]
        wrong += [f"{path} failed, or should have" for path in failed ^ broken]
        wrong += ["captions"] if captions != self._captions else []
        return wrong + found.faults

    def _known(self) -> dict[Path, bytes]:
        roots = tuple(self._place / root for root in self._added)
        return {
            path: content
            for path, content in self._files.items()
            if any(path.is_relative_to(root) for root in roots)
        }

    def _contents(self) -> list[bytes]:
        return sorted({content for content in self._known().values() if content})

    def _comes_to(self, holds: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _some(self) -> Path | None:
        paths = sorted(path for path, content in self._files.items() if content)
        return self.rng.choice(paths) if paths else None

    def _new_path(self) -> Path:
        folders = [path for root in ROOTS for path in (self._place / root).rglob("*") if path.is_dir()]
        return self.rng.choice(sorted(folders)) / f"q{next(self._seeds)}.jpg"

    def _note(self, path: Path) -> None:
        self._files[path] = hashlib.blake2b(path.read_bytes(), digest_size=20).digest()


def with_exif(jpeg: bytes, exif: Image.Exif) -> bytes:
    """A JPEG with other metadata and the same picture, bit by bit."""
    written = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
    return jpeg[:2] + b"\xff\xe1" + (len(written) + 2).to_bytes(2, "big") + written + jpeg[2:]
