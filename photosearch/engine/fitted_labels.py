"""Labels of a model that brings none, fitted on what it knows of a library's photos."""

import logging

import msgspec
import numpy as np

from photosearch.core.encoder import Encoder
from photosearch.engine.teaching_material import vectors_of
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.config import CONFIG, encode_config, read_config, write_files
from photosearch.models.fitting import fit_labels, read_bank
from photosearch.paths import Library
from photosearch.store.connect import explained
from photosearch.store.reader import Reader

FEWEST = 50  # photos; of fewer the spread says little
GROWN = 2  # times as many photos as at the last fit are worth another one
LOOKED_AT = 2000  # photos, evenly from all: a second's work however many there are

_log = logging.getLogger(__name__)


def fit_own_labels(library: Library, info: ModelInfo, encoder: Encoder) -> None:
    """Fit the labels of a model that brings none, if it knows enough photos, and many more than at the last.

    They are kept in the model's config, and hold for the encoder from now on. The same photos give the same.

    Raises:
        KnownError: the model's folder is damaged, or cannot be written.
    """
    if info.calibrated:
        return
    with Reader.open(library) as reader:
        known = np.intersect1d(reader.living(), reader.vector_ids(info.model_id))
        if len(known) < max(FEWEST, GROWN * read_info(info.path).fitted_on):
            return
        _, half, bias = vectors_of(known[:: -(-len(known) // LOOKED_AT)], reader, info.model_id)
    sound = np.isfinite(half).all(axis=1) & np.isfinite(bias)
    config = read_config(info.path)
    bank = read_bank(info.path)
    fitted = fit_labels(bank, half[sound].astype(np.float32), bias[sound], config.calibration)
    if fitted is None:
        return
    metrics = config.metrics | {"fitted_on": len(known)}
    config = msgspec.structs.replace(config, calibration=fitted, metrics=metrics)
    with explained(library):
        write_files(info.path, {CONFIG: encode_config(config)})
    encoder.recalibrate(fitted)
    _log.info("The labels of %s were fitted on %d photos.", info.name, len(known))
