"""An index to test with: a folder, a library, real decoders, and a tiny encoder that counts."""

import os
from pathlib import Path

from photosearch.core.progress import Control, IndexReport
from photosearch.decode.pool import DecoderPool
from photosearch.index.pipeline import Pipeline
from photosearch.index.volume import volume_of
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Damaged, Failure, Folder
from photosearch.store.writer import Writer
from tests.helpers.tiny_encoder import TinyEncoder


class CountingPool:
    """A decoder pool that notes what it was asked to read, and what it went on to decode."""

    def __init__(self, pool: DecoderPool) -> None:
        self._pool = pool
        self.read: list[bytes] = []
        self.decoded: list[bytes] = []

    def decode(self, path, wanted, watch):
        self.read.append(path)
        decoded = self._pool.decode(path, wanted, watch)
        if decoded.picture is not None:
            self.decoded.append(path)
        return decoded

    def sidecar(self, path):
        self.read.append(path)
        return self._pool.sidecar(path)


class CountingEncoder(TinyEncoder):
    """Counts the photos it encodes."""

    encoded = 0

    def encode_images(self, images):
        vectors = super().encode_images(images)
        self.encoded += len(images)
        return vectors


class Index:
    """A folder, a library, and the pipeline that brings one in line with the other."""

    def __init__(self, tmp_path: Path, pool: DecoderPool) -> None:
        self.root = tmp_path / "photos"
        self.root.mkdir()
        self.library = Library(tmp_path / "library")
        self.pool = CountingPool(pool)
        self.encoder = CountingEncoder()
        self.writer = Writer.open(self.library)
        self.add_folder(self.root)

    def add_folder(self, path: Path) -> Folder:
        return self.writer.add_folder(os.fsencode(path), volume_of(os.fsencode(path)))

    def run(
        self, control: Control | None = None, *, folders: list[Folder] | None = None, **callbacks
    ) -> IndexReport:
        """Of all folders, or of these."""
        pipeline = Pipeline(self.library, self.writer, self.pool, self.encoder, workers=2)
        if folders is None:
            with Reader.open(self.library) as reader:
                folders = reader.folders()
        return pipeline.run(folders, control or Control(), **callbacks)

    def holds(self) -> dict[str, int]:
        """Relative path -> photo id, of every file in the store that has a vector."""
        with Reader.open(self.library) as reader:
            return {
                os.path.relpath(os.fsdecode(path), self.root): stamp.photo_id
                for folder in reader.folders()
                for path, stamp in reader.stamps(folder.folder_id).items()
                if stamp.photo_id is not None and reader.has_vector(stamp.photo_id, self.encoder.model_id)
            }

    def failures(self) -> dict[str, Failure]:
        with Reader.open(self.library) as reader:
            return {
                os.path.relpath(os.fsdecode(failure.path), self.root): failure
                for failure in reader.failures()
            }

    def damaged(self) -> list[Damaged]:
        with Reader.open(self.library) as reader:
            return reader.damaged()

    def folders(self) -> list[Folder]:
        with Reader.open(self.library) as reader:
            return reader.folders()
