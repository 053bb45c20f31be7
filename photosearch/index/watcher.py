"""Hints that a folder changed. The scanner finds out what, if anything."""

import errno
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from photosearch.core.errors import Sentence, system_reason
from photosearch.core.file_names import is_visible_name
from photosearch.core.photo import identity_of
from photosearch.index.excluding import IGNORE_FILE
from photosearch.index.scanner import is_told_of
from photosearch.index.volume import is_remote

# Not the opening and closing of files: our own reading would set off scan after scan.
EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]

LOOK_EVERY = 5.0  # seconds between two looks at whether each root is still there
RENAMED_AFTER = 2.0  # seconds for which a root is not there: it was not just replaced
RESCAN_EVERY = 600.0  # seconds between two hints for a root that cannot be watched


class Watcher:
    """Watches folders, and calls `on_change` with those where something may have changed.

    News is batched per root, until it has been quiet for a while or has waited long enough. A root is also
    named once it is asked for, be it there or not, for what changed before went unseen; when it left and came
    back; and every ten minutes if the system cannot watch it.

    Args:
        on_change: called on the watcher's thread.
        ignored: a folder whose changes are no news, the library's, should it lie among the photos.
        on_renamed: takes the old and the new path of a root that was renamed, within the same folder, while
            it was watched; called on the watcher's thread.
        on_problem: takes a sentence for the person where a folder cannot be watched, None where it can be
            again; called on the watcher's thread.
        quiet: seconds without news that end a batch.
        maximum: seconds after which a batch ends although news goes on.
    """

    def __init__(
        self,
        on_change: Callable[[set[bytes]], None],
        *,
        ignored: Path | None = None,
        on_renamed: Callable[[bytes, bytes], None] = lambda old, new: None,
        on_problem: Callable[[Sentence | None], None] = lambda sentence: None,
        quiet: float = 0.7,
        maximum: float = 5.0,
    ) -> None:
        self._on_change = on_change
        self._ignored = os.fsencode(ignored) if ignored else None
        self._on_renamed = on_renamed
        self._on_problem = on_problem
        self._news = News(quiet, maximum)
        self._asked: set[bytes] = set()  # the roots that shall be watched
        self._roots: dict[bytes, _Root] = {}  # the roots that are; touched by the watcher's thread only
        self._lost: set[bytes] = set()  # roots that were not there, and are perhaps back
        self._update_at = 0.0  # when the roots are to be looked at again
        self._closed = False
        self._changed = threading.Condition()
        self._observer = Observer()
        self._observer.start()
        self._thread = threading.Thread(target=self._work, name="watcher", daemon=True)
        self._thread.start()

    def watch(self, root: bytes) -> None:
        """Watch a folder from now on; it need not be there."""
        with self._changed:
            self._asked.add(root)
            self._update_soon()

    def unwatch(self, root: bytes) -> None:
        """Hint this folder no more."""
        with self._changed:
            self._asked.discard(root)
            self._update_soon()

    @property
    def watching(self) -> bool:
        """Does every folder that is there report its changes at once?"""
        return all(root.watch and not root.problem for root in list(self._roots.values()) if root.identity)

    def problem(self, root: bytes) -> Sentence | None:
        """Why a folder that is there is looked at every ten minutes; None: it reports its changes."""
        found = self._roots.get(root)
        return found.problem if found and found.identity else None

    def close(self) -> None:
        """Stop; on_change is not called any more once this returns."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._observer.stop()
        self._observer.join()

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def note(self, root: bytes) -> None:
        """Something happened below `root`. Called by the observer."""
        with self._changed:
            if self._news.note(root, time.monotonic()):
                self._changed.notify_all()

    def lost(self, root: bytes) -> None:
        """The folder itself left or came back: what is in its place now is news. From any thread."""
        with self._changed:
            self._lost.add(root)
            self._update_soon()

    def _update_soon(self) -> None:
        self._update_at = 0.0
        self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                wait = min(self._news.next_due(), self._update_at) - time.monotonic()
                if not self._closed and wait > 0:
                    self._changed.wait(wait)
                if self._closed:
                    return
                now = time.monotonic()
                changed = self._news.take(now) & self._asked
                look = now >= self._update_at
                if look:
                    self._update_at = now + LOOK_EVERY
                asked = set(self._asked)
                lost, self._lost = (self._lost, set()) if look else (set(), self._lost)
            if look:
                self._update(asked, lost)
            if changed:
                self._on_change(changed)

    def _update(self, asked: set[bytes], lost: set[bytes]) -> None:
        """Bring the observer in line with the roots asked for, and with their coming and going."""
        for path in self._roots.keys() - asked:
            self._unschedule(self._roots.pop(path))
        for path in sorted(asked):
            is_new = path not in self._roots
            root = self._roots.setdefault(path, _Root())
            identity = identity_of(path)
            self._follow(path, root, identity)
            if is_new or identity != root.identity or path in lost:
                self._unschedule(root)
                root.identity = identity
                if identity:
                    self._schedule(path, root)
                self.note(path)
            elif identity and not root.problem and (problem := self._new_problem(path)):
                self._poll(root, problem)
                self.note(path)
            elif identity and root.problem and time.monotonic() >= root.rescan_at:
                self._unschedule(root)  # the system may allow more by now
                self._schedule(path, root)
                self.note(path)

    def _follow(self, path: bytes, root: "_Root", identity: tuple[int, int] | None) -> None:
        """Tell where a root is now that went some time ago, if it only has another name."""
        if identity:
            root.left = None
        elif root.identity:
            root.left, root.left_at = root.identity, time.monotonic()
        elif root.left and time.monotonic() >= root.left_at + RENAMED_AFTER:
            if new := _beside(path, root.left):
                self._on_renamed(path, new)
            root.left = None

    def _schedule(self, path: bytes, root: "_Root") -> None:
        real = os.path.realpath(path)  # observers do not follow a link, not even the root's
        handler = _Handler(self, path, real, self._ignored)
        try:
            root.watch = self._observer.schedule(
                handler, os.fsdecode(real), recursive=True, event_filter=EVENTS
            )
            self._probe()
            problem = _remote(path) if is_remote(real) else None
        except OSError as error:
            problem = _unwatched(path, error)
        self._poll(root, problem)

    def _new_problem(self, path: bytes) -> Sentence | None:
        """Folders made since may have met the limit, of which the observer says nothing."""
        try:
            self._probe()
        except OSError as error:
            return _unwatched(path, error)
        return None

    def _poll(self, root: "_Root", problem: Sentence | None) -> None:
        is_new, root.problem = problem != root.problem, problem
        root.rescan_at = time.monotonic() + RESCAN_EVERY
        if is_new:
            self._on_problem(problem)

    def _probe(self) -> None:
        """Raise OSError if there is no room for one more watch: some subfolders got none either.

        inotify's limit is on folders, and the observer reports it for the folder it is asked for only.
        """
        if sys.platform == "linux":
            probe = self._observer.schedule(FileSystemEventHandler(), os.sep, event_filter=[])
            self._observer.unschedule(probe)

    def _unschedule(self, root: "_Root") -> None:
        if root.watch:
            self._observer.unschedule(root.watch)
            root.watch = None


class News:
    """Roots with news, and when each is due: after a quiet time, or a maximum wait. Times are monotonic."""

    def __init__(self, quiet: float, maximum: float) -> None:
        self._quiet = quiet
        self._maximum = maximum
        self._times: dict[bytes, tuple[float, float]] = {}  # of the first and of the last news

    def note(self, root: bytes, now: float) -> bool:
        """Is this the first news of the root's batch?"""
        first, _ = self._times.get(root, (now, now))
        is_first = root not in self._times
        self._times[root] = (first, now)
        return is_first

    def take(self, now: float) -> set[bytes]:
        """The roots that are due, whose batches end with this."""
        due = {root for root in self._times if self._due(root) <= now}
        for root in due:
            del self._times[root]
        return due

    def next_due(self) -> float:
        """Infinity when there is no news."""
        return min(map(self._due, self._times), default=float("inf"))

    def _due(self, root: bytes) -> float:
        first, last = self._times[root]
        return min(last + self._quiet, first + self._maximum)


