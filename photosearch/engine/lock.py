"""The lock that keeps every engine but one off a library, and who holds it."""

import contextlib
import os
import shlex
from collections.abc import Iterator

import filelock
import psutil

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.writing import clear_unfinished
from photosearch.engine import endpoint
from photosearch.paths import Library
from photosearch.store.connect import explained

_ENGINE = "photosearch.engine"  # as a process of its own, in its command line


class LibraryInUse(KnownError):
    """Another engine has the library."""


@contextlib.contextmanager
def locked(library: Library, patience: float) -> Iterator[None]:
    """Keep every engine off the library, and clear away what the last one left if it was killed.

    Args:
        patience: seconds to wait for one to leave

    Raises:
        LibraryInUse: one has it.
        KnownError: the library's folder cannot be written.
    """
    lock = filelock.FileLock(library.lock)
    try:
        with explained(library):
            library.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(timeout=patience)
            clear_unfinished(library.root)
    except filelock.Timeout:
        raise LibraryInUse(_user(library)) from None
    try:
        yield
    finally:
        lock.release()


def _user(library: Library) -> Sentence:
    """Who has the library, and how to end that: a `photosearch watch` from login on is seen by nobody."""
    there = endpoint.read(library)
    process_id = there.process_id if there else 0
    try:
        words = psutil.Process(process_id).cmdline() if process_id else []
    except psutil.Error:
        words = []
    if not words:
        return Sentence(
            "Another PhotoSearch is using the library in {folder}; close it and try again.",
            folder=library.root,
        )
    if _ENGINE in words:
        return Sentence(
            "A window of PhotoSearch, which may be in the tray, or a photosearch watch is using the library "
            "in {folder}; end it and try again.",
            folder=library.root,
        )
    return Sentence(
        "Another PhotoSearch, process {process}, is using the library in {folder}; end it by {command} and "
        "try again. It was started as: {words}",
        process=process_id,
        folder=library.root,
        command=f"taskkill /PID {process_id}" if os.name == "nt" else f"kill {process_id}",
        words=shlex.join(words),
    )
