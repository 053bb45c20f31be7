"""Bring folders up to date: scanner -> decoders -> encoder -> writer, through bounded queues."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.encoder import Encoder
from photosearch.core.memory import give_memory_back
from photosearch.core.progress import Control, IndexReport, Progress
from photosearch.decode.pool import Decoded, DecodeError, DecoderPool
from photosearch.index.candidate import Candidate
from photosearch.index.channel import Channel, Closed
from photosearch.index.decoding import Claims, Frames, Outcome, Unreadable, decode
from photosearch.index.edits import Edits
from photosearch.index.encoding import EncodingStage, OnCommit
from photosearch.index.excluding import Exclusion
from photosearch.index.looked_at import LookedAt
from photosearch.index.meter import Meter
from photosearch.index.scanner import FolderAway, FolderScan, FoundSidecar, present_volume
from photosearch.index.taking_over import take_over
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Failure, Folder, Sidecar
from photosearch.store.videos import is_live_part
from photosearch.store.writer import Writer

FOUND_AHEAD = 100_000  # files the scanner may be ahead, so that the total is soon known; about 30 MB
HURRY_SECONDS = 0.3  # between two looks at what goes first: 100,000 files take about 20 ms
TICK = 0.1  # seconds between two looks at pause, cancel and the other threads
FORGET_CHUNK = 500
SIDECARS_CHUNK = 200

_log = logging.getLogger(__name__)


class Pipeline:
    """Indexes folders with one encoder; run() may be called again and again, one call at a time."""

    def __init__(
        self, library: Library, writer: Writer, pool: DecoderPool, encoder: Encoder, workers: int
    ) -> None:
        self._library = library
        self._writer = writer
        self._pool = pool
        self._encoder = encoder
        self._workers = workers  # threads that keep the pool's children busy

    def run(
        self,
        folders: Sequence[Folder],
        control: Control,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        on_commit: OnCommit = lambda ids, vectors, bias: None,
        yield_to_queries: Callable[[], None] = lambda: None,
        looked_at: LookedAt | None = None,
    ) -> IndexReport:
        """Make the store say what the folders hold.

        Photos are committed batch by batch, so a run that is interrupted loses no more than what is in
        flight. Files that are gone are forgotten last, and not at all by an interrupted run.

        Args:
            on_progress: called on this thread, about ten times a second.
            on_commit: called on this thread after each batch: photo ids (B,), vectors (B, D), bias (B,).
            yield_to_queries: called before each batch is encoded; returns when no query waits.
            looked_at: photos of which the files go before others.

        Raises:
            Cancelled: control.cancel() was called; what was committed stays.
            KnownError: the library cannot be written, or the model cannot run.
        """
        kept_before = self._writer.notes_kept
        self._writer.register_model(self._encoder.model_id, self._encoder.name, self._encoder.dim)
        with Reader.open(self._library) as reader:
            take_over(reader, self._writer, self._encoder, control, on_commit)
            wanted = _Wanted(
                settings.value(settings.EXCLUDE, reader.setting(settings.EXCLUDE)),
                edge := int(settings.value(settings.SMALLEST_EDGE, reader.setting(settings.SMALLEST_EDGE))),
                reader.smaller_than(edge),
                settings.value(settings.VIDEOS, reader.setting(settings.VIDEOS)) == settings.YES,
                reader.parts_of_live_photos(),
            )
        run = _IndexRun(
            self._library, self._writer, self._pool, self._encoder, control, Meter(on_progress), wanted
        )
        # Left in reverse: the channels are torn down, so that every thread ends, then the threads are joined.
        with (
            ThreadPoolExecutor(self._workers + 1, "index") as threads,
            Channel[Candidate](FOUND_AHEAD) as files,
            Channel[Outcome](2 * self._encoder.batch_size, senders=self._workers + 1) as outcomes,
        ):
            stages = [threads.submit(run.scan, folders, files, outcomes)]
            stages += [threads.submit(run.decode, files, outcomes) for _ in range(self._workers)]
            hurry = _Hurry(files, looked_at) if looked_at is not None else None
            run.encode(stages, outcomes, on_commit, yield_to_queries, hurry)
        self._encoder.rest()
        give_memory_back()  # batches took about 200 MB
        run.note_away(folders)
        run.read_sidecars(self._workers)
        run.forget_gone()
        run.meter.notes_kept = self._writer.notes_kept - kept_before
        run.meter.report("idle")
        return run.meter.result(self._encoder.model_id)


class _Wanted(NamedTuple):
    """What the person leaves out."""

    exclude: str  # patterns, one a line
    smallest_edge: int  # pixels
    too_small: frozenset[int]  # ids of photos that are known
    videos: bool  # are they wanted?
    live_parts: frozenset[int]  # ids of videos that a photo of their name, if one is there, shows


class _IndexRun:
    """What the threads of one run share, and what each of them does."""

    def __init__(
        self,
        library: Library,
        writer: Writer,
        pool: DecoderPool,
        encoder: Encoder,
        control: Control,
        meter: Meter,
        wanted: _Wanted,
    ) -> None:
        self.meter = meter
        self._library = library
        self._writer = writer
        self._pool = pool
        self._encoder = encoder
        self._control = control
        self._wanted = wanted
        self._claims = Claims()
        self._gone: dict[int, dict[bytes, int | None]] = {}  # path -> photo, of each folder that was scanned
        self._sidecars: list[FoundSidecar] = []
        self._gone_sidecars: list[bytes] = []

    def scan(self, folders: Sequence[Folder], files: Channel[Candidate], outcomes: Channel[Outcome]) -> None:
        """First stage, one thread: find what needs work."""
        try:
            with Reader.open(self._library) as reader:
                without = np.concatenate([reader.undescribed(), reader.older_videos()])
                complete = _Numbers(reader.vector_ids(self._encoder.model_id), without=without)
                roots = frozenset(folder.path for folder in reader.folders())
                for folder in folders:
                    scan = FolderScan(
                        folder,
                        reader.stamps(folder.folder_id),
                        complete=complete.__contains__,
                        control=self._control,
                        others=roots - {folder.path},
                        exclusion=Exclusion.of_all_folders(self._wanted.exclude, folder.path),
                        too_small=self._wanted.too_small,
                        sidecars=reader.sidecars(folder.folder_id),
                        videos=self._wanted.videos,
                        live_parts=self._wanted.live_parts,
                    )
                    self._scan(folder, scan, files, outcomes)
            self.meter.scanning = False
        finally:
            files.done()
            outcomes.done()

    def _scan(
        self, folder: Folder, scan: FolderScan, files: Channel[Candidate], outcomes: Channel[Outcome]
    ) -> None:
        try:
            for found in scan:
                self.meter.found += 1
                if isinstance(found, Failure):
                    outcomes.put(Unreadable(found))
                else:
                    files.put(found)
        except FolderAway:
            self._writer.set_away(folder.folder_id, True)
            return
        if folder.away or scan.volume != folder.volume:
            self._writer.set_away(folder.folder_id, False, scan.volume)
        self.meter.unchanged += scan.unchanged
        self._gone[folder.folder_id] = scan.gone
        self._sidecars += scan.changed_sidecars
        self._gone_sidecars += scan.gone_sidecars

    def decode(self, files: Channel[Candidate], outcomes: Channel[Outcome]) -> None:
        """Second stage, a thread for each child of the pool: read, hash, and decode what is new."""
        try:
            with Reader.open(self._library) as reader:

                def is_stored(content_hash: bytes) -> bool:
                    photo_id = reader.photo_id(content_hash)
                    return photo_id is not None and reader.has_vector(photo_id, self._encoder.model_id)

                def is_described(content_hash: bytes) -> bool:
                    photo_id = reader.photo_id(content_hash)
                    return photo_id is not None and reader.is_described(photo_id)

                frames = Frames(outcomes.put, self._control.checkpoint)
                for file in files:
                    self._control.checkpoint()
                    outcomes.put(decode(file, self._pool, self._claims, is_stored, is_described, frames))
        finally:
            outcomes.done()

    def encode(
        self,
        stages: Sequence[Future[None]],
        outcomes: Channel[Outcome],
        on_commit: OnCommit,
        yield_to_queries: Callable[[], None],
        hurry: "_Hurry | None",
    ) -> None:
        """Last stage, on the caller's thread: encode and write, until the other stages have ended."""
        with Reader.open(self._library) as reader:
            stage = EncodingStage(
                self._writer,
                reader,
                self._encoder,
                self._claims,
                self.meter,
                on_commit,
                self._left_out,
            )
            for outcome in self._arriving(stages, outcomes):
                if outcome:
                    stage.add(outcome)
                if hurry:
                    hurry.look()
                if stage.batch_is_due():
                    yield_to_queries()
                    stage.encode()

    def _left_out(self, file: Candidate, photo_id: int | None, decoded: Decoded) -> Failure | None:
        """The row of a file that is well and left out; None where it is not.

        Args:
            photo_id: None: a photo that is new, and was decoded
        """
        picture = decoded.picture
        if photo_id in self._wanted.too_small or (
            picture and min(picture.facts.width, picture.facts.height) < self._wanted.smallest_edge
        ):
            return file.too_small()
        video = picture.poster.video if picture and picture.poster else None
        part = photo_id in self._wanted.live_parts or (video is not None and is_live_part(video))
        return file.part_of_live_photo() if part and file.beside_photo else None

    def note_away(self, folders: Sequence[Folder]) -> None:
        """Keep what is known of folders that went while their files were read, where files were missing."""
        for folder in folders if self.meter.vanished else ():
            try:
                present_volume(folder, known=True)
            except FolderAway:
                self._writer.set_away(folder.folder_id, True)
                self._gone.pop(folder.folder_id, None)

    def read_sidecars(self, workers: int) -> None:
        """Read what changed beside photos, once these are in the store."""
        with ThreadPoolExecutor(workers, "sidecars") as threads:
            for start in range(0, len(self._sidecars), SIDECARS_CHUNK):
                self._control.checkpoint()
                read = threads.map(self._read_sidecar, self._sidecars[start : start + SIDECARS_CHUNK])
                self._writer.write_sidecars([sidecar for sidecar in read if sidecar])

    def _read_sidecar(self, found: FoundSidecar) -> Sidecar | None:
        """None where it cannot be read; the next run tries again."""
        try:
            read, told = self._pool.sidecar(found.path)
        except DecodeError as error:
            _log.warning("%s was not read: %s", os.fsdecode(found.path), error)
            return None
        return Sidecar(
            found.folder_id, found.path, found.files, read.size, read.mtime_ns, read.ctime_ns, told
        )

    def forget_gone(self) -> None:
        """Drop files that are gone, and let notes go over to what was edited and renamed.

        Last of all: a file that moved was linked at its new path before its old one goes.
        """
        for folder_id, gone in self._gone.items():
            photos = [(path, photo_id) for path, photo_id in gone.items() if photo_id is not None]
            with Reader.open(self._library) as reader:
                renamed = dict(Edits(reader, self._encoder.model_id).renamed(folder_id, photos))
            paths = list(gone)
            for start in range(0, len(paths), FORGET_CHUNK):
                self._control.checkpoint()
                chunk = paths[start : start + FORGET_CHUNK]
                edits = [(old, renamed.pop(old)) for path in chunk if (old := gone[path]) in renamed]
                self._writer.forget(chunk, edits)
            self.meter.left.update(photo_id for _, photo_id in photos)
        for start in range(0, len(self._gone_sidecars), FORGET_CHUNK):
            self._control.checkpoint()
            self._writer.forget_sidecars(self._gone_sidecars[start : start + FORGET_CHUNK])
        self._writer.settle(list(self._gone))
        self._count_left_unseen()

    def _count_left_unseen(self) -> None:
        """Of photos that came up at another path: files gone from folders that this run does not read."""
        left, arrived = self.meter.left, self.meter.arrived
        with Reader.open(self._library) as reader:
            for photo_id, copies in (arrived - left).items():
                paths = reader.paths_here(photo_id)
                gone = sum(not os.path.lexists(path) for path in paths)
                left[photo_id] += min(gone, copies)

    def _arriving(
        self, stages: Sequence[Future[None]], outcomes: Channel[Outcome]
    ) -> Iterator[Outcome | None]:
        """Outcomes as they come, and None at least every TICK; raises what a stage raised."""
        while True:
            if self._control.paused:
                self.meter.report("paused")
            self._control.checkpoint()
            for stage in stages:
                if stage.done():
                    stage.result()
            try:
                yield outcomes.get(TICK)
            except TimeoutError:
                yield None
            except Closed:
                break
            self.meter.report()
        for stage in stages:
            stage.result()


