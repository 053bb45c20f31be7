"""Indexed files made up from a seed, for tests of what comes after decoding and encoding."""

import hashlib

import msgspec
import numpy as np

from photosearch.core.photo import Facts, Video
from photosearch.store.rows import IndexedFile, IndexedFrame, IndexedVideo

MODEL = "0123456789abcdef"
DIM = 8


def indexed_file(
    seed: int,
    *,
    folder_id: int,
    path: bytes | None = None,
    dim: int = DIM,
    taken_at: str | None = None,
    mtime_ns: int = 1_700_000_000 * 10**9,
    thumbnail: bytes | None = None,
    **facts: object,
) -> IndexedFile:
    """Equal seeds are equal contents; `facts` are fields of Facts."""
    vector = np.random.default_rng(seed).standard_normal(dim)
    return IndexedFile(
        folder_id=folder_id,
        path=b"/photos/%d.jpg" % seed if path is None else path,
        size=1000 + seed,
        mtime_ns=mtime_ns,
        content_hash=hashlib.blake2b(b"%d" % seed, digest_size=20).digest(),
        facts=msgspec.structs.replace(
            Facts(format="JPEG", width=400 + seed, height=300, taken_at=taken_at), **facts
        ),
        colour=bytes([seed % 256, 100, 200]),
        vector=(vector / np.linalg.norm(vector)).astype(np.float16),
        bias=seed / 1000,
        thumbnail=b"thumbnail %d" % seed if thumbnail is None else thumbnail,
    )


def indexed_video(
    seed: int, *, folder_id: int, frames: int = 3, seconds: float = 12.0, **facts: object
) -> IndexedFile:
    """As indexed_file(), of a video with so many frames, one every three seconds; the last is the poster."""
    file = indexed_file(seed, folder_id=folder_id, path=b"/photos/%d.mp4" % seed, **facts)
    generator = np.random.default_rng([seed, 1])
    vectors = [generator.standard_normal(len(file.vector)) for _ in range(frames - 1)]
    kept = [
        IndexedFrame(
            at_ms=3000 * number,
            vector=(vector / np.linalg.norm(vector)).astype(np.float16),
            bias=seed / 1000 + number / 100,
            thumbnail=b"frame %d %d" % (seed, number),
        )
        for number, vector in enumerate([*vectors, file.vector.astype(np.float64)])
    ]
    video = IndexedVideo(Video(seconds, of_live_photo=False), kept[-1].at_ms, tuple(kept))
    return msgspec.structs.replace(
        file, video=video, bias=kept[-1].bias, facts=msgspec.structs.replace(file.facts, format="MP4")
    )
