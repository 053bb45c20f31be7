"""What is written in photos: lines of text, where they stand, and words to find them by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.lines import Box, Line, running
from photosearch.store.read_connection import ReadConnection, json_of
from photosearch.store.words import words

_SCALE = 65535  # of a box as it is kept: 8 unsigned numbers of 16 bits

Ids = NDArray[np.int64]


class LineReader(ReadConnection):
    """Reads what is written in photos, and which photos were not looked at for that."""

    def lines(self, photo_id: int) -> list[Line]:
        """Those of a photo, as one reads them."""
        return self.lines_of([photo_id]).get(photo_id, [])

    def lines_of(self, ids: Sequence[int] | Ids) -> dict[int, list[Line]]:
        """Those of photos, by photo; photos without any are left out."""
        lines: dict[int, list[Line]] = {}
        for photo_id, text, box, confidence in self._rows(
            """SELECT photo_id, text, box, confidence FROM text_lines
            WHERE photo_id IN (SELECT value FROM json_each(?)) ORDER BY photo_id, place""",
            json_of(ids),
        ):
            lines.setdefault(photo_id, []).append(Line(text, _corners(box), confidence))
        return lines

    def text_counts(self, version: int) -> tuple[int, int]:
        """Of how many living photos this version, or a later one, read the text; and how many there are."""
        ((done, total),) = self._rows(
            """SELECT (SELECT count(*) FROM text_read CROSS JOIN photos USING (photo_id)
                WHERE version >= ? AND held),
            (SELECT count(*) FROM photos WHERE held)""",
            version,
        )
        return done, total

    def texts_read(self, ids: Sequence[int] | Ids, version: int) -> int:
        """Of how many of these photos this version, or a later one, read the text."""
        number: int = self._value(
            """SELECT count(*) FROM text_read
            WHERE version >= ? AND photo_id IN (SELECT value FROM json_each(?))""",
            version,
            json_of(ids),
        )
        return number

    def photos_with_text(self) -> int:
        """How many living photos have lines of text."""
        number: int = self._value(
            "SELECT count(*) FROM text_read CROSS JOIN photos USING (photo_id) WHERE lines > 0 AND held"
        )
        return number

    def text_was_read(self, photo_id: int) -> bool:
        """Whether a photo was looked at for text."""
        return self._value("SELECT 1 FROM text_read WHERE photo_id = ?", photo_id) is not None

    def away_for_text(self, version: int) -> int:
        """How many living photos, not looked at by this version or a later one, have no file that is here."""
        done, total = self.text_counts(version)
        return total - done - len(self.unread_for_text(version))

    def unread_for_text(self, version: int) -> Ids:
        """Photos with a file that is here, not looked at for text by this version or a later one (N,)."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM photos WHERE held
            AND photo_id NOT IN (SELECT photo_id FROM text_read WHERE version >= ?)
            AND EXISTS (SELECT 1 FROM files JOIN folders USING (folder_id)
                WHERE files.photo_id = photos.photo_id AND NOT away)""",
            version,
        )
        return np.sort(ids)


def write_lines(database: sqlite3.Connection, photo_id: int, lines: Iterable[Line], version: int) -> None:
    """Keep what is written in a photo, in place of what was kept before."""
    lines = list(lines)
    database.execute("DELETE FROM text_lines WHERE photo_id = ?", (photo_id,))
    database.execute("DELETE FROM line_words WHERE rowid = ?", (photo_id,))
    database.execute("INSERT OR REPLACE INTO text_read VALUES (?, ?, ?)", (photo_id, version, len(lines)))
    database.executemany(
        "INSERT INTO text_lines VALUES (?, ?, ?, ?, ?)",
        [
            (photo_id, place, line.text, _packed(line.box), line.confidence)
            for place, line in enumerate(lines)
        ],
    )
    if lines:
        # As one text, as a sentence goes on in the next line; a hyphen at its end may be the word's own.
        texts = [line.text for line in lines]
        text = words(dict.fromkeys((running(texts), "\n".join(texts))))
        database.execute("INSERT INTO line_words (rowid, lines) VALUES (?, ?)", (photo_id, text))


def _packed(box: Box) -> bytes:
    packed: bytes = np.round(np.clip(np.array(box), 0, 1) * _SCALE).astype("<u2").tobytes()
    return packed


def _corners(box: bytes) -> Box:
    first, second, third, fourth = (np.frombuffer(box, "<u2").reshape(4, 2) / _SCALE).tolist()
    return (*first,), (*second,), (*third,), (*fourth,)
