"""Every change to the library, each in one short transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.lines import Line
from photosearch.core.photo import Facts, Look
from photosearch.store.albums import ALBUMS, AlbumWriter, retype_searches
from photosearch.store.dating import photos_dated_in, write_date
from photosearch.store.exclusions import EXCLUSIONS, ExclusionWriter
from photosearch.store.facts import (
    forget_sidecars,
    join_sidecars,
    photos_of_sidecars_in,
    write_facts,
    write_sidecars,
)
from photosearch.store.files import thumbnails_of, write_file, write_link, write_look, write_vector
from photosearch.store.folders import NEVER, contains, read_folders
from photosearch.store.lines import write_lines
from photosearch.store.live_albums import LiveAlbumWriter
from photosearch.store.notes import NOTES, NoteWriter
from photosearch.store.relocating import relocate
from photosearch.store.rows import LEFT_OUT, Failure, Folder, IndexedFile, Sidecar, Written
from photosearch.store.stacking import with_those_that_left
from photosearch.store.tags import TAGS, TagWriter
from photosearch.store.towns import Placed, write_towns
from photosearch.store.versions import VERSIONS, Arrival, VersionWriter, join_versions
from photosearch.store.videos import FrameVectors, add_frame_vectors, remove_some_frame_vectors

_REMOVED_AT_ONCE = 5_000  # vectors


class Writer(NoteWriter, AlbumWriter, LiveAlbumWriter, TagWriter, ExclusionWriter, VersionWriter):
    """The one writer of a library; safe to call from several threads.

    What is done when a method returns survives a kill. A folder that was removed meanwhile takes no more
    files: what comes for it is dropped without a word.

    Every method raises KnownError when the disk is full, the library is damaged or no longer writable.
    """

    kinds = NOTES | ALBUMS | TAGS | EXCLUSIONS | VERSIONS

    def add_folder(self, path: bytes, volume: str) -> Folder:
        """Remember a folder, given by its absolute path.

        A folder inside a known one changes nothing and returns the known one; a parent of known ones takes
        over their files. A known one on a drive of its own, or away, stays a folder of its own: its files
        must not seem gone whenever its drive is.
        """
        with self._transaction(self._database) as database:
            known = read_folders(database)
            holders = [folder for folder in known if contains(folder.path, path)]
            if holders:
                return max(holders, key=lambda folder: len(folder.path))
            inside = [
                (folder.folder_id,)
                for folder in known
                if contains(path, folder.path) and folder.volume == volume and not folder.away
            ]
            folder_id = database.execute(
                "INSERT INTO folders (path, volume, settled) VALUES (?, ?, ?)", (path, volume, NEVER)
            ).lastrowid
            assert folder_id is not None
            for (old_id,) in inside:
                database.execute("UPDATE files SET folder_id = ? WHERE folder_id = ?", (folder_id, old_id))
                database.execute("UPDATE failures SET folder_id = ? WHERE folder_id = ?", (folder_id, old_id))
                database.execute("UPDATE sidecars SET folder_id = ? WHERE folder_id = ?", (folder_id, old_id))
                database.execute("DELETE FROM folders WHERE folder_id = ?", (old_id,))
            return Folder(folder_id=folder_id, path=path, volume=volume, away=False, unread=True)

    def remove_folder(self, path: bytes) -> bool:
        """Forget a folder and its files; False where it is not known. Photos keep their rows and vectors."""
        with self._transaction(self._database) as database:
            concerned, named = photos_of_sidecars_in(database, path), photos_dated_in(database, path)
            removed = database.execute("DELETE FROM folders WHERE path = ?", (path,)).rowcount > 0
            for photo_id in named:
                write_date(database, photo_id)
            join_sidecars(database, concerned)  # other folders may hold copies
            return removed

    def relocate_folder(
        self, folder_id: int, path: bytes, volume: str, retyped: Callable[[str], str]
    ) -> None:
        """Note that a folder lies at another absolute path now, with all that is in it.

        Args:
            retyped: what to type, from now on, of a search that is kept
        """
        with self._transaction(self._database) as database:
            relocate(database, folder_id, path, volume)
            retype_searches(database, retyped)

    def set_away(self, folder_id: int, away: bool, volume: str | None = None) -> None:
        """Note that a folder's drive left or came back; `volume` renames the drive."""
        with self._transaction(self._database) as database:
            database.execute(
                "UPDATE folders SET away = ?, volume = coalesce(?, volume) WHERE folder_id = ?",
                (away, volume, folder_id),
            )

    def commit(self, files: Sequence[IndexedFile], model_id: str) -> list[int]:
        """Write indexed files with their vectors of a registered model; -> photo ids, in order.

        A photo's vector by a model never changes once written: the same bytes give the same vector.
        """
        # Thumbnails first: a kill between the two leaves a thumbnail without a photo, never the reverse.
        with self._transaction(self._thumbnails) as thumbnails:
            thumbnails.executemany(
                "INSERT INTO thumbnails VALUES (?, ?) ON CONFLICT DO NOTHING",
                [row for file in files for row in thumbnails_of(file)],
            )
        with self._transaction(self._database) as database:
            (model,) = database.execute("SELECT model FROM models WHERE model_id = ?", (model_id,)).fetchone()
            arrivals = [write_file(database, file, model) for file in files]
            edits = []
            for number, (file, arrival) in enumerate(zip(files, arrivals, strict=True)):
                if file.edit and file.edit.same_pixels:
                    join_versions(database, file.edit.photo_id, arrival.photo_id)
                    arrivals[number] = arrival._replace(former_id=file.edit.photo_id)
                elif file.edit:
                    edits.append((file.edit.photo_id, arrival.photo_id))
            self._keep_notes(database, arrivals, edits)
            return [arrival.photo_id for arrival in arrivals]

    def add_vectors(
        self,
        ids: NDArray[np.int64],
        vectors: NDArray[np.float16],
        bias: NDArray[np.float32],
        model_id: str,
    ) -> None:
        """Write vectors (n, D) and biases (n,) of known photos (n,) by a registered model, where none is."""
        with self._transaction(self._database) as database:
            (model,) = database.execute("SELECT model FROM models WHERE model_id = ?", (model_id,)).fetchone()
            for row in zip(ids.tolist(), vectors, bias.tolist(), strict=True):
                write_vector(database, model, *row)

    def add_frame_vectors(self, frames: FrameVectors, model_id: str) -> None:
        """Write vectors of known frames of videos by a registered model, where none is."""
        with self._transaction(self._database) as database:
            (model,) = database.execute("SELECT model FROM models WHERE model_id = ?", (model_id,)).fetchone()
            add_frame_vectors(database, model, frames)

    def add_looks(self, looks: Sequence[tuple[int, Look]]) -> None:
        """Write what the pixels of known photos, by id, are known by, where that is not known."""
        with self._transaction(self._database) as database:
            for photo_id, look in looks:
                write_look(database, photo_id, look)

    def keep_stacks(self, stacks: Sequence[Sequence[int]], among: str) -> None:
        """Keep which photos, by id, belong together, the best first, in place of what was kept before.

        A photo that no file holds now, as one in the trash, stays in its own: there it is when it comes back.

        Args:
            among: what tells among which photos they were found, for the setting STACKED
        """
        with self._transaction(self._database) as database:
            whole = with_those_that_left(database, stacks)
            rows = [(one, number, place) for number, ids in enumerate(whole) for place, one in enumerate(ids)]
            database.execute("DELETE FROM stacks")
            database.executemany("INSERT INTO stacks VALUES (?, ?, ?)", rows)
            database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (settings.STACKED, among))

    def keep_lines(self, read: Sequence[tuple[int, Sequence[Line]]], version: int) -> None:
        """Keep what is written in known photos, by id, in place of what was kept; `version` read it."""
        with self._transaction(self._database) as database:
            for photo_id, lines in read:
                write_lines(database, photo_id, lines, version)

    def add_towns(self, photos: Sequence[Placed]) -> None:
        """Look up at which towns known photos were taken."""
        with self._transaction(self._database) as database:
            write_towns(database, photos)

    def describe(self, photo_id: int, facts: Facts, colour: bytes | None) -> None:
        """Take the facts of a known photo anew. Its size and format stay; `colour` is 3 bytes of sRGB."""
        with self._transaction(self._database) as database:
            write_facts(database, photo_id, facts, colour)

    def link(
        self,
        folder_id: int,
        path: bytes,
        size: int,
        mtime_ns: int,
        photo_id: int,
        ctime_ns: int | None = None,
    ) -> bool:
        """Note that a file holds a photo that is known: a copy, a move, or a file that was only touched.

        Returns:
            whether the photo is back, as no file held it before
        """
        with self._transaction(self._database) as database:
            arrival = write_link(database, folder_id, path, size, mtime_ns, ctime_ns, photo_id)
            self._keep_notes(database, [arrival])
            return arrival.is_back

    def forget(self, paths: Sequence[bytes], edits: Sequence[tuple[int, int]] = ()) -> int:
        """Drop files that are gone, and failures of such; -> how many files that were photos.

        Args:
            edits: photos of these files, and those of the same pixels that came under other names (old, new)
        """
        with self._transaction(self._database) as database:
            bound = [(path,) for path in paths]
            sql = "SELECT photo_id FROM files WHERE path = ?"
            database.executemany("DELETE FROM failures WHERE path = ?", bound)
            held = [database.execute(sql, path).fetchone() for path in bound]
            database.executemany("DELETE FROM files WHERE path = ?", bound)
            photos = [photo_id for (photo_id,) in filter(None, held)]
            for photo_id in dict.fromkeys(photos):
                write_date(database, photo_id)
            join_sidecars(database, dict.fromkeys(photos))  # other files may hold them
            for old_id, new_id in edits:
                join_versions(database, old_id, new_id)
            self._keep_notes(database, [Arrival(new_id, old_id, is_back=False) for old_id, new_id in edits])
            return len(photos)

    def settle(self, folder_ids: Sequence[int]) -> None:
        """Note that these folders were read to their ends, and files gone from them forgotten; see
        Reader.unsettled.
        """
        with self._transaction(self._database) as database:
            self._keep_notes_of_gone(database)
            database.executemany(
                """UPDATE folders SET settled = (SELECT coalesce(max(photo_id), 0) FROM photos)
                WHERE folder_id = ?""",
                [(folder_id,) for folder_id in folder_ids],
            )

    def write_sidecars(self, sidecars: Sequence[Sidecar]) -> None:
        """Keep what files beside photos say, in the place of what they said before."""
        with self._transaction(self._database) as database:
            write_sidecars(database, sidecars)

    def note_written(self, path: bytes, written: Written) -> None:
        """Remember what this program wrote into a file beside a photo."""
        with self._transaction(self._database) as database:
            database.execute(
                "INSERT OR REPLACE INTO written_notes VALUES (?, ?, ?, ?, ?)",
                (path, *msgspec.structs.astuple(written)),
            )

    def notes_written(self, photo_id: int, changes: int) -> None:
        """A photo's notes stand beside it, but for those that came after so many `changes`."""
        with self._transaction(self._database) as database:
            database.execute(
                "DELETE FROM unwritten_notes WHERE photo_id = ? AND changes = ?", (photo_id, changes)
            )

    def forget_sidecars(self, paths: Sequence[bytes]) -> None:
        """Take away what files beside photos said that are gone."""
        with self._transaction(self._database) as database:
            forget_sidecars(database, paths)

    def fail(self, failures: Sequence[Failure]) -> None:
        """Record failures, counting attempts.

        A photo at the same path is dropped if its file has changed, or is left out.
        """
        now = time.time()
        with self._transaction(self._database) as database:
            for failure in failures:
                values = {
                    "path": failure.path,
                    "folder_id": failure.folder_id,
                    "stage": failure.stage,
                    "reason": msgspec.json.encode(failure.reason).decode(),
                    "now": now,
                    "retry_at": failure.retry_at,
                    "size": failure.size,
                    "mtime_ns": failure.mtime_ns,
                    "ctime_ns": failure.ctime_ns,
                }
                # The change time alone may tell of rights that were taken away: then the photo stays.
                for (photo_id,) in database.execute(
                    """DELETE FROM files WHERE path = :path AND ((size, mtime_ns) <> (:size, :mtime_ns)
                        OR (ctime_ns <> :ctime_ns AND :stage IN ('decode', 'encode')) OR :left_out)
                    RETURNING photo_id""",
                    values | {"left_out": failure.stage in LEFT_OUT},
                ).fetchall():
                    write_date(database, photo_id)
                database.execute(
                    """INSERT INTO failures (path, folder_id, stage, reason, attempts, first_at, last_at,
                        retry_at, size, mtime_ns, ctime_ns)
                    SELECT :path, :folder_id, :stage, :reason, 1, :now, :now,
                        :retry_at, :size, :mtime_ns, :ctime_ns
                    WHERE EXISTS (SELECT 1 FROM folders WHERE folder_id = :folder_id)
                    ON CONFLICT (path) DO UPDATE SET
                        folder_id = excluded.folder_id, stage = excluded.stage, reason = excluded.reason,
                        attempts = attempts + 1, last_at = excluded.last_at, retry_at = excluded.retry_at,
                        size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns""",
                    values,
                )

    def retry(self, paths: Sequence[bytes] | None = None) -> None:
        """Let these files that failed be tried again at the next scan, changed or not; None: all of them."""
        with self._transaction(self._database) as database:
            if paths is None:
                database.execute("UPDATE failures SET retry_at = 0")
            else:
                database.executemany(
                    "UPDATE failures SET retry_at = 0 WHERE path = ?", [(path,) for path in paths]
                )

    def retry_in(self, folders: Collection[bytes]) -> None:
        """Let all that failed in these folders, given as they were added, be tried again at the next scan."""
        with self._transaction(self._database) as database:
            database.executemany(
                """UPDATE failures SET retry_at = 0
                WHERE folder_id = (SELECT folder_id FROM folders WHERE path = ?)""",
                [(path,) for path in folders],
            )

    def register_model(self, model_id: str, name: str, dim: int) -> None:
        """Make a model known, before vectors of it are committed; known already, only its name changes."""
        with self._transaction(self._database) as database:
            database.execute(
                """INSERT INTO models (model_id, name, dim) VALUES (?, ?, ?)
                ON CONFLICT (model_id) DO UPDATE SET name = excluded.name""",
                (model_id, name, dim),
            )

    def forget_model(self, model_id: str) -> None:
        """Remove all vectors of a model, and its name; in steps, so that nobody waits long."""
        removed = _REMOVED_AT_ONCE
        while removed == _REMOVED_AT_ONCE:
            with self._transaction(self._database) as database:
                removed = database.execute(
                    """DELETE FROM vectors WHERE rowid IN (
                        SELECT vectors.rowid FROM vectors JOIN models USING (model)
                        WHERE model_id = ? LIMIT ?
                    )""",
                    (model_id, _REMOVED_AT_ONCE),
                ).rowcount
        more = True
        while more:
            with self._transaction(self._database) as database:
                more = remove_some_frame_vectors(database, model_id)
        with self._transaction(self._database) as database:
            database.execute("DELETE FROM models WHERE model_id = ?", (model_id,))

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting's value."""
        with self._transaction(self._database) as database:
            database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))