class _Root(msgspec.Struct):
    """What the watcher knows of one folder."""

    watch: ObservedWatch | None = None
    identity: tuple[int, int] | None = None  # device and inode; None while it is not there
    left: tuple[int, int] | None = None  # its identity, where it went and was not looked for yet
    left_at: float = 0.0  # monotonic
    problem: Sentence | None = None  # why changes in it may go unreported
    rescan_at: float = 0.0  # monotonic


class _Handler(FileSystemEventHandler):
    """Tells the watcher of those events below a root that may concern photos."""

    def __init__(self, watcher: Watcher, root: bytes, real: bytes, ignored: bytes | None) -> None:
        self._watcher = watcher
        self._root = root
        self._real = real
        self._ignored = ignored

    def on_any_event(self, event: FileSystemEvent) -> None:
        if (
            isinstance(event, DirDeletedEvent | FileDeletedEvent)
            and os.fsencode(event.src_path) == self._real
        ):
            self._watcher.lost(self._root)
        elif is_news(event, self._real, self._ignored):
            self._watcher.note(self._root)


def is_news(event: FileSystemEvent, root: bytes, ignored: bytes | None = None) -> bool:
    """May this event change what a scan of `root` finds? `ignored` is a folder that never does."""
    if not isinstance(event, tuple(EVENTS)):
        return False
    # Windows does not say whether what was deleted was a folder.
    perhaps_folder = event.is_directory or (sys.platform == "win32" and isinstance(event, FileDeletedEvent))
    paths = [os.fsencode(path) for path in (event.src_path, event.dest_path) if path]
    return any((perhaps_folder or is_told_of(path)) and _is_scanned(path, root, ignored) for path in paths)


