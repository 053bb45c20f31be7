"""Folders that the person leaves out: lines of the setting, of which each can be taken back."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence

from photosearch import settings
from photosearch.core.errors import Sentence
from photosearch.store.history import HistoryWriter, Kind, State

_KIND = "exclusion"


class ExclusionWriter(HistoryWriter):
    """Writes what is left out of the library, but for whole settings."""

    def leave_out(self, pattern: str, name: str) -> None:
        """Add a line to the patterns of what is left out; one that is there changes nothing.

        Args:
            pattern: the line
            name: what it leaves out, for the person
        """
        line_id = zlib.crc32(pattern.encode())
        with self._change(_KIND, [line_id]) as change:
            change.says = Sentence("“{name}” left out", name=name)
            _write_line(change.database, line_id, pattern)


def _lines(database: sqlite3.Connection) -> list[str]:
    kept = database.execute("SELECT value FROM settings WHERE key = ?", (settings.EXCLUDE,)).fetchone()
    return [line for line in kept[0].split("\n") if line] if kept else []


def _read_lines(database: sqlite3.Connection, line_ids: Sequence[int]) -> dict[int, State]:
    """The lines that are there, by the CRC-32 of each: those that came or went beside them do not matter."""
    by_id = {zlib.crc32(line.encode()): line for line in _lines(database)}
    return {line_id: by_id[line_id] for line_id in line_ids if line_id in by_id}


def _write_line(database: sqlite3.Connection, line_id: int, line: State) -> None:
    lines = [other for other in _lines(database) if zlib.crc32(other.encode()) != line_id]
    lines += [line] if line else []
    database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (settings.EXCLUDE, "\n".join(lines)))


EXCLUSIONS = {_KIND: Kind(_read_lines, _write_line)}
