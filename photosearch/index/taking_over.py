"""Vectors of photos that another model made, taken over by one whose side of photos is the same."""

import numpy as np

from photosearch.core.encoder import Encoder
from photosearch.core.progress import Control
from photosearch.index.encoding import OnCommit
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer


def take_over(
    reader: Reader, writer: Writer, encoder: Encoder, control: Control, on_commit: OnCommit
) -> None:
    """Give the encoder's model, which is registered, what its like hold and it does not; no file is read.

    Only the bias is computed, as each model has a bank of its own. Chunk by chunk, so that what a kill
    leaves undone is done by the next call.

    Raises:
        Cancelled: control.cancel() was called; what was committed stays.
        KnownError: the library cannot be written.
    """
    for like in encoder.photos_like:
        _take_over_frames(like, reader, writer, encoder, control)
        held = reader.vector_ids(encoder.model_id)
        for there in reader.vectors(like):
            control.checkpoint()
            new = np.flatnonzero(~np.isin(there.ids, held))
            if new.size:
                vectors = there.vectors[new]
                bias = encoder.image_bias(vectors.astype(np.float32))
                writer.add_vectors(there.ids[new], vectors, bias, encoder.model_id)
                on_commit(there.ids[new], vectors, bias)


def _take_over_frames(like: str, reader: Reader, writer: Writer, encoder: Encoder, control: Control) -> None:
    """Those of videos; before the videos' own, without which nobody asks for them."""
    there = reader.frame_vectors(like, lacked_by=encoder.model_id)
    while there.frames.size:
        control.checkpoint()
        bias = encoder.image_bias(there.vectors.astype(np.float32))
        writer.add_frame_vectors(there._replace(bias=bias), encoder.model_id)
        there = reader.frame_vectors(like, there.last, lacked_by=encoder.model_id)