def _beside(path: bytes, identity: tuple[int, int]) -> bytes | None:
    """The folder of this identity in the one that held a path; None: none is to be seen."""
    try:
        with os.scandir(os.path.dirname(path)) as entries:  # noqa: PTH120 (bytes)
            found = (entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
            return next((other for other in found if identity_of(other) == identity), None)
    except OSError:
        return None


def _is_scanned(path: bytes, root: bytes, ignored: bytes | None) -> bool:
    separator = os.fsencode(os.sep)
    if ignored and _below(path, ignored) and _below(ignored, root) and ignored != root:
        return False
    # Should the system name the root in another way, only the last name can be judged.
    relative = path[len(root) :] if _below(path, root) else os.path.basename(path)  # noqa: PTH119
    names = filter(None, relative.split(separator))
    return all(is_visible_name(name) or name == IGNORE_FILE for name in names)


def _below(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(os.path.join(folder, b""))  # noqa: PTH118


def _remote(path: bytes) -> Sentence:
    return Sentence(
        "{folder} lies on a network drive, which reports no changes from elsewhere; it is looked at "
        "every 10 minutes instead.",
        folder=os.fsdecode(path),
    )


def _unwatched(path: bytes, error: OSError) -> Sentence:
    if error.errno in (errno.ENOSPC, errno.EMFILE):
        return Sentence(
            "{folder} has more folders than the system will watch; it is looked at every 10 minutes instead. "
            "Raise the limit by: sudo sysctl fs.inotify.max_user_watches=1048576",
            folder=os.fsdecode(path),
        )
    return Sentence(
        "{folder} cannot be watched ({reason}); it is looked at every 10 minutes instead.",
        folder=os.fsdecode(path),
        reason=system_reason(error),
    )