class _Hurry:
    """Brings the files of photos that somebody looks at to the front of those that wait."""

    def __init__(self, files: Channel[Candidate], looked_at: LookedAt) -> None:
        self._files = files
        self._looked_at = looked_at
        self._seen = 0  # looks
        self._waited = 0  # files, when that was last done
        self._next = 0.0

    def look(self) -> None:
        """Do it where somebody looked, or more files wait; a few times a second at most."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + HURRY_SECONDS
        times, waiting = self._looked_at.times, len(self._files)
        if times != self._seen or waiting > self._waited:
            self._files.bring_forward(self._is_looked_at)
        self._seen, self._waited = times, waiting

    def _is_looked_at(self, file: Candidate) -> bool:
        return file.known is not None and file.known.photo_id in self._looked_at


class _Numbers:
    """A set of whole numbers (n,), a byte for each up to the largest: objects take a hundred."""

    def __init__(self, numbers: NDArray[np.int64], *, without: NDArray[np.int64]) -> None:
        among = np.zeros(max(numbers.max(initial=-1), without.max(initial=-1)) + 1, dtype=bool)
        among[numbers] = True
        among[without] = False
        self._among = among.tobytes()

    def __contains__(self, number: int) -> bool:
        return number < len(self._among) and self._among[number] != 0
