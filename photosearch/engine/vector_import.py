"""Photos that were embedded elsewhere come into the library: a job that neither reads nor decodes one."""

import contextlib
import math
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from photosearch import programs
from photosearch.core import vector_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.file_names import moved
from photosearch.core.photo import (
    FACTS_VERSION,
    LONGEST_CAPTION,
    MINIATURE_EDGE,
    Facts,
    ctime_ns_of,
    is_video,
    mtime_ns_of,
)
from photosearch.core.progress import Control, IndexReport, Progress, Rate
from photosearch.decode.said import as_words, one_line
from photosearch.decode.thumbnail import is_thumbnail
from photosearch.engine import children
from photosearch.engine.handlers import Handlers
from photosearch.engine.indexing import Indexing
from photosearch.engine.model import LoadedModel
from photosearch.index.encoding import OnCommit
from photosearch.paths import Library
from photosearch.scale import frames
from photosearch.scale.rows import Header, PhotoRow
from photosearch.store.folders import contains
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder, IndexedFile
from photosearch.store.writer import Writer

CHILD = (*programs.command("photosearch.scale"), "read")
_LONGEST_EDGE = 1_000_000  # pixels
_OFF_UNIT = 0.01  # of a vector's length; float16 rounds it by a thousandth
_TICK = 0.2  # seconds between two looks at whether the job is to end
_MISSING, _CHANGED, _OUTSIDE, _REFUSED = range(4)


class VectorImports:
    """Answers requests to import vectors.

    Args:
        child: the beginning of the command line of the program that reads them
    """

    def __init__(
        self, library: Library, writer: Writer, indexing: Indexing, child: Sequence[str] = CHILD
    ) -> None:
        self._library, self._writer, self._indexing, self._child = library, writer, indexing, child

    def serve(self, handlers: Handlers) -> None:
        """Take the requests."""
        handlers.answer(vector_messages.ImportVectors, self._import)

    def _import(self, request: vector_messages.ImportVectors) -> vector_messages.VectorsImported:
        added = [self._indexing.folders.checked(now) for _, now in request.places]
        places = [(was, now) for (was, _), now in zip(request.places, added, strict=True)]
        folders = self._indexing.add_folders(added) or {one.path for one in self._indexing.folders.all()}
        work = _Import(
            self._library, self._writer, Path(os.fsdecode(request.folder_bytes)), places, self._child
        )
        self._indexing.bring(folders, work.run)
        return work.result()


