"""A process that indexes a folder and says on stdout what it does, so that a test can kill it at any point.

python indexing_process.py FOLDER LIBRARY LOG
"""

import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from photosearch.core.progress import Control
from photosearch.decode.pool import DecoderPool
from photosearch.index.pipeline import Pipeline
from photosearch.index.volume import volume_of
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.tiny_encoder import TinyEncoder


class LoggingEncoder(TinyEncoder):
    """Appends a line for every photo it encodes."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def encode_images(self, images):
        with self._log.open("a") as log:
            log.writelines(hashlib.blake2b(image.tobytes()).hexdigest() + "\n" for image in images)
        print("encoding", flush=True)
        return super().encode_images(images)


def main() -> None:
    folder, library, log = (Path(argument) for argument in sys.argv[1:])
    encoder = LoggingEncoder(log)
    path = os.fsencode(folder)
    with (
        Writer.open(Library(library)) as writer,
        DecoderPool(encoder.preprocessing, workers=2) as pool,
    ):
        known = writer.add_folder(path, volume_of(path))
        pipeline = Pipeline(Library(library), writer, pool, encoder, workers=2)
        report = pipeline.run([known], Control(), on_commit=lambda *batch: print("committed", flush=True))
    print("done", report.indexed, report.unchanged, flush=True)


if __name__ == "__main__":
    main()
