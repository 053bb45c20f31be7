"""The folders of a library: added, removed, watched."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH110, PTH112, PTH120

import os
import shlex
import time
from collections.abc import Collection, Sequence

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.messages import FolderStatus
from photosearch.core.photo import content_hash_of
from photosearch.core.reading import exists
from photosearch.index.scanner import FolderAway, present_volume
from photosearch.index.volume import volume_of
from photosearch.index.watcher import Watcher
from photosearch.paths import Library
from photosearch.search.query import relocated
from photosearch.store.folders import contains
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer

_SAMPLE = 16  # files, of which half must be at a folder's new place
_SEPARATOR = os.fsencode(os.sep)


def away(path: bytes) -> Sentence:
    """What is told of a folder that is to be read and is not here."""
    return Sentence(
        "The folder {folder} is away: its drive is not here. What is known of its photos stays.",
        folder=os.fsdecode(path),
    )


def gone(path: bytes) -> Sentence:
    """What is told of a folder that is to be read and was deleted or renamed."""
    return Sentence(
        "The folder {folder} is not there any more, and its drive is. What is known of its photos stays. If "
        "it was moved: photosearch folders relocate {quoted} NEW; to forget it: photosearch folders remove "
        "{quoted}",
        folder=os.fsdecode(path),
        quoted=shlex.quote(os.fsdecode(path)),
    )


def _is_gone(folder: Folder) -> bool:
    """Whether it is not there, and its drive is."""
    path = folder.path
    while not os.path.isdir(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path != folder.path and os.path.isdir(path) and volume_of(path) == folder.volume


class Folders:
    """Which folders a library holds, and the watch over them, once there is one."""

    def __init__(self, library: Library, writer: Writer) -> None:
        self._library = library
        self._writer = writer
        self._watcher: Watcher | None = None

    def watch(self, watcher: Watcher) -> None:
        """Have the folders watched, those of now and those to come."""
        self._watcher = watcher
        for folder in self.all():
            watcher.watch(folder.path)

    def look_at_changed(self, before: Sequence[Folder]) -> None:
        """Have the watcher look at once at folders that left or came back since.

        It looks every few seconds only: what left when a job ran, and was back by the next look, it would not
        have seen.
        """
        was_away = {folder.path: folder.away for folder in before}
        for folder in self.all():
            if self._watcher and was_away.get(folder.path, folder.away) != folder.away:
                self._watcher.lost(folder.path)

    def note_away(self) -> None:
        """Look whether folders have left that no job looked at since, and note it."""
        with Reader.open(self._library) as reader:
            counts, folders = reader.folder_counts(), reader.folders()
        for folder in folders:
            if not folder.away:
                try:
                    present_volume(folder, known=bool(counts.get(folder.folder_id)))
                except FolderAway:
                    self._writer.set_away(folder.folder_id, True)

    @property
    def watched(self) -> bool:
        """Whether a watcher looks after them."""
        return self._watcher is not None

    @property
    def watching(self) -> bool:
        """Are there folders, and do they all report their changes at once?"""
        return self._watcher is not None and self._watcher.watching and bool(self.all())

    def all(self) -> list[Folder]:
        """The library's folders, by path."""
        with Reader.open(self._library) as reader:
            return reader.folders()

    def status(self) -> list[FolderStatus]:
        """The library's folders as a face shows them: how many photos each holds, and whether it is here."""
        with Reader.open(self._library) as reader:
            counts, folders = reader.folder_counts(), reader.folders()
        return [
            FolderStatus(
                folder.path,
                counts.get(folder.folder_id, 0),
                "here" if not folder.away else "gone" if _is_gone(folder) else "away",
                self._watcher.problem(folder.path) if self._watcher else None,
                folder.unread,
            )
            for folder in folders
        ]

    def checked(self, path: bytes) -> bytes:
        """-> the path by which a folder is known.

        Raises:
            KnownError: it is no folder of photos that can be read.
        """
        path = os.path.realpath(path)
        name = os.fsdecode(path)
        known = {folder.path: folder for folder in self.all()}
        if not exists(path):
            if path in known:
                raise KnownError(gone(path) if _is_gone(known[path]) else away(path))
            raise KnownError("There is no folder {folder}.", folder=name)
        if not os.path.isdir(path):
            raise KnownError("{folder} is a file; name the folder that holds it.", folder=name)
        if not os.access(path, os.R_OK | os.X_OK):
            raise KnownError("The folder {folder} cannot be read; check its permissions.", folder=name)
        if contains(os.path.realpath(os.fsencode(self._library.root)), path):
            raise KnownError(
                "{folder} belongs to PhotoSearch's own library; name a folder of photos.", folder=name
            )
        return path

    def add(self, path: bytes) -> bytes:
        """Add a checked path; -> the folder that now holds it, which may be a parent that was known."""
        before = self.all()
        added = self._writer.add_folder(path, volume_of(path)).path
        if self._watcher:
            self._watcher.watch(added)
            for absorbed in {folder.path for folder in before} - {folder.path for folder in self.all()}:
                self._watcher.unwatch(absorbed)
        return added

    def relocate(self, path: bytes, new: bytes) -> bytes:
        """Take a known folder to be at a new place, where its photos must be; -> its path there.

        Raises:
            KnownError: it was never added, is still there, or its photos are not at the new place; or that is
                no folder that can be read, or in the library already.
        """
        folders = self.all()
        folder = next((f for f in folders if f.path in (path, os.path.realpath(path))), None)
        if folder is None:
            raise _unknown(path)
        new = self.checked(new)
        if any(contains(other.path, new) or contains(new, other.path) for other in folders):
            raise KnownError(
                "{folder} is in the library already, or holds a folder that is; remove the folder that is "
                "gone instead: what you wrote of its photos stays with them.",
                folder=os.fsdecode(new),
            )
        with Reader.open(self._library) as reader:
            sample = reader.some_files(folder.folder_id, _SAMPLE)
        if any(os.path.exists(file) for file, _ in sample) or (not sample and os.path.exists(folder.path)):
            raise KnownError(
                "The photos of {folder} are still there; nothing was changed.",
                folder=os.fsdecode(folder.path),
            )
        below = len(folder.path.rstrip(_SEPARATOR))
        same = sum(_holds(new.rstrip(_SEPARATOR) + file[below:], digest) for file, digest in sample)
        if 2 * same < len(sample):
            raise KnownError(
                "{new} does not hold the photos of {folder}: of {tried} that were looked for, {found} are "
                "there.",
                new=os.fsdecode(new),
                folder=os.fsdecode(folder.path),
                tried=len(sample),
                found=same,
            )
        inside = [other.path for other in folders if other != folder and contains(folder.path, other.path)]
        self._writer.relocate_folder(
            folder.folder_id,
            new,
            volume_of(new),
            lambda typed: relocated(typed, folder.path, new, stayed=inside),
        )
        if self._watcher:
            self._watcher.unwatch(folder.path)
            self._watcher.watch(new)
        return new

    def with_failures_again(self, paths: Sequence[bytes] | None) -> list[bytes]:
        """Let files that failed be tried again, all where `paths` is None; -> the folders to look at."""
        self._writer.retry(paths)
        with Reader.open(self._library) as reader:
            return reader.folders_to_retry(time.time())

    def retry_in(self, paths: Collection[bytes]) -> None:
        """Let what failed in these folders be tried again when they are looked at."""
        self._writer.retry_in(paths)

    def remove(self, path: bytes) -> bytes:
        """Take a folder out of the library, and no longer watch it; -> the path that it was known by.

        Raises:
            KnownError: it was never added.
        """
        for known in (path, os.path.realpath(path)):
            if self._writer.remove_folder(known):
                if self._watcher:
                    self._watcher.unwatch(known)
                return known
        raise _unknown(path)


def _unknown(path: bytes) -> KnownError:
    return KnownError("{folder} is not one of the library's folders.", folder=os.fsdecode(path))


def _holds(path: bytes, digest: bytes) -> bool:
    """Whether a file is there and has this content (BLAKE2b-160)."""
    try:
        return content_hash_of(path) == digest
    except OSError:
        return False
