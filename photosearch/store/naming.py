"""Photos by the words in their names and captions: each look-up is indexed, and ends at so many photos."""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.store.folders import paths_below
from photosearch.store.read_connection import ReadConnection
from photosearch.store.words import all_words, phrase

Ids = NDArray[np.int64]


class NamingReader(ReadConnection):
    """Reads which photos have words about them; at most `most`, living or not, in no order (N,)."""

    def with_name(self, text: str, most: int, *, word_for_word: bool) -> Ids:
        """Photos with a file of whose name these words are a part."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM files WHERE file_id IN
            (SELECT rowid FROM file_words WHERE file_words MATCH ? LIMIT ?)""",
            phrase(text) if word_for_word else all_words(text),
            most,
        )
        return ids

    def with_caption(self, text: str, most: int, *, word_for_word: bool) -> Ids:
        """Photos whose caption and keywords hold these words."""
        (ids,) = self._integers(
            """SELECT group_concat(rowid) FROM
            (SELECT rowid FROM photo_words WHERE photo_words MATCH ? LIMIT ?)""",
            phrase(text) if word_for_word else all_words(text),
            most,
        )
        return ids

    def with_lines(self, text: str, most: int, *, word_for_word: bool) -> Ids:
        """Photos in which these words are written."""
        (ids,) = self._integers(
            """SELECT group_concat(rowid) FROM
            (SELECT rowid FROM line_words WHERE line_words MATCH ? LIMIT ?)""",
            phrase(text) if word_for_word else all_words(text),
            most,
        )
        return ids

    def in_folder(self, path: bytes, most: int) -> Ids:
        """Photos with a file in or below a folder."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM
            (SELECT photo_id FROM files WHERE path >= ? AND path < ? LIMIT ?)""",
            *paths_below(path),
            most,
        )
        return ids

    def in_album(self, album_id: int, most: int) -> Ids:
        """Photos of an album."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM
            (SELECT photo_id FROM album_photos WHERE album_id = ? LIMIT ?)""",
            album_id,
            most,
        )
        return ids

    def cameras(self) -> list[str]:
        """Those that living photos were taken with, each once."""
        return self._values("camera")

    def with_cameras(self, cameras: Sequence[str], most: int) -> Ids:
        """Photos that were taken with any of them."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM
            (SELECT photo_id FROM photos WHERE held AND camera IN (SELECT value FROM json_each(?))
            LIMIT ?)""",
            json.dumps(cameras),
            most,
        )
        return ids

    def album_names(self) -> list[tuple[int, str]]:
        """Ids and names of all plain albums."""
        return self._rows("SELECT album_id, name FROM albums")

    def live_album_names(self) -> list[tuple[int, str]]:
        """Ids of the searches and names of all live albums."""
        return self._rows("SELECT search_id, name FROM live_albums JOIN saved_searches USING (search_id)")
