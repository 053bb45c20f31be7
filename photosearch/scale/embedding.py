"""What a worker does: the photos of a chunk are decoded and encoded as indexing does it, into one part."""

import os
import platform
import tarfile
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.memory import machine_memory
from photosearch.decode.frames import DecodedPicture
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.pool import DecoderPool, Wanted
from photosearch.models import catalog
from photosearch.models.batches import encode_each
from photosearch.models.loading import load_encoder
from photosearch.scale import sources
from photosearch.scale.frames import Chunk, Report, Task
from photosearch.scale.parts import PartWriter
from photosearch.scale.rows import FailedRow, PhotoRow, Stamp


class Embedder:
    """Loads the model once, and embeds chunk by chunk.

    Raises:
        KnownError: the model is not on this computer, or cannot be loaded.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._cores = task.shares.cores
        device = None if task.shares.gpus else "cpu"
        self._encoder = load_encoder(
            _model_of(task), device=device, threads=self._cores, taught=False
        ).encoder
        self._batch = task.batch or self._encoder.batch_size
        share = machine_memory() * min(1.0, self._cores / (os.cpu_count() or 1)) / 2
        self._limits = Limits(together_bytes=int(share))
        self._pool = DecoderPool(self._encoder.preprocessing, self._cores, self._limits)

    def close(self) -> None:
        """End the decoders."""
        self._pool.close()

    def embed(self, chunk: Chunk) -> Report:
        """Write the part of a chunk.

        Raises:
            KnownError: the folder cannot be written, or the model cannot run.
        """
        try:
            with self._part(chunk, chunk.shard) as part:
                report = self._fill(part, chunk)
        except DecodeError as error:  # its archive, which may be read another time: no photo of it is done
            with self._part(chunk, None) as part:
                part.fail(_failed(chunk.files[0], error))
            report = Report(failed=1)
        return msgspec.structs.replace(report, write_seconds=part.seconds)

    def _part(self, chunk: Chunk, shard: Stamp | None) -> PartWriter:
        name = f"part-{self._task.run}-{chunk.number:06}"
        header = msgspec.structs.replace(self._task.header, shard=shard)
        return PartWriter(Path(self._task.out), name, header, self._task.format)

    def _fill(self, part: PartWriter, chunk: Chunk) -> Report:
        """
        Raises:
            DecodeError: an archive cannot be read for now.
        """
        photos = failed = 0
        decoding = encoding = 0.0
        batch: list[_Decoded] = []

        def encode() -> None:
            nonlocal photos, failed, encoding
            began = time.perf_counter()
            images = [self._pixels(one) for one in batch]
            for one, vector in zip(batch, encode_each(self._encoder, images), strict=True):
                if isinstance(vector, Sentence):  # passing: another model, or more free memory, may do
                    part.fail(_failed(one.file, DecodeError(vector, passing=True)))
                    failed += 1
                else:
                    part.add(_row(one, vector))
                    photos += 1
            batch.clear()
            encoding += time.perf_counter() - began

        with (
            tempfile.TemporaryDirectory(prefix="photosearch-") as copies,
            ThreadPoolExecutor(self._cores, "decode") as threads,
        ):
            jobs = self._jobs(chunk, Path(copies))
            for found in _ahead(threads, jobs, 2 * self._batch):  # decoders go on while a batch is encoded
                decoding += found.seconds
                if isinstance(found, _Failed):
                    part.fail(found.row)
                    failed += 1
                    continue
                batch.append(found)
                if len(batch) == self._batch:
                    encode()
            if batch:
                encode()
        return Report(photos, failed, decoding, encoding)

    def _jobs(self, chunk: Chunk, copies: Path) -> "Iterator[Callable[[], _Found]]":
        """Each decodes a file.

        Raises:
            DecodeError: an archive cannot be read for now.
        """
        most = self._limits.file_bytes
        if shard := chunk.shard:
            with sources.stream(shard.path, chunk.bucket) as archive:
                try:
                    for file, copy in sources.members(archive, shard, most, copies):
                        yield partial(self._decode, file, copy)
                except (tarfile.TarError, EOFError):
                    damaged = DecodeError("the archive is damaged; what stands before that was read")
                    yield partial(_Failed, _failed(shard, damaged), 0.0)
        else:
            for file in chunk.files:
                yield partial(self._decode, file, sources.local(file, chunk.bucket, most, copies))

    def _decode(self, file: Stamp, at_hand: AbstractContextManager[bytes]) -> "_Found":
        began = time.perf_counter()
        try:
            with at_hand as path:
                decoded = self._pool.decode(path, lambda content_hash: Wanted.PICTURE)
            assert decoded.picture is not None
            if decoded.picture.poster:
                raise DecodeError("it is a video")
        except DecodeError as error:
            return _Failed(_failed(file, error), time.perf_counter() - began)
        return _Decoded(file, decoded.content_hash, decoded.picture, time.perf_counter() - began)

    def _pixels(self, one: "_Decoded") -> NDArray[np.uint8]:  # (H, W, 3)
        size = self._encoder.preprocessing.size
        return np.frombuffer(one.picture.pixels, np.uint8).reshape(size, size, 3)


class _Decoded(NamedTuple):
    file: Stamp
    content_hash: bytes
    picture: DecodedPicture
    seconds: float


class _Failed(NamedTuple):
    row: FailedRow
    seconds: float


_Found = _Decoded | _Failed


def _ahead(threads: ThreadPoolExecutor, jobs: Iterable[Callable[[], _Found]], most: int) -> Iterator[_Found]:
    """What the jobs give, in order, while up to `most` of the next are done or being done."""
    waiting: deque[Future[_Found]] = deque()
    for job in jobs:
        waiting.append(threads.submit(job))
        if len(waiting) > most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _row(one: _Decoded, vector: NDArray[np.float32]) -> PhotoRow:
    return PhotoRow(
        path=one.file.path,
        content_hash=one.content_hash,
        size=one.file.size,
        mtime_ns=one.file.mtime_ns,
        facts=one.picture.facts,
        colour=one.picture.colour,
        look=one.picture.look,
        thumbnail=one.picture.thumbnail,
        vector=vector.astype("<f2").tobytes(),
        damage=one.picture.damage,
    )


def _failed(file: Stamp, error: DecodeError) -> FailedRow:
    return FailedRow(file.path, file.size, file.mtime_ns, str(error.reason), error.passing)


def _model_of(task: Task) -> catalog.ModelInfo:
    """
    Raises:
        KnownError: the model is not on this computer.
    """
    info = catalog.read_info(Path(task.checkpoint)) if task.checkpoint else catalog.default()
    for one in (info, catalog.in_int8(info)):
        if one and one.model_id == task.header.model_id:
            return one
    raise KnownError(
        "The computer {computer} has another model in the place of {model}; install the same PhotoSearch "
        "on all of them.",
        computer=platform.node(),
        model=task.header.model,
    )
