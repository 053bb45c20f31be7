"""Pictures as queries: files that a query names, and pictures that came with it, made into vectors."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH111, PTH118

import os
import tempfile
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError, QueryError
from photosearch.core.file_names import path_of, spellings
from photosearch.core.reading import exists
from photosearch.core.search_messages import Search
from photosearch.decode.pool import DecodeError, DecoderPool, Wanted
from photosearch.paths import Library
from photosearch.search.query import LikeFile, Query
from photosearch.store.connect import explained
from photosearch.store.reader import Reader

Vector = NDArray[np.float32]  # (D,), L2-normed


def vectors_of_examples(
    query: Query,
    search: Search,
    library: Library,
    encoder: Encoder,
    pool: DecoderPool,
    vector_of: Callable[[int], Vector | None],
) -> Sequence[Vector]:
    """Of each of `query.like`, then of each of `search.images`.

    Raises:
        QueryError: a file that the query names cannot be read.
        KnownError: a picture that came with it cannot be read.
    """
    examples = _Examples(library, encoder, pool, vector_of)
    return [
        *(examples.of_file(like) for like in query.like),
        *(examples.of_bytes(image) for image in search.images),
    ]


class _Examples:
    def __init__(
        self,
        library: Library,
        encoder: Encoder,
        pool: DecoderPool,
        vector_of: Callable[[int], Vector | None],
    ) -> None:
        self._library = library
        self._encoder = encoder
        self._pool = pool
        self._vector_of = vector_of

    def of_file(self, like: LikeFile) -> Vector:
        """Of a photo of the library, which may be away, or of any other file; paths go from one's home."""
        exact = path_of(like.path)
        named = [exact] if exact else spellings(os.path.expanduser(like.path))
        home = os.path.expanduser("~")
        paths = [os.fsencode(os.path.normpath(os.path.join(home, path))) for path in named]
        with Reader.open(self._library) as reader:
            for path in paths:
                photo_id = reader.photo_at(path) or reader.photo_at(os.path.realpath(path))
                known = None if photo_id is None else self._vector_of(photo_id)
                if known is not None:
                    return known
        try:
            path = next(filter(exists, paths), b"")
        except KnownError as error:
            raise QueryError(error.sentence, like.span) from error
        if not path:
            raise QueryError("There is no file {path}.", like.span, path=os.fsdecode(paths[0]))
        try:
            return self._decoded(path)
        except DecodeError as error:
            raise QueryError(
                "The picture {path} cannot be used: {reason}.", like.span, path=like.path, reason=error.reason
            ) from error

    def of_bytes(self, image: bytes) -> Vector:
        with explained(self._library):
            descriptor, path = tempfile.mkstemp(prefix=b"photosearch-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(image)
                return self._decoded(path)
            except DecodeError as error:
                raise KnownError("This picture cannot be used: {reason}.", reason=error.reason) from error
            finally:
                os.unlink(path)  # noqa: PTH108  (bytes)

    def _decoded(self, path: bytes) -> Vector:
        picture = self._pool.decode(path, lambda content_hash: Wanted.PICTURE).picture
        assert picture is not None
        size = self._encoder.preprocessing.size
        image = np.frombuffer(picture.pixels, dtype=np.uint8).reshape(1, size, size, 3)
        vector: Vector = self._encoder.encode_images(image)[0]
        return vector
