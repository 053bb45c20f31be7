"""Videos: how long each is, which of its frames are kept, and what models make of these."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.photo import VIDEO_VERSION, Video
from photosearch.store.connect import explained
from photosearch.store.read_connection import ReadConnection
from photosearch.store.rows import IndexedVideo, ShownVideo

LONGEST_LIVE_PHOTO = 4.0  # seconds: a video beside a photo of its name that is no longer is part of it

_AT_ONCE = 4096  # vectors that are read at a time
_REMOVED_AT_ONCE = 5_000  # vectors


class FrameVectors(NamedTuple):
    """Vectors of one model, frame by frame."""

    last: int  # the highest number of a row, to go on after
    frames: NDArray[np.int64]  # (N,), ids
    photos: NDArray[np.int64]  # (N,), ids of the videos
    at_ms: NDArray[np.int64]  # (N,), from the beginning of each
    vectors: NDArray[np.float16]  # (N, D), L2-normed
    bias: NDArray[np.float32]  # (N,)


class VideoReader(ReadConnection):
    """Reads what is known of videos."""

    def videos(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Of the videos that a file holds: ids (N,), ascending, and how many seconds each lasts (N,)."""
        rows = self._rows(
            "SELECT photo_id, seconds FROM videos JOIN photos USING (photo_id) WHERE held ORDER BY photo_id"
        )
        ids, seconds = zip(*rows, strict=True) if rows else ((), ())
        return np.array(ids, dtype=np.int64), np.array(seconds, dtype=np.float64)

    def count_of_frames(self) -> int:
        """Of the videos that a file holds."""
        number: int = self._value("SELECT count(*) FROM frames JOIN photos USING (photo_id) WHERE held")
        return number

    def video(self, photo_id: int) -> ShownVideo | None:
        """None of what is no video."""
        rows = self._rows("SELECT seconds, poster_ms FROM videos WHERE photo_id = ?", photo_id)
        if not rows:
            return None
        frames = self._rows("SELECT at_ms FROM frames WHERE photo_id = ? ORDER BY at_ms", photo_id)
        seconds, poster_ms = rows[0]
        return ShownVideo(seconds, poster_ms, tuple(at_ms for (at_ms,) in frames))

    def frame_thumbnails(self, photo_id: int) -> list[tuple[int, bytes]]:
        """(milliseconds from its beginning, JPEG of at most 384 pixels) of a video's frames, in order."""
        rows = self._rows("SELECT at_ms FROM frames WHERE photo_id = ? ORDER BY at_ms", photo_id)
        found = [(at_ms, self.frame_thumbnail(photo_id, at_ms)) for (at_ms,) in rows]
        return [(at_ms, jpeg) for at_ms, jpeg in found if jpeg]

    def frame_thumbnail(self, photo_id: int, at_ms: int) -> bytes | None:
        """That of the frame at a time; None where none is kept."""
        content_hash = self._value("SELECT content_hash FROM photos WHERE photo_id = ?", photo_id)
        jpeg: bytes | None = content_hash and self._value(
            "SELECT jpeg FROM thumbs.thumbnails WHERE content_hash = ?", thumbnail_key(content_hash, at_ms)
        )
        return jpeg

    def frame_vectors(self, model_id: str, after: int = 0, *, lacked_by: str = "") -> FrameVectors:
        """The next ones of a model that were written after a row; none left: its arrays are empty.

        Args:
            lacked_by: only those of frames of which this model has none
        """
        rows = self._rows(
            """SELECT number, frame_id, photo_id, at_ms, bias, vector
            FROM frame_vectors CROSS JOIN frames USING (frame_id)
            WHERE number > ? AND model = (SELECT model FROM models WHERE model_id = ?)
            AND NOT EXISTS (
                SELECT 1 FROM frame_vectors AS other WHERE other.frame_id = frame_vectors.frame_id
                AND other.model = (SELECT model FROM models WHERE model_id = ?))
            ORDER BY number LIMIT ?""",
            after,
            model_id,
            lacked_by,
            _AT_ONCE,
        )
        _, frames, photos, at_ms = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4).T
        with explained(self._library):
            vectors = np.frombuffer(b"".join(row[5] for row in rows), dtype="<f2")
            return FrameVectors(
                rows[-1][0] if rows else after,
                frames,
                photos,
                at_ms,
                vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0),
                np.array([row[4] for row in rows], dtype=np.float32),
            )

    def frame_vectors_of(self, photo_id: int, model_id: str) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
        """Of a video's frames by a model: milliseconds (N,), and vectors (N, D), L2-normed."""
        rows = self._rows(
            """SELECT at_ms, vector FROM frames CROSS JOIN frame_vectors USING (frame_id)
            WHERE photo_id = ? AND model = (SELECT model FROM models WHERE model_id = ?) ORDER BY at_ms""",
            photo_id,
            model_id,
        )
        vectors = np.array([np.frombuffer(vector, dtype="<f2") for _, vector in rows])
        return np.array([at_ms for at_ms, _ in rows], dtype=np.int64), vectors

    def older_videos(self) -> NDArray[np.int64]:
        """Ids of videos of which an older program kept other frames (N,)."""
        (ids,) = self._integers("SELECT group_concat(photo_id) FROM videos WHERE version < ?", VIDEO_VERSION)
        return ids

    def parts_of_live_photos(self) -> frozenset[int]:
        """Ids of videos that are no more than a part of the photo beside them, if there is one."""
        rows = self._rows(
            "SELECT photo_id FROM videos WHERE of_live_photo OR (seconds > 0 AND seconds <= ?)",
            LONGEST_LIVE_PHOTO,
        )
        return frozenset(photo_id for (photo_id,) in rows)


