"""Decoder children under limits of time and memory: one that hangs or dies costs its photo and nothing else.

Each may use its share of what all may use together. A photo that takes more is decoded while no other one is.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self, TypeVar

import msgspec

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.memory import machine_memory
from photosearch.core.photo import Told
from photosearch.decode import frames
from photosearch.decode.child import END_SECONDS, Child, Decoded, NeedsMemory, Watch
from photosearch.decode.frames import DecodedPreview, Edit, Edited, PreviewWanted, Wanted
from photosearch.decode.image import DecodeError, Limits

__all__ = ["DecodeError", "Decoded", "DecodedPreview", "DecoderPool", "Limits", "Wanted", "Watch"]

_SMALLEST_SHARE = 256 << 20  # bytes of memory; with less, photos of usual sizes would wait for each other

_Done = TypeVar("_Done")


class DecoderPool:
    """A few children that decode; they start when first needed. A context manager.

    Args:
        preprocessing: of the model that the pixels are for; None in a pool for previews alone.
        workers: how many photos are decoded at the same time, at most.
    """

    def __init__(
        self, preprocessing: Preprocessing | None, workers: int, limits: Limits | None = None
    ) -> None:
        limits = limits or Limits()
        together = limits.together_bytes or machine_memory() // 2
        workers = min(workers, max(1, together // _SMALLEST_SHARE))
        alone = min(limits.memory_bytes, together)
        share = min(limits.memory_bytes, together // workers)
        small = msgspec.structs.replace(limits, memory_bytes=share)
        self._large_helps = alone > share
        self._children = [Child(preprocessing, small, not self._large_helps) for _ in range(workers)]
        self._idle = list(self._children)
        self._large = Child(preprocessing, msgspec.structs.replace(limits, memory_bytes=alone), True)
        self._large_works = False  # or is about to: no other one begins
        self._changed = threading.Condition()
        self._closed = False

    def decode(self, path: bytes, wanted: Callable[[bytes], Wanted], watch: Watch | None = None) -> Decoded:
        """Read the file at `path`, and make of it what `wanted(content_hash)` says.

        Blocks until a child is free; call it from as many threads as there are workers. `wanted` and `watch`
        run in the calling thread, and their time is not the photo's.

        Args:
            watch: sees the pictures of a video as they come; those that had come before a photo failed, or
                needed more memory, were in vain

        Raises:
            DecodeError: the file gives no picture, with the reason.
            KnownError: no child could be started.
            Cancelled: the pool was closed.
        """
        verdicts: dict[bytes, Wanted] = {}

        def wanted_once(content_hash: bytes) -> Wanted:
            if content_hash not in verdicts:
                verdicts[content_hash] = wanted(content_hash)
            return verdicts[content_hash]

        return self._done(lambda child: child.decode(path, wanted_once, watch or Watch()))

    def preview(self, path: bytes, longest_edge: int, at_ms: int = 0) -> DecodedPreview:
        """The photo in the file at `path`, for a person to look at. Blocks, and raises, as decode() does.

        Args:
            longest_edge: at most, pixels
            at_ms: of a video, from its beginning
        """
        return self._done(lambda child: child.preview(path, PreviewWanted(longest_edge, at_ms)))

    def sidecar(self, path: bytes) -> tuple[frames.Read, Told]:
        """What the file at `path` says of a photo beside it. Blocks, and raises, as decode() does."""
        return self._done(lambda child: child.sidecar(path))

    def edit(self, path: bytes, edit: Edit) -> Edited:
        """The XMP file at `path` with an edit made, not yet written. Blocks, and raises, as decode()."""
        return self._done(lambda child: child.edit(path, edit))

    def _done(self, work: Callable[[Child], _Done]) -> _Done:
        """Work with a child; with the large one where that takes more memory than a share."""
        try:
            with self._child() as child:
                return work(child)
        except NeedsMemory:
            if not self._large_helps:
                raise
        with self._child(large=True) as child:
            return work(child)

    @contextlib.contextmanager
    def _child(self, *, large: bool = False) -> Iterator[Child]:
        """A child that nobody else uses meanwhile; beside the large one no other works."""
        child = self._acquire_large() if large else self._acquire()
        try:
            yield child
        except (DecodeError, KnownError):
            if self._closed:
                raise Cancelled from None
            raise
        finally:
            if self._closed or large:
                child.stop()
            with self._changed:
                if large:
                    self._large_works = False
                else:
                    self._idle.append(child)
                self._changed.notify_all()

    def close(self) -> None:
        """Kill every child, whatever it is doing, and wait for their threads to notice."""
        give_up = time.monotonic() + END_SECONDS
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            while (len(self._idle) < len(self._children) or self._large_works) and time.monotonic() < give_up:
                for child in (*self._children, self._large):
                    child.kill()
                self._changed.wait(0.05)  # and again: a child may just have been starting
        for child in (*self._children, self._large):
            child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _acquire(self) -> Child:
        with self._changed:
            self._wait_for(lambda: bool(self._idle) and not self._large_works)
            return self._idle.pop()  # the latest, so that a light load keeps few children

    def _acquire_large(self) -> Child:
        with self._changed:
            self._wait_for(lambda: not self._large_works)
            self._large_works = True
            try:
                self._wait_for(lambda: len(self._idle) == len(self._children))
            except Cancelled:
                self._large_works = False
                raise
            return self._large

    def _wait_for(self, holds: Callable[[], bool]) -> None:
        """
        Raises:
            Cancelled: the pool was closed.
        """
        self._changed.wait_for(lambda: holds() or self._closed)
        if self._closed:
            raise Cancelled
