"""Between scanner and encoder: files are decoded into pixels, or turn out to be known already."""

import os
import threading
from collections.abc import Callable

import msgspec

from photosearch.decode.frames import VideoFrame
from photosearch.decode.image import DecodeError
from photosearch.decode.pool import Decoded, DecoderPool, Wanted, Watch
from photosearch.index.candidate import Candidate
from photosearch.store.rows import Failure


class ToEncode(msgspec.Struct, frozen=True):
    """A photo to be encoded; its content is claimed."""

    file: Candidate
    decoded: Decoded


class FrameToEncode(msgspec.Struct, frozen=True):
    """A picture of a video to be encoded, beside its poster, which comes after all of these."""

    content_hash: bytes  # claimed for the video
    frame: VideoFrame


class Known(msgspec.Struct, frozen=True):
    """A file whose content the store has, or which is claimed by another file of this run."""

    file: Candidate
    decoded: Decoded


class Unreadable(msgspec.Struct, frozen=True):
    """A file that gives no picture."""

    failure: Failure
    content_hash: bytes | None = None  # claimed for this file, and now to be released


class Vanished(msgspec.Struct, frozen=True):
    """The file is no longer there; the next scan will say so."""


Outcome = ToEncode | FrameToEncode | Known | Unreadable | Vanished


class Frames(Watch):
    """Hands on the pictures of videos as they come.

    Args:
        checkpoint: waits as long as a person wants nothing done, and raises what is to end the work.
    """

    def __init__(self, hand_on: Callable[[Outcome], None], checkpoint: Callable[[], None]) -> None:
        self._hand_on, self._checkpoint = hand_on, checkpoint

    def go_on(self) -> None:
        self._checkpoint()

    def frame(self, content_hash: bytes, frame: VideoFrame) -> None:
        self._checkpoint()
        self._hand_on(FrameToEncode(content_hash, frame))


class Claims:
    """The contents in work, so that of several files with the same bytes only one is decoded and encoded."""

    def __init__(self) -> None:
        self._claimed: set[bytes] = set()
        self._lock = threading.Lock()

    def __contains__(self, content_hash: bytes) -> bool:
        with self._lock:
            return content_hash in self._claimed

    def claim(self, content_hash: bytes, is_stored: Callable[[bytes], bool]) -> bool:
        """True for the one file that is to be worked on: neither claimed nor stored until now.

        A claim must be released after its photo was committed, never before.
        """
        with self._lock:
            if content_hash in self._claimed or is_stored(content_hash):
                return False
            self._claimed.add(content_hash)
            return True

    def release(self, content_hash: bytes) -> None:
        """Let another file of this content be worked on."""
        with self._lock:
            self._claimed.discard(content_hash)


def decode(
    file: Candidate,
    pool: DecoderPool,
    claims: Claims,
    is_stored: Callable[[bytes], bool],
    is_described: Callable[[bytes], bool],
    frames: Frames,
) -> Outcome:
    """Read and hash one file; decode it where its content is new, read its facts anew where they are old."""
    claimed: list[bytes] = []

    def wanted(content_hash: bytes) -> Wanted:
        if claims.claim(content_hash, is_stored):
            claimed.append(content_hash)
            return Wanted.PICTURE
        if is_stored(content_hash) and not is_described(content_hash):
            return Wanted.FACTS
        return Wanted.NOTHING

    try:
        decoded = pool.decode(file.path, wanted, frames)
    except DecodeError as error:
        if claimed:
            return Unreadable(file.failed("decode", error.reason, passing=error.passing), claimed[0])
        if not os.path.lexists(file.path):
            return Vanished()
        return Unreadable(file.failed("read", error.reason, passing=error.passing))
    return ToEncode(file, decoded) if claimed else Known(file, decoded)
