"""Copies of the library's database: what the person wrote is nowhere else. Thumbnails can be made again."""

import sqlite3
import time
from pathlib import Path

from photosearch.paths import Library
from photosearch.store.connect import explained, open_for_reading

DAY = 86_400.0  # seconds


def due(library: Library, now: float) -> bool:
    """Is the latest copy older than a day, or is there none? `now` is seconds since the epoch."""
    copies = kept(library)
    return not copies or now - copies[-1].stat().st_mtime >= DAY


def back_up(library: Library, keep: int, now: float) -> Path:
    """Copy the database beside the others and keep the latest `keep` of them, at least one; -> the copy.

    The copy is whole and consistent while others write. To go back to it, put it in place of library.sqlite3.

    Raises:
        NoLibrary: there is nothing to copy yet.
        KnownError: the library cannot be read, or its disk not be written.
    """
    with explained(library):
        library.backups.mkdir(exist_ok=True)
        target = library.backups / time.strftime("library-%Y%m%d-%H%M%S.sqlite3", time.localtime(now))
        unfinished = target.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        database = open_for_reading(library)
        try:
            copy = sqlite3.connect(unfinished)
            try:
                database.backup(copy)
            finally:
                copy.close()
        finally:
            database.close()
        unfinished.replace(target)
        for old in kept(library)[: -max(keep, 1)]:
            old.unlink(missing_ok=True)
    return target


def kept(library: Library) -> list[Path]:
    """The copies there are, the latest last."""
    return sorted(library.backups.glob("library-*.sqlite3"))
