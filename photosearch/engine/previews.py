"""Photos to look at, decoded in children of their own: neither indexing nor the model is waited for."""

import os

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.core.memory import machine_memory
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.pool import DecoderPool
from photosearch.engine.queries_first import QueriesFirst
from photosearch.index.looked_at import LookedAt
from photosearch.index.open_photo import open_photo
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import ListedPhoto

_WORKERS = 2  # the one that is looked at, and one ahead


class PreviewDecoder:
    """Decodes photos to look at, apart from indexing."""

    def __init__(self, library: Library, queries: QueriesFirst, looked_at: LookedAt) -> None:
        self._looked_at = looked_at
        self._library = library
        self._queries = queries
        limits = Limits(together_bytes=machine_memory() // 4)  # indexing has half of it
        self._pool = DecoderPool(None, _WORKERS, limits)

    def answer(self, request: messages.Preview) -> messages.Previewed:
        """Decode the first file of a photo that can be.

        Raises:
            KnownError: no file of the photo is here, or none can be decoded.
        """
        self._looked_at.add([request.photo_id])
        with Reader.open(self._library) as reader:
            details = reader.details(request.photo_id)
            listed = reader.listed([request.photo_id])
            if details is None or not listed:
                raise KnownError("That photo is not there any more.")
            paths = reader.paths_here(request.photo_id)
            if not paths:
                raise KnownError("That photo is on a drive that is not connected.")
            longest_edge = max(1, min(request.longest_edge, messages.LONGEST_PREVIEW))
            at_ms = details.video.poster_ms if details.video else 0
            if request.at_ms is not None:
                at_ms = max(0, request.at_ms)
            self._queries.wait()
            return self._first_that_decodes(paths, listed[0], reader, longest_edge, at_ms)

    def close(self) -> None:
        """End the decoders."""
        self._pool.close()

    def _first_that_decodes(
        self, paths: list[bytes], photo: ListedPhoto, reader: Reader, longest_edge: int, at_ms: int
    ) -> messages.Previewed:
        """Of files with the same content; one may be gone, or another, before the next scan notices."""
        failure: KnownError | None = None
        for path in paths:
            try:
                file = open_photo(path, photo, reader)
                with file.content:
                    preview = self._pool.preview(path, longest_edge, at_ms)
                    file.check()  # the decoder opens by name: what came meanwhile is not given
            except DecodeError as error:
                failure = failure or KnownError(
                    "{path} cannot be shown: {reason}.", path=os.fsdecode(path), reason=error.reason
                )
            else:
                return messages.Previewed(preview.jpeg, preview.width, preview.height)
        assert failure is not None, "there is a path to try"
        raise failure