def is_live_part(video: Video) -> bool:
    """Whether a video is no more than a part of the photo beside it, if there is one."""
    return video.of_live_photo or 0 < video.seconds <= LONGEST_LIVE_PHOTO


def thumbnail_key(content_hash: bytes, at_ms: int) -> bytes:
    """By which the thumbnail of a frame lies among those of photos, which have their content's hash alone."""
    return content_hash + at_ms.to_bytes(8, "big")


def write_video(database: sqlite3.Connection, photo_id: int, model: int, video: IndexedVideo) -> None:
    """Keep what is known of a video; frames that an older program kept go, with all models' vectors."""
    database.execute("DELETE FROM videos WHERE photo_id = ? AND version < ?", (photo_id, VIDEO_VERSION))
    database.execute(
        "INSERT INTO videos VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (photo_id, video.told.seconds, video.told.of_live_photo, video.poster_ms, VIDEO_VERSION),
    )
    for frame in video.frames:
        database.execute(
            "INSERT INTO frames (photo_id, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (photo_id, frame.at_ms),
        )
        database.execute(
            """INSERT INTO frame_vectors (model, frame_id, bias, vector)
            SELECT ?, frame_id, ?, ? FROM frames WHERE photo_id = ? AND at_ms = ? ON CONFLICT DO NOTHING""",
            (model, frame.bias, frame.vector.astype("<f2").tobytes(), photo_id, frame.at_ms),
        )


def add_frame_vectors(database: sqlite3.Connection, model: int, frames: FrameVectors) -> None:
    """Write vectors of known frames, where none is."""
    database.executemany(
        """INSERT INTO frame_vectors (model, frame_id, bias, vector) VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING""",
        [
            (model, frame_id, bias, vector.astype("<f2").tobytes())
            for frame_id, bias, vector in zip(
                frames.frames.tolist(), frames.bias.tolist(), frames.vectors, strict=True
            )
        ],
    )


def remove_some_frame_vectors(database: sqlite3.Connection, model_id: str) -> bool:
    """Remove vectors of a model; False where none are left."""
    removed = database.execute(
        """DELETE FROM frame_vectors WHERE number IN (
            SELECT number FROM frame_vectors JOIN models USING (model)
            WHERE model_id = ? LIMIT ?
        )""",
        (model_id, _REMOVED_AT_ONCE),
    ).rowcount
    return removed == _REMOVED_AT_ONCE
