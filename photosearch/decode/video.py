"""Videos: what they say of themselves, and the few of their pictures that tell what is in them.

Imported only where a video is met, as PyAV, which reads them, is an extra: see docs/decisions. Only key
frames are decoded, each by itself.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import av
import av.error
import numpy as np
from av.stream import Disposition
from av.video.reformatter import Colorspace, Interpolation
from numpy.typing import NDArray
from PIL import Image

from photosearch.core.photo import Facts, Video
from photosearch.decode import video_facts
from photosearch.decode.image import DecodeError, Limits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

MOST_A_MINUTE = 20
MOST = 200
MOST_LOOKED_AT = 600  # key frames, of which the kept ones are chosen
SHORTEST_STEP = 1.0  # seconds between two that are looked at
SCENE_LEVELS = 12.0  # of 255, by which a new scene differs on average from the picture that was kept last
PATIENCE = 1.0  # seconds, after which it is told that a picture is still being looked for
FLATTEST = 4.0  # levels: the standard deviation of a picture that shows something

_SEEK = 10.0  # seconds, from which on a leap is quicker than to read on
_SQUASHED = (32, 18)
_BUFFER = 1 << 20  # bytes
_HD = 720  # lines, from which on colours of which nothing is said are BT.709's
_UNSAID = 2  # of colours

_DEMUXERS = {"MP4": "mov", "MOV": "mov", "AVI": "avi", "MKV": "matroska", "WEBM": "matroska"}
# FFmpeg knows some hundred others, which no camera or telephone writes.
_CODECS = (
    *("h264", "hevc", "av1", "libdav1d", "vp8", "libvpx", "vp9", "libvpx-vp9"),
    *("mpeg4", "msmpeg4v2", "msmpeg4", "wmv3", "vc1", "h263", "mpeg1video", "mpeg2video"),
    *("mjpeg", "dvvideo", "prores", "svq3", "cinepak", "theora"),
)
_UPRIGHT = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


class Shot(NamedTuple):
    """A picture of a video that is worth keeping."""

    at_ms: int  # from its beginning
    image: Image.Image  # upright, RGB


class VideoFile:
    """An opened video. A context manager.

    Args:
        file: is read where it is needed, and stays open.
        kind: as video_kind.kind_of() gives it.

    Raises:
        DecodeError: it is damaged, has no pictures, or none that are read.
        MemoryError: it needs more than there is.
    """

    def __init__(self, file: BinaryIO, kind: str, limits: Limits | None = None) -> None:
        self._kind = kind
        self._position = 0.0  # seconds: where reading stands
        self._seeks = True
        self.damaged = False  # it could not be read to its end
        with _explained():
            # By a file, and in the one format that its bytes are of: it can lead to no other file or address.
            self._container: InputContainer = av.open(
                io.BufferedReader(_Unclosed(file), _BUFFER),
                "r",
                format=_DEMUXERS[kind],
                metadata_errors="replace",
            )
            self._stream = _pictures_of(self._container, limits or Limits())
        self._packets = self._container.demux(self._stream)
        first = self._first_key_frame()  # only it tells how it is turned
        if first is None:
            self._container.close()
            raise DecodeError("the file is damaged" if self.damaged else "the video has no pictures")
        self.width, self.height = self._size_of(first)  # upright, with square pixels
        self._leap(0.0)

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def seconds(self) -> float:
        """How long it is; 0 where it does not say so."""
        if self._stream.duration and self._stream.time_base:
            return max(0.0, float(self._stream.duration * self._stream.time_base))
        return max(0.0, (self._container.duration or 0) / 1e6)

    def facts(self) -> Facts:
        """What it says about itself."""
        said = self._stream.metadata | self._container.metadata
        return video_facts.facts_of(said, self._kind, self.width, self.height)

    def told(self) -> Video:
        """What is known of it beside that."""
        return Video(self.seconds, video_facts.is_of_live_photo(self._container.metadata))

    def shots(self, at_least: int) -> Iterator[Shot | None]:
        """The pictures with which new scenes begin, and None now and then while none is found.

        At most MOST_A_MINUTE and MOST; of a video that is dark all through its first picture. What follows a
        damaged place is left out, see `damaged`.

        Args:
            at_least: the short edge that is needed, pixels
        """
        step = max(SHORTEST_STEP, self.seconds / MOST_LOOKED_AT)
        gap = max(60 / MOST_A_MINUTE, self.seconds / MOST, step)
        dark: Shot | None = None
        before: NDArray[np.int16] | None = None  # the one that was kept last, squashed
        kept, due = 0, 0.0
        for _ in range(MOST_LOOKED_AT):
            found = None
            for found in self._look_for_key_frame(due):
                if found is None:
                    yield None
            if found is None or kept == MOST:
                break
            at, frame = found
            image = self._upright(frame, at_least)
            seen = _squashed(image)
            shot, due = Shot(round(at * 1000), image), at + step
            if seen.std() < FLATTEST:
                dark = dark or shot
                yield None
            elif before is None or np.abs(seen - before).mean() >= SCENE_LEVELS:
                kept, before, due = kept + 1, seen, at + gap
                yield shot
            else:
                yield None
        if not kept and dark:
            yield dark

    def picture_at(self, at_ms: int, at_least: int) -> Image.Image:
        """The picture of the key frame at a time, or of the one before it; upright, RGB.

        Args:
            at_least: the short edge that is needed, pixels

        Raises:
            DecodeError: it cannot be read.
        """
        self._leap((at_ms + 1) / 1000)
        frame = self._first_key_frame()
        if frame is None:
            raise DecodeError("the file is damaged")
        return self._upright(frame, at_least)

    def _first_key_frame(self) -> av.VideoFrame | None:
        """From here on; None where there is none that can be read."""
        return next((found[1] for found in self._look_for_key_frame(0.0) if found), None)

    def _look_for_key_frame(self, after: float) -> Iterator[tuple[float, av.VideoFrame] | None]:
        """The first at or after a time, in seconds, with its own; before that None for each second it takes.

        Raises:
            MemoryError
        """
        told = time.monotonic()
        if after - self._position > _SEEK and self._seeks:
            self._leap(after)
        try:
            for packet in self._packets:
                at = self._time_of(packet)
                if at is None:
                    continue
                self._position = at
                if packet.is_keyframe and at >= after and (frame := self._decoded(packet)):
                    yield at, frame
                    return
                if time.monotonic() - told > PATIENCE:
                    yield None
                    told = time.monotonic()
        except av.error.EOFError:
            return
        except av.error.MemoryError:
            raise MemoryError from None
        except av.error.FFmpegError:
            self.damaged = True

    def _leap(self, to: float) -> None:
        """Go on from the key frame at a time, or from the one before it; where that fails, from here."""
        start, base = self._stream.start_time or 0, self._stream.time_base
        try:
            assert base
            self._container.seek(start + math.ceil(to / base), stream=self._stream)
        except av.error.FFmpegError:
            self._seeks = False  # it has no index, or ends before
        self._packets = self._container.demux(self._stream)

    def _time_of(self, packet: av.Packet[Any]) -> float | None:
        when = packet.pts if packet.pts is not None else packet.dts
        if when is None or not packet.time_base:
            return None
        return max(0.0, float((when - (self._stream.start_time or 0)) * packet.time_base))

    def _decoded(self, packet: av.Packet[Any]) -> av.VideoFrame | None:
        """What a key frame gives by itself; None where it is broken."""
        context = self._stream.codec_context
        try:
            return next(itertools.chain(context.decode(packet), context.decode(None)), None)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            self.damaged = True
            return None
        finally:
            context.flush_buffers()

    def _size_of(self, frame: av.VideoFrame) -> tuple[int, int]:
        """Width and height upright and with square pixels."""
        aspect = float(self._stream.sample_aspect_ratio or 1)
        width = max(1, round(frame.width * aspect)) if 0.2 < aspect < 5 else frame.width
        return (frame.height, width) if frame.rotation % 180 else (width, frame.height)

    def _upright(self, frame: av.VideoFrame, at_least: int) -> Image.Image:
        width, height = self._size_of(frame)
        scale = min(1.0, at_least / min(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        colours = frame.colorspace
        if colours == _UNSAID:
            colours = Colorspace.ITU709 if frame.height >= _HD else Colorspace.ITU601
        with _explained():
            lying = size[::-1] if frame.rotation % 180 else size
            pixels = frame.reformat(
                *lying, format="rgb24", src_colorspace=colours, interpolation=Interpolation.AREA
            ).to_ndarray()
        image = Image.fromarray(pixels)
        turn = frame.rotation % 360
        return image.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else image


class _Unclosed(io.RawIOBase):
    """A file for PyAV, which would close it with the container."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _pictures_of(container: InputContainer, limits: Limits) -> VideoStream:
    """
    Raises:
        DecodeError: there are none that are read.
    """
    # A cover that was put into it is a stream of one picture.
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not streams or not (context := streams[0].codec_context):
        raise DecodeError("the video has no pictures")
    if context.name not in _CODECS:
        raise DecodeError("its pictures are in {codec}, which is not read", codec=context.name)
    megapixels = context.width * context.height / 1e6
    if megapixels > limits.megapixels:
        raise DecodeError(
            "{megapixels} megapixels, the limit is {limit:g}",
            megapixels=math.ceil(megapixels),
            limit=limits.megapixels,
        )
    context.thread_type = "NONE"  # there are as many children as there are cores
    context.thread_count = 1
    return streams[0]


def _squashed(image: Image.Image) -> NDArray[np.int16]:
    return np.asarray(image.resize(_SQUASHED, Image.Resampling.BOX)).astype(np.int16)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """
    Raises:
        DecodeError: FFmpeg finds something wrong.
        MemoryError
    """
    try:
        yield
    except av.error.MemoryError:
        raise MemoryError from None
    except (av.error.FFmpegError, ValueError) as error:
        raise DecodeError("the file is damaged", for_memory=True) from error
