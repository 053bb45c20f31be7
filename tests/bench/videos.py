"""What videos cost: a minute of 1080p read, its file hashed, and a search among frames.

The videos are written here, of photographs over which the view moves, with a key frame a second as telephones
write them, and with a new scene every three seconds: as many as are kept.
"""

import hashlib
import itertools
import os
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from photosearch.core.encoder import Encoder
from photosearch.core.photo import content_hash_of
from photosearch.decode.frames import VideoFrame
from photosearch.decode.pool import DecoderPool, Wanted, Watch
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from photosearch.search.matrix import Matrix
from photosearch.search.products import CODING
from photosearch.search.query import parse
from photosearch.search.ranking import FRAME
from photosearch.search.searcher import Searcher
from photosearch.store.writer import Writer
from tests.bench.photos import twelve_megapixels
from tests.bench.table import Row, median_seconds, median_seconds_of
from tests.helpers.library import indexed_file
from tests.helpers.photos import sample_photos
from tests.helpers.tiny_encoder import TinyEncoder

SECONDS, RATE, SIZE = 60, 10, (1920, 1080)
SCENE_SECONDS = 3
BITS_A_SECOND = 17_000_000  # as telephones write 1080p
HASHED = 256 << 20  # bytes
VIDEOS, FRAMES, AMONG, DIM = 1_000, 60, 100_000, 512
WITHOUT = 30_000  # photos
TOP = 50


class _Frames(Watch):
    def __init__(self) -> None:
        self.pixels: list[bytes] = []

    def frame(self, content_hash: bytes, frame: VideoFrame) -> None:
        self.pixels.append(frame.pixels)


def measure() -> list[Row]:
    encoder = load_encoder(catalog.default()).encoder
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (photo,) = twelve_megapixels(folder / "photos", 1)
        _core_seconds_of(encoder, photo, 1)  # all is loaded now
        of_photo, _ = _core_seconds_of(encoder, photo, 20)
        rows = []
        for codec, options in (("libx264", {"preset": "ultrafast"}), ("mpeg4", {})):
            video = _video(folder / f"{codec}.mp4", codec, options)
            of_video, kept = _core_seconds_of(encoder, video, 4)
            megabytes = video.stat().st_size / 1e6
            rows.append(
                Row(
                    f"read a minute of 1080p, {codec}, {megabytes:.0f} MB, {kept} frames kept",
                    f"{of_video:.2f} s of a core",
                    f"a photo of 12 MP {of_photo:.3f} s: as {of_video / of_photo:.0f} photos",
                )
            )
        rows.append(_hashing(folder / "large"))
        rows.append(_searching_photos(Library(folder / "library")))
    return [*rows, _searching()]


def _core_seconds_of(encoder: Encoder, path: Path, more: int) -> tuple[float, int]:
    """What reading a photo or a video takes, without the start of a decoder; -> that, and its pictures.

    Args:
        more: how often it is read beyond once
    """
    spent, pictures = list[float](), 0
    for times in (1, 1 + more):
        start = _core_seconds()
        with DecoderPool(encoder.preprocessing, workers=1) as pool:
            for _ in range(times):
                pictures = _read(pool, encoder, path)
        spent.append(_core_seconds() - start)
    return (spent[1] - spent[0]) / more, pictures


def _core_seconds() -> float:
    """What this process and its children that have ended took."""
    return sum(os.times()[:4])


def _read(pool: DecoderPool, encoder: Encoder, path: Path) -> int:
    """Decode and encode a photo, or a video with all its frames; -> how many pictures."""
    frames = _Frames()
    decoded = pool.decode(os.fsencode(path), lambda _: Wanted.PICTURE, frames)
    assert decoded.picture is not None
    pixels = [decoded.picture.pixels, *frames.pixels]
    size, most = encoder.preprocessing.size, encoder.batch_size
    images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, size, size, 3)
    for start in range(0, len(images), most):
        encoder.encode_images(images[start : start + most])
    return len(pixels)


def _video(path: Path, codec: str, options: dict[str, str]) -> Path:
    photos = [Image.open(photo).convert("RGB").resize((2112, 1188)) for photo in sample_photos()]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=options)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = BITS_A_SECOND
        stream.codec_context.gop_size = RATE
        stream.time_base = Fraction(1, RATE)
        for number in range(SECONDS * RATE):
            photo = photos[number // RATE // SCENE_SECONDS % len(photos)]
            along = number % (RATE * SCENE_SECONDS)
            seen = photo.crop((along, along, along + SIZE[0], along + SIZE[1]))
            container.mux(stream.encode(av.VideoFrame.from_image(seen)))
        container.mux(stream.encode(None))
    return path


def _hashing(path: Path) -> Row:
    path.write_bytes(np.random.default_rng(0).bytes(HASHED))
    content = os.fsencode(path)
    ours = median_seconds(lambda: content_hash_of(content), 3, time.process_time)

    def sha256() -> None:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")

    there = median_seconds(sha256, 3, time.process_time)
    path.unlink()
    return Row(
        "hash a file that is in memory already",
        f"{HASHED / ours / 1e6:,.0f} MB/s",
        f"SHA-256 {HASHED / there / 1e6:,.0f} MB/s",
        there / ours,
    )


def _searching_photos(library: Library) -> Row:
    """Of a library without videos: what it takes must be what it took before there were any."""
    encoder = TinyEncoder(DIM)
    with Writer.open(library) as writer:
        writer.register_model(encoder.model_id, encoder.name, DIM)
        folder = writer.add_folder(b"/photos", "")
        for start in range(0, WITHOUT, 1000):
            seeds = range(start, start + 1000)
            files = [indexed_file(seed, folder_id=folder.folder_id, dim=DIM) for seed in seeds]
            writer.commit(files, encoder.model_id)
    searcher = Searcher(library, encoder)
    queries = itertools.cycle([parse("a blue house"), parse("a red house")])  # the same again is not ranked
    seconds = median_seconds(lambda: searcher.search(next(queries), 200), 40, time.process_time)
    return Row(f"search {WITHOUT:,} photos where no video is", f"{seconds * 1e3:.1f} ms of a core")


def _searching() -> Row:
    """The best of photos and of videos by their frames, against the photos alone."""
    generator = np.random.default_rng(0)

    def unit(count: int) -> np.ndarray:
        rows = generator.standard_normal((count, DIM), dtype=np.float32)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)

    photos, frames = Matrix(), Matrix()
    photos.load(np.arange(AMONG), unit(AMONG), np.zeros(AMONG, np.float32))
    count = VIDEOS * FRAMES
    frames.add(np.arange(count), unit(count), np.zeros(count, np.float32))
    known = np.zeros(count, dtype=FRAME)
    known["frame_id"] = np.arange(count)
    known["photo_id"] = AMONG + np.arange(count) // FRAMES
    query = unit(1)[0].astype(np.float32)

    def alone() -> None:
        photos.rank(query).top(TOP)

    def both() -> None:
        photos.rank(query).with_those_of(frames.rank(query).best_of_each(known)).top(TOP)

    for work in (both, alone):
        work()
    for thread in threading.enumerate():
        if thread.name == CODING:  # codes are made beside the second query
            thread.join()
    ours, there = median_seconds_of((both, alone))
    return Row(
        f"rank {AMONG:,} photos and {VIDEOS:,} videos of {FRAMES} frames",
        f"{ours * 1e3:.1f} ms of a core",
        f"the photos alone {there * 1e3:.1f} ms",
        there / ours,
    )