class _Import:
    """One job."""

    def __init__(
        self,
        library: Library,
        writer: Writer,
        source: Path,
        places: Sequence[tuple[bytes, bytes]],
        child: Sequence[str],
    ) -> None:
        self._library, self._writer, self._source, self._places = library, writer, source, places
        self._child = child
        self._imported = self._known = 0
        self._left: Counter[int] = Counter()
        self._examples: dict[int, Sentence | str] = {}  # the first of each kind

    def run(
        self,
        loaded: LoadedModel,
        control: Control,
        on_progress: Callable[[Progress], None],
        on_commit: OnCommit,
    ) -> IndexReport:
        """Bring in all of it, batch by batch.

        Raises:
            Cancelled: what was committed stays.
            KnownError: the folder cannot be read, is of another model, or the library cannot be written.
        """
        encoder = loaded.encoder
        self._writer.register_model(encoder.model_id, encoder.name, encoder.dim)
        rate = Rate()
        done = total = 0
        with Reader.open(self._library) as reader, self._reading(control) as answers:
            folders = reader.folders()
            for frame in answers:
                control.checkpoint()
                if isinstance(frame, frames.Part):
                    self._check(frame.header, loaded)
                    total = done + frame.left
                else:
                    taken = [
                        file for row in frame.rows if (file := self._taken(row, folders, reader, loaded))
                    ]
                    if taken:
                        vectors = np.stack([file.vector for file in taken])
                        bias = encoder.image_bias(vectors.astype(np.float32))
                        files = [
                            msgspec.structs.replace(file, bias=float(own))
                            for file, own in zip(taken, bias, strict=True)
                        ]
                        ids = self._writer.commit(files, encoder.model_id)
                        self._imported += len(files)
                        on_commit(np.array(ids, dtype=np.int64), vectors, bias)
                    done += len(frame.rows)
                speed = rate.add(done)
                left = (total - done) / speed if speed else None
                on_progress(Progress("indexing", done, total, self._left[_REFUSED], speed, left))
        return IndexReport(
            indexed=self._imported,
            unchanged=self._known,
            failed=self._left[_REFUSED],
            model=encoder.model_id,
        )

    def result(self) -> vector_messages.VectorsImported:
        """What became of it."""
        told = (_missing, _changed, _outside, _refused)
        return vector_messages.VectorsImported(
            self._imported,
            self._known,
            self._left[_MISSING],
            self._left[_CHANGED],
            self._left[_OUTSIDE],
            self._left[_REFUSED],
            tuple(
                sentence(self._left[kind], self._examples[kind])
                for kind, sentence in enumerate(told)
                if self._left[kind]
            ),
        )

    @contextlib.contextmanager
    def _reading(self, control: Control) -> Iterator[Iterator[frames.Part | frames.Rows]]:
        """What the child reads; one that waits for a dead drive is killed once the job is to end."""
        self._library.logs.mkdir(mode=0o700, exist_ok=True)
        log = self._library.logs / "vectors.txt"
        with log.open("wb") as errors:
            child = children.start(
                [*self._child, str(self._source)],
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._library.root,
                env=os.environ,
            )
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_TICK):
                if control.cancelled:
                    child.kill()

        watcher = threading.Thread(target=watch, name="vectors")
        watcher.start()
        try:
            yield _frames(child, log, control)
        finally:
            over.set()
            watcher.join()
            with child:  # closes what it was spoken to by
                child.kill()

    def _check(self, header: Header, loaded: LoadedModel) -> None:
        """
        Raises:
            KnownError: the vectors are none of the model that answers.
        """
        encoder = loaded.encoder
        if header.model_id not in (encoder.model_id, *encoder.photos_like) or header.dim != encoder.dim:
            raise KnownError(
                "{folder} holds vectors of the model {there} ({id}), and this library answers with {model}; "
                "choose that model first, by photosearch models use, or embed the photos by this one.",
                folder=self._source,
                there=header.model,
                id=header.model_id,
                model=encoder.name,
            )
        if header.facts_version != FACTS_VERSION:
            raise KnownError(
                "{folder} was written by an older or a newer PhotoSearch; embed the photos with this one.",
                folder=self._source,
            )

    def _taken(
        self, row: PhotoRow, folders: Sequence[Folder], reader: Reader, loaded: LoadedModel
    ) -> IndexedFile | None:
        """None for what is known, or cannot be taken; its bias is not known yet."""
        path = self._placed(row.path)
        holders = [folder for folder in folders if contains(folder.path, path)]
        if not holders or not _is_whole(path):
            self._leave(_OUTSIDE, os.fsdecode(row.path))
            return None
        folder = max(holders, key=lambda one: len(one.path))
        if reason := _wrong(row, loaded.encoder.dim):
            self._leave(_REFUSED, Sentence("{path} ({reason})", path=os.fsdecode(path), reason=reason))
            return None
        held = reader.holds(path, row.size, row.mtime_ns, None)
        if held is not None and reader.has_vector(held, loaded.encoder.model_id):
            self._known += 1
            return None
        ctime_ns = None
        if not folder.away:
            try:
                status = os.stat(path)  # noqa: PTH116  (bytes)
            except OSError:
                self._leave(_MISSING, os.fsdecode(path))
                return None
            if (status.st_size, mtime_ns_of(status)) == (row.size, row.mtime_ns):
                ctime_ns = ctime_ns_of(status)
            elif status.st_size != row.size or path == row.path:  # elsewhere it may be a copy, of a new time
                self._leave(_CHANGED, os.fsdecode(path))
                return None
        return IndexedFile(
            folder_id=folder.folder_id,
            path=path,
            size=row.size,
            mtime_ns=row.mtime_ns,
            content_hash=row.content_hash,
            facts=row.facts,
            colour=row.colour,
            vector=np.frombuffer(row.vector, "<f2").astype(np.float16),
            bias=0.0,
            thumbnail=row.thumbnail,
            ctime_ns=ctime_ns,
            look=row.look,
            damage=row.damage,
        )

    def _placed(self, path: bytes) -> bytes:
        for was, now in self._places:
            if (placed := moved(path, was, now)) is not None:
                return placed
        return path

    def _leave(self, kind: int, example: Sentence | str) -> None:
        self._left[kind] += 1
        self._examples.setdefault(kind, example)


