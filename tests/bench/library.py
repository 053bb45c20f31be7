"""Libraries for the bench, filled through the store's own writer."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.core.encoder import Encoder
from photosearch.core.photo import Facts
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer

BATCH = 1000


def fill(library: Library, encoder: Encoder, count: int, thumbnail: bytes) -> None:
    """Write `count` photos with random unit vectors of the encoder's model, all with one thumbnail."""
    random = np.random.default_rng(0)
    with Writer.open(library) as writer:
        writer.register_model(encoder.model_id, encoder.name, encoder.dim)
        folder = writer.add_folder(os.fsencode(Path(library.root / "photos").absolute()), "bench")
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            vectors = random.standard_normal((size, encoder.dim), dtype=np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            widths = random.integers(300, 800, size)
            writer.commit(
                [
                    IndexedFile(
                        folder_id=folder.folder_id,
                        path=folder.path + b"/%07d.jpg" % (start + row),
                        size=1,
                        mtime_ns=(start + row) * 10**9,
                        content_hash=(start + row).to_bytes(20, "big"),
                        facts=Facts("JPEG", int(widths[row]), 500),
                        colour=b"\x80\x80\x80",
                        vector=vectors[row].astype(np.float16),
                        bias=0.0,
                        thumbnail=thumbnail,
                    )
                    for row in range(size)
                ],
                encoder.model_id,
            )


def small_jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "JPEG")
    return buffer.getvalue()
