"""What a decoder child does with a video: it says that it is still at it, and sends picture after picture."""

import math
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import Sentence
from photosearch.decode import frames, reading, sidecar, video_kind
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.look import look_of
from photosearch.decode.thumbnail import (
    average_colour,
    glimpse,
    preview,
    short_edge,
    small_thumbnail,
    thumbnail,
)

if TYPE_CHECKING:
    from photosearch.decode.video import VideoFile

SECONDS_OF_SILENCE = 1.0  # after which the parent is told that the child is still at it

_Step = TypeVar("_Step")


class Reply(Protocol):
    """How the parent is spoken with."""

    def send(self, frame: frames.AnyFrame) -> None:
        """Send a frame; it may take as long as the parent does other things."""

    def verdict(self) -> frames.Wanted | frames.PreviewWanted | frames.Edit:
        """Wait for what the parent wants."""

    def alarm(self) -> AbstractContextManager[None]:
        """Limits the time of what is done in it."""


def serve_video(
    reply: Reply,
    file: BinaryIO,
    before: os.stat_result,
    kind: str,
    asked: frames.Asked,
    preprocessing: Preprocessing | None,
    limits: Limits,
) -> None:
    """Serve one video, opened and not read.

    Raises:
        DecodeError: it changed meanwhile, cannot be read, is damaged, or gives no picture.
        MemoryError: it needs more than there is.
    """
    if not video_kind.can_be_read():  # before gigabytes are hashed for nothing
        raise video_kind.cannot_be_read()
    with reading.readable(asked.path):
        reply.send(_hashed(reply, file, before) if asked.hashed else reading.unread(before))
        match reply.verdict():
            case frames.Wanted.PICTURE:
                assert preprocessing is not None, "this child is for previews"
                with _opened(reply, file, kind, limits) as video:
                    reply.send(_pictures(reply, video, preprocessing, limits))
            case frames.Wanted.FACTS:
                with _opened(reply, file, kind, limits) as video:
                    reply.send(frames.Described(video.facts()))
            case frames.PreviewWanted(longest_edge, at_ms):
                with _opened(reply, file, kind, limits) as video:
                    with reply.alarm():
                        edge = short_edge((video.width, video.height), longest_edge)
                        jpeg = preview(video.picture_at(at_ms, edge), longest_edge)
                    reply.send(frames.DecodedPreview(jpeg, video.width, video.height))
            case frames.Wanted.SIDECAR:
                reply.send(frames.SidecarRead(sidecar.read(b"")))
            case frames.Edit():
                reply.send(frames.Edited(None, sidecar.read(b"")))


def _hashed(reply: Reply, file: BinaryIO, before: os.stat_result) -> frames.Read:
    *_, read = (step for step in _in_steps(reply, reading.hashed_video(file, before)) if step)
    return read


def _opened(reply: Reply, file: BinaryIO, kind: str, limits: Limits) -> "VideoFile":
    try:
        from photosearch.decode.video import VideoFile  # lazily: it loads codecs that most folders never need
    except ImportError:
        raise video_kind.cannot_be_read() from None
    with reply.alarm():
        return VideoFile(file, kind, limits)


def _pictures(
    reply: Reply, video: "VideoFile", preprocessing: Preprocessing, limits: Limits
) -> frames.DecodedPicture:
    """Send all pictures but the poster, which is the one with most to be seen, and comes last."""
    best: tuple[int, frames.VideoFrame, Image.Image] | None = None
    for shot in _in_steps(reply, video.shots(decoding_edge(preprocessing)), limits.video_seconds):
        if shot is None:
            continue
        with reply.alarm():
            small = small_thumbnail(shot.image)
            frame = frames.VideoFrame(shot.at_ms, fit(shot.image, preprocessing).tobytes(), small)
        if best and len(small) <= best[0]:
            reply.send(frame)
        else:
            if best:
                reply.send(best[1])
            best = (len(small), frame, shot.image)
    if best is None:
        raise DecodeError("the file is damaged")
    _, frame, image = best
    with reply.alarm():
        shown = thumbnail(image)
        seen = glimpse(shown)
        damage = Sentence("the file is damaged") if video.damaged else None
        poster = frames.Poster(frame.at_ms, frame.thumbnail, video.told())
        return frames.DecodedPicture(
            video.facts(), frame.pixels, shown, average_colour(seen), look_of(seen), damage, poster
        )


def _in_steps(reply: Reply, steps: Iterator[_Step], most_seconds: float = math.inf) -> Iterator[_Step]:
    """The steps as they come, each under the alarm, and told of; those alone that were begun in time."""
    spent, told = 0.0, time.monotonic()
    while spent < most_seconds:
        began = time.monotonic()
        with reply.alarm():
            try:
                step = next(steps)
            except StopIteration:
                return
        now = time.monotonic()
        spent += now - began
        if now - told > SECONDS_OF_SILENCE:
            reply.send(frames.StillAtIt())
            told = time.monotonic()
        yield step