def _frames(
    child: "subprocess.Popen[bytes]", log: Path, control: Control
) -> Iterator[frames.Part | frames.Rows]:
    """
    Raises:
        Cancelled: the job is to end.
        KnownError: the child refused, or came to an end.
    """
    assert child.stdout is not None
    try:
        while not isinstance(frame := frames.receive(child.stdout), frames.Over):
            if not isinstance(frame, frames.Part | frames.Rows):
                raise EOFError
            yield frame
    except EOFError:
        control.checkpoint()
        raise KnownError("What reads the vectors came to an end; {log} may say why.", log=log) from None


def _is_whole(path: bytes) -> bool:
    return b"\0" not in path and os.path.isabs(path) and os.path.normpath(path) == path  # noqa: PTH117


def _wrong(row: PhotoRow, dim: int) -> Sentence | None:
    """Why a row cannot be what a decoder and a model gave; None where it can."""
    if len(row.vector) != 2 * dim:
        return Sentence("its vector has another length than the model's")
    length = float(np.linalg.norm(np.frombuffer(row.vector, "<f2").astype(np.float32)))
    if not abs(length - 1) <= _OFF_UNIT:  # as NaN is not, either
        return Sentence("its vector has not the length 1")
    sizes = (len(row.content_hash), len(row.colour), len(row.look.miniature))
    if sizes != (20, 3, MINIATURE_EDGE**2) or not 0 <= row.look.fingerprint < 2**63 or row.size < 0:
        return Sentence("its hash, its look or its size makes no sense")
    if not is_thumbnail(row.thumbnail):
        return Sentence("its thumbnail is none")
    return None if _is_sane(row.facts) else Sentence("what it says of the photo makes no sense")


def _is_sane(facts: Facts) -> bool:
    """Whether they may come from a photo's file: in the bounds that reading them keeps."""
    numbers = (
        facts.exposure_seconds,
        facts.f_number,
        facts.focal_length_mm,
        facts.latitude,
        facts.longitude,
        facts.altitude_metres,
    )
    lines = (facts.format, facts.taken_at, facts.utc_offset, facts.camera, facts.lens)
    texts = (facts.title, facts.caption)
    return (
        not is_video(facts.format)
        and all(0 < edge <= _LONGEST_EDGE for edge in (facts.width, facts.height))
        and all(number is None or math.isfinite(number) for number in numbers)
        and abs(facts.latitude or 0) <= 90
        and abs(facts.longitude or 0) <= 180
        and (facts.latitude is None) == (facts.longitude is None)
        and 0 <= (facts.rating or 0) <= 5
        and 0 <= (facts.iso or 0) < 2**31
        and all(line is None or one_line(line) == line for line in lines)
        and all(text is None or (len(text) <= LONGEST_CAPTION and text.isprintable()) for text in texts)
        and all(as_words(list(words)) == words for words in (facts.keywords, facts.people))
    )


def _missing(photos: int, example: Sentence | str) -> Sentence:
    return Sentence(
        "Photos whose file is not there: {photos:,}, such as {example}; if it is elsewhere on this computer: "
        "--folder FROM=TO",
        photos=photos,
        example=example,
    )


def _changed(photos: int, example: Sentence | str) -> Sentence:
    return Sentence(
        "Photos whose file changed since they were embedded: {photos:,}, such as {example}; "
        "photosearch index reads them",
        photos=photos,
        example=example,
    )


def _outside(photos: int, example: Sentence | str) -> Sentence:
    return Sentence(
        "Photos that lie below no folder of the library: {photos:,}, such as {example}; add one by --folder "
        "FOLDER, or say where they are on this computer: --folder FROM=TO",
        photos=photos,
        example=example,
    )


def _refused(photos: int, example: Sentence | str) -> Sentence:
    return Sentence(
        "Photos that were not taken in, as what is told of them makes no sense: {photos:,}, such as "
        "{example}.",
        photos=photos,
        example=example,
    )
