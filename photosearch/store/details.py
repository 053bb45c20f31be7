"""All that is known of single photos, and all captions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import Sentence
from photosearch.store.connect import explained
from photosearch.store.facts import COLUMNS, facts_of, written_notes
from photosearch.store.folders import ANY_FILE, FileChoice, paths_below, rank_of
from photosearch.store.lines import LineReader
from photosearch.store.notes import SHOWN
from photosearch.store.read_connection import json_of
from photosearch.store.rows import Caption, Details, ListedPhoto, NotedFile, Notes, PhotoFile, Written
from photosearch.store.tags import TagReader
from photosearch.store.towns import TownReader
from photosearch.store.videos import VideoReader

_CHUNK = 1000  # captions read at a time


class DetailReader(TownReader, LineReader, TagReader, VideoReader):
    """Reads all that is known of single photos."""

    def details(self, photo_id: int, choice: FileChoice = ANY_FILE) -> Details | None:
        """None for an id that is not known; `files`, the chosen first, is empty where none holds it now."""
        rows = self._rows(
            f"""SELECT {COLUMNS}, dated_at, dated_from, since, stars, damage
            FROM photos LEFT JOIN favourites USING (photo_id) LEFT JOIN ratings USING (photo_id)
            WHERE photo_id = ?""",  # noqa: S608
            photo_id,
        )
        if not rows:
            return None
        *columns, dated_at, dated_from, favourite, stars, damage = rows[0]
        facts = facts_of(columns, self._embedded_caption(photo_id))
        albums = self._rows(
            """SELECT album_id, name FROM album_photos JOIN albums USING (album_id)
            WHERE photo_id = ? ORDER BY name""",
            photo_id,
        )
        live = self._rows(
            """SELECT search_id, name FROM live_albums JOIN saved_searches USING (search_id)
            WHERE EXISTS (SELECT 1 FROM live_photos
                WHERE search_id = live_albums.search_id AND photo_id = ?) ORDER BY name""",
            photo_id,
        )
        return Details(
            photo_id=photo_id,
            facts=facts,
            dated_at=dated_at,
            dated_from=dated_from,
            files=self._files_of(photo_id, choice),
            caption=self.caption(photo_id),
            favourite=favourite is not None,
            rating=facts.rating if stars is None else stars,
            albums=dict(albums),
            live_albums=dict(live),
            town=self.town_of(photo_id),
            tags=tuple(self.tags_of(photo_id)),
            damage=msgspec.json.decode(damage, type=Sentence) if damage else None,
            lines=tuple(self.lines(photo_id)),
            video=self.video(photo_id),
        )

    def listed(self, ids: Sequence[int] | NDArray[np.int64]) -> list[ListedPhoto]:
        """In the order of `ids`; those that no file holds are left out."""
        rows = self._rows(
            """SELECT photo_id, content_hash, width, height, dated_at, format, coalesce(stars, rating),
                seconds, since
            FROM json_each(?) CROSS JOIN photos ON photo_id = value
            LEFT JOIN favourites USING (photo_id) LEFT JOIN ratings USING (photo_id)
            LEFT JOIN videos USING (photo_id)
            WHERE held ORDER BY key""",
            json_of(ids),
        )
        return [ListedPhoto(*(*photo, since is not None)) for *photo, since in rows]

    def caption(self, photo_id: int) -> str | None:
        """The one that is shown; empty or None: it has none."""
        caption: str | None = self._value(SHOWN, photo_id)
        return caption

    def captions(self) -> Iterator[Caption]:
        """Every caption that is shown, of each photo that a file holds; by photo, as they were written."""
        after = (0, 0)
        while rows := self._rows(
            """SELECT caption_id, photo_id, text, source,
                (SELECT path FROM files WHERE photo_id = shown.photo_id ORDER BY file_id LIMIT 1)
            FROM captions AS shown
            WHERE replaced_at IS NULL AND text <> '' AND (photo_id, caption_id) > (?, ?) AND source = (
                SELECT source FROM captions WHERE photo_id = shown.photo_id AND replaced_at IS NULL
                ORDER BY source = 'person' DESC, source = 'imported' DESC LIMIT 1
            )
            ORDER BY photo_id, caption_id LIMIT ?""",
            *after,
            _CHUNK,
        ):
            for _, photo_id, text, source, path in rows:
                if path is not None:
                    yield Caption(photo_id, path, text, source)
            after = (rows[-1][1], rows[-1][0])

    def files(self) -> Iterator[tuple[bytes, int]]:
        """(path, id of the photo that it holds) of every file, by path."""
        after = b""
        while rows := self._rows(
            "SELECT path, photo_id FROM files WHERE path > ? ORDER BY path LIMIT ?", after, _CHUNK
        ):
            yield from rows
            after = rows[-1][0]

    def paths_here(self, photo_id: int) -> list[bytes]:
        """Of the photo's files as they were last seen, on drives that are here."""
        rows = self._rows(
            """SELECT files.path FROM files JOIN folders USING (folder_id)
            WHERE photo_id = ? AND NOT away""",
            photo_id,
        )
        return [path for (path,) in rows]

    def holds(self, path: bytes, size: int, mtime_ns: int, ctime_ns: int | None) -> int | None:
        """Id of the photo that the file at this path holds, if it has not changed since it was indexed."""
        photo_id: int | None = self._value(
            """SELECT photo_id FROM files
            WHERE path = ? AND size = ? AND mtime_ns = ? AND ctime_ns IS coalesce(?, ctime_ns)""",
            path,
            size,
            mtime_ns,
            ctime_ns,
        )
        return photo_id

    def described_below(self, folder: bytes) -> int:
        """How many photos below a folder hold a caption in their own files."""
        number: int = self._value(
            """SELECT count(DISTINCT photo_id) FROM files JOIN captions USING (photo_id)
            WHERE path >= ? AND path < ? AND source = 'embedded' AND replaced_at IS NULL""",
            *paths_below(folder),
        )
        return number

    def photo_at(self, path: bytes) -> int | None:
        """Id of the photo that the file at this path holds; None where there is none."""
        photo_id: int | None = self._value("SELECT photo_id FROM files WHERE path = ?", path)
        return photo_id

    def unwritten_notes(self) -> list[tuple[int, int]]:
        """(photo id, how often changed) of photos whose notes are not written beside them as they are."""
        return self._rows("SELECT photo_id, changes FROM unwritten_notes ORDER BY photo_id")

    def notes_to_write(self, photo_id: int) -> Notes:
        """What the person wrote of a photo, or imported, and its files."""
        caption = self._value(
            """SELECT text FROM captions WHERE photo_id = ? AND source <> 'embedded' AND replaced_at IS NULL
            ORDER BY source = 'person' DESC, caption_id LIMIT 1""",
            photo_id,
        )
        rating = self._value("SELECT stars FROM ratings WHERE photo_id = ?", photo_id)
        files = self._rows(
            """SELECT files.path, folder_id, away FROM files JOIN folders USING (folder_id)
            WHERE photo_id = ? ORDER BY file_id""",
            photo_id,
        )
        return Notes(caption, rating, tuple(NotedFile(path, id_, bool(away)) for path, id_, away in files))

    def written_notes(self, path: bytes) -> Written:
        """What this program wrote into a file beside a photo."""
        with explained(self._library):
            return written_notes(self._database, path)

    def written_by_name(self, name: bytes) -> list[tuple[bytes, Written]]:
        """What this program wrote into files of this name, by path, wherever they are or were."""
        ending = os.fsencode(os.sep) + name
        rows = self._rows(
            """SELECT path, caption, rating, caption_before, rating_before FROM written_notes
            WHERE substr(path, -?) = ?""",
            len(ending),
            ending,
        )
        return [(path, Written(*row)) for path, *row in rows]

    def beside(self, sidecar: bytes) -> tuple[bytes, ...]:
        """Paths of the photos' files that a file beside them says something of, as it was last read."""
        return tuple(file for (file,) in self._rows("SELECT file FROM sidecars WHERE path = ?", sidecar))

    def beside_file(self, file: bytes) -> list[bytes]:
        """Paths of what stands beside a photo's file."""
        return [path for (path,) in self._rows("SELECT path FROM sidecars WHERE file = ?", file)]

    def folder_path(self, folder_id: int) -> bytes:
        """Of an added folder."""
        path: bytes = self._value("SELECT path FROM folders WHERE folder_id = ?", folder_id)
        return path

    def _embedded_caption(self, photo_id: int) -> str | None:
        text: str | None = self._value(
            "SELECT text FROM captions WHERE photo_id = ? AND source = 'embedded' AND replaced_at IS NULL",
            photo_id,
        )
        return text

    def _files_of(self, photo_id: int, choice: FileChoice) -> list[PhotoFile]:
        rank, bounds = rank_of(choice)
        rows = self._rows(
            f"""SELECT files.path, size, mtime_ns, away FROM files JOIN folders USING (folder_id)
            WHERE photo_id = ? ORDER BY away, {rank}, file_id""",  # noqa: S608  (bounds are bound)
            photo_id,
            *bounds,
        )
        return [PhotoFile(path, size, mtime_ns, bool(away)) for path, size, mtime_ns, away in rows]
