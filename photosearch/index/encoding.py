"""The last stage: what was decoded is gathered in batches, encoded and committed."""

import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Encoder
from photosearch.core.errors import Sentence
from photosearch.decode.frames import Poster
from photosearch.decode.pool import Decoded
from photosearch.decode.thumbnail import average_colour, glimpse
from photosearch.index.candidate import Candidate
from photosearch.index.decoding import (
    Claims,
    FrameToEncode,
    Known,
    Outcome,
    ToEncode,
    Unreadable,
    Vanished,
)
from photosearch.index.edits import Edits
from photosearch.index.meter import Meter
from photosearch.models.batches import encode_each
from photosearch.store.reader import Reader
from photosearch.store.rows import LEFT_OUT, Failure, IndexedFile, IndexedFrame, IndexedVideo
from photosearch.store.writer import Writer

OnCommit = Callable[[NDArray[np.int64], NDArray[np.float16], NDArray[np.float32]], None]

_log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that a decoded photo may wait for its batch to fill


class EncodingStage:
    """Links what is known, records what failed, encodes and commits the rest. For one thread."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        encoder: Encoder,
        claims: Claims,
        meter: Meter,
        on_commit: OnCommit,
        left_out: Callable[[Candidate, int | None, Decoded], Failure | None],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._encoder = encoder
        self._claims = claims
        self._meter = meter
        self._on_commit = on_commit
        self._edits = Edits(reader, encoder.model_id)
        self._left_out = left_out
        self._batch: list[ToEncode | FrameToEncode] = []
        self._frames: defaultdict[bytes, list[IndexedFrame]] = defaultdict(list)  # by content, of videos
        self._batch_since = 0.0  # when its first photo came
        self._waiting: defaultdict[bytes, list[Known]] = defaultdict(
            list
        )  # files by the claimed content they hold
        self._broken: dict[bytes, Failure] = {}  # contents that failed in this run

    def add(self, outcome: Outcome) -> None:
        """Take what came of decoding a file: link it, record its failure, or put it into the batch."""
        match outcome:
            case ToEncode(file, decoded) if failure := self._left_out(file, None, decoded):
                self._fail(failure, decoded.content_hash)
            case ToEncode() | FrameToEncode():
                if not self._batch:
                    self._batch_since = time.monotonic()
                self._batch.append(outcome)
            case Known():
                self._add_known(outcome)
            case Unreadable():
                self._fail(outcome.failure, outcome.content_hash)
            case Vanished():
                self._meter.vanished += 1

    def batch_is_due(self) -> bool:
        """Is there a batch that is full, or alone in the works, or has waited long enough?"""
        if not self._batch:
            return False
        photos = sum(isinstance(one, ToEncode) for one in self._batch)
        held = photos + sum(map(len, self._waiting.values()))
        return (
            len(self._batch) >= self._encoder.batch_size
            or (photos and held == self._meter.found - self._meter.done)
            or time.monotonic() - self._batch_since > PATIENCE
        )

    def encode(self) -> None:
        """Encode and commit the batch.

        Raises:
            KnownError: the encoder failed on each of several photos, which is not the photos' fault.
        """
        batch, self._batch = self._batch, []
        kept, vectors = list[ToEncode | FrameToEncode](), list[NDArray[np.float32]]()
        for one, found in zip(batch, encode_each(self._encoder, list(map(self._pixels, batch))), strict=True):
            if isinstance(found, Sentence):
                self._fail_to_encode(one, found)
            else:
                kept.append(one)
                vectors.append(found)
        if kept:
            stacked = np.stack(vectors)
            self._keep(kept, stacked.astype(np.float16), self._encoder.image_bias(stacked))

    def _keep(
        self,
        batch: list[ToEncode | FrameToEncode],
        vectors: NDArray[np.float16],
        bias: NDArray[np.float32],
    ) -> None:  # vectors (B, D), bias (B,)
        """Commit photos; what is of a video waits for its poster."""
        photos, places = list[ToEncode](), list[int]()
        for place, one in enumerate(batch):
            if isinstance(one, ToEncode):
                photos.append(one)
                places.append(place)
            elif one.content_hash in self._claims:  # else the video failed meanwhile
                frame = IndexedFrame(one.frame.at_ms, vectors[place], float(bias[place]), one.frame.thumbnail)
                self._frames[one.content_hash].append(frame)
        if photos:
            self._commit(photos, vectors[places], bias[places])

    def _commit(
        self, batch: list[ToEncode], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> None:  # vectors (B, D), bias (B,)
        batch = [self._with_shown_file(photo) for photo in batch]
        rows = [self._row(*row) for row in zip(batch, vectors, bias, strict=True)]
        ids = self._writer.commit(rows, self._encoder.model_id)
        self._meter.indexed += len(batch)
        for photo, photo_id in zip(batch, ids, strict=True):
            content_hash = photo.decoded.content_hash
            self._claims.release(content_hash)
            self._broken.pop(content_hash, None)
            for known in self._waiting.pop(content_hash, []):
                self._link(known, photo_id)
        self._on_commit(np.array(ids, dtype=np.int64), vectors, bias)

    def _with_shown_file(self, photo: ToEncode) -> ToEncode:
        """With that of the copies that came together by which it is to be shown, whichever was read first.

        The store shows the file that it has known longest.
        """
        copies = self._waiting.get(photo.decoded.content_hash, [])
        for place, copy in enumerate(copies):
            decoded, read = photo.decoded, copy.decoded
            is_first = _shown_as(copy.file) < _shown_as(photo.file)
            if is_first and not self._left_out(copy.file, None, decoded):
                copies[place] = Known(photo.file, msgspec.structs.replace(decoded, facts=None, picture=None))
                stamp = {"size": read.size, "mtime_ns": read.mtime_ns, "ctime_ns": read.ctime_ns}
                photo = ToEncode(copy.file, msgspec.structs.replace(decoded, **stamp))
        return photo

    def _add_known(self, known: Known) -> None:
        content_hash = known.decoded.content_hash
        if content_hash in self._claims:
            self._waiting[content_hash].append(known)
        elif content_hash in self._broken:
            self._fail_like(known, self._broken[content_hash])
        else:
            photo_id = self._reader.photo_id(content_hash)
            assert photo_id is not None, "photos keep their rows"
            self._link(known, photo_id)

    def _link(self, known: Known, photo_id: int) -> None:
        file, decoded = known.file, known.decoded
        if failure := self._left_out(file, photo_id, decoded):
            self._fail(failure)
            return
        if decoded.facts:
            thumbnail = self._reader.thumbnail(photo_id)
            colour = average_colour(glimpse(thumbnail)) if thumbnail else None
            self._writer.describe(photo_id, decoded.facts, colour)
        is_back = self._writer.link(
            file.folder_id, file.path, decoded.size, decoded.mtime_ns, photo_id, decoded.ctime_ns
        )
        if is_back:
            self._meter.back += 1
        elif file.known and file.known.photo_id == photo_id:
            self._meter.touched += 1
        else:
            self._meter.arrived[photo_id] += 1

    def _fail_to_encode(self, photo: ToEncode | FrameToEncode, reason: Sentence) -> None:
        if isinstance(photo, FrameToEncode):  # the video has others
            _log.warning("A picture of a video at %d ms: %s", photo.frame.at_ms, reason)
            return
        # Passing: another model, or more free memory, may do.
        self._fail(photo.file.failed("encode", reason, passing=True), photo.decoded.content_hash)

    def _fail(self, failure: Failure, content_hash: bytes | None = None) -> None:
        """Record a failure, or what is left out, and the same for files that hold the same bytes."""
        self._writer.fail([failure])
        if failure.stage in LEFT_OUT:
            self._meter.left_out += 1
        else:
            self._meter.failed += 1
        if content_hash is not None:
            self._frames.pop(content_hash, None)
            self._broken[content_hash] = failure
            self._claims.release(content_hash)
            for known in self._waiting.pop(content_hash, []):
                self._fail_like(known, failure)

    def _fail_like(self, known: Known, failure: Failure) -> None:
        passing = failure.retry_at is not None
        self._fail(known.file.failed(failure.stage, failure.reason, passing=passing))

    def _pixels(self, photo: ToEncode | FrameToEncode) -> NDArray[np.uint8]:  # (H, W, 3)
        picture = photo.frame if isinstance(photo, FrameToEncode) else photo.decoded.picture
        assert picture is not None
        size = self._encoder.preprocessing.size
        return np.frombuffer(picture.pixels, dtype=np.uint8).reshape(size, size, 3)

    def _video(
        self, content_hash: bytes, poster: Poster, vector: NDArray[np.float16], bias: float
    ) -> IndexedVideo:
        frames = {frame.at_ms: frame for frame in self._frames.pop(content_hash, [])}
        frames[poster.at_ms] = IndexedFrame(poster.at_ms, vector, bias, poster.thumbnail)
        return IndexedVideo(poster.video, poster.at_ms, tuple(frames[at_ms] for at_ms in sorted(frames)))

    def _row(self, photo: ToEncode, vector: NDArray[np.float16], bias: np.float32) -> IndexedFile:
        file, decoded, picture = photo.file, photo.decoded, photo.decoded.picture
        assert picture is not None
        return IndexedFile(
            folder_id=file.folder_id,
            path=file.path,
            size=decoded.size,
            mtime_ns=decoded.mtime_ns,
            content_hash=decoded.content_hash,
            facts=picture.facts,
            colour=picture.colour,
            vector=vector,
            bias=float(bias),
            thumbnail=picture.thumbnail,
            ctime_ns=decoded.ctime_ns,
            look=picture.look,
            damage=picture.damage,
            edit=self._edits.known(
                file.path, decoded.content_hash, picture.thumbnail, picture.facts.taken_at, vector
            ),
            video=self._video(decoded.content_hash, picture.poster, vector, float(bias))
            if picture.poster
            else None,
        )


def _shown_as(file: Candidate) -> tuple[int, bytes]:
    """Of copies the one that is first by this gives the name: programs make names of copies longer."""
    return len(os.path.basename(file.path)), file.path  # noqa: PTH119  (bytes)
