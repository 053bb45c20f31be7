"""Labels of a model that brings none, fitted on what it knows of a library's photos."""

import logging
import threading
from collections.abc import Callable

import msgspec
import numpy as np

from photosearch.core.encoder import Encoder
from photosearch.core.errors import Cancelled
from photosearch.engine.model import ModelSlot
from photosearch.engine.teaching_material import vectors_of
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.config import CONFIG, encode_config, read_config, write_files
from photosearch.models.fitting import fit_labels, read_bank
from photosearch.paths import Library
from photosearch.store.connect import NotWritable, explained
from photosearch.store.reader import Reader

FEWEST = 50  # photos; of fewer the spread says little
GROWN = 2  # times as many photos as at the last fit are worth another one
LOOKED_AT = 2000  # photos, evenly from all: a second's work however many there are

_log = logging.getLogger(__name__)


class OwnLabels:
    """Fits the labels of models, one at a time. Thread-safe.

    Args:
        let_others_first: returns once nobody waits for an answer
        report: told of an error
        on_fitted: called when labels are others now
    """

    def __init__(
        self,
        library: Library,
        let_others_first: Callable[[], object],
        report: Callable[[BaseException], None],
        on_fitted: Callable[[], object],
    ) -> None:
        self._library, self._let_others_first = library, let_others_first
        self._report, self._on_fitted = report, on_fitted
        self._fitting = threading.Lock()

    def fit(self, slot: ModelSlot) -> None:
        """Fit those of a model that is loaded, where that is due; nothing where it is not loaded."""

        def go_on() -> None:
            if slot.closing:
                raise Cancelled
            self._let_others_first()

        if not (loaded := slot.loaded):
            return
        try:
            with self._fitting:
                fitted = _fit(self._library, slot.info(), loaded.encoder, go_on)
            if fitted:
                self._on_fitted()
        except NotWritable as error:  # they hold all the same
            _log.warning("The labels that were fitted could not be kept: %s", error)
        except Exception as error:  # noqa: BLE001  (nobody waits for it)
            self._report(error)


def _fit(library: Library, info: ModelInfo, encoder: Encoder, go_on: Callable[[], None]) -> bool:
    """Fit the labels of a model that brings none, if it knows enough photos, and many more than at the last.

    They are kept in the model's config, and hold for the encoder from now on. The same photos give the same.

    Args:
        go_on: called now and then; what it raises ends it

    Returns:
        whether they are others now

    Raises:
        NotWritable: they could not be kept.
        KnownError: the model's folder is damaged.
    """
    if info.calibrated:
        return False
    go_on()
    with Reader.open(library) as reader:
        known = np.intersect1d(reader.living(), reader.vector_ids(info.model_id))
        if len(known) < max(FEWEST, GROWN * read_info(info.path).fitted_on):
            return False
        _, half, bias = vectors_of(known[:: -(-len(known) // LOOKED_AT)], reader, info.model_id, go_on)
    sound = np.isfinite(half).all(axis=1) & np.isfinite(bias)
    config = read_config(info.path)
    bank = read_bank(info.path)
    fitted = fit_labels(bank, half[sound].astype(np.float32), bias[sound], config.calibration)
    if fitted is None:
        return False
    go_on()
    encoder.recalibrate(fitted)
    metrics = config.metrics | {"fitted_on": len(known)}
    config = msgspec.structs.replace(config, calibration=fitted, metrics=metrics)
    with explained(library):
        write_files(info.path, {CONFIG: encode_config(config)})
    _log.info("The labels of %s were fitted on %d photos.", info.name, len(known))
    return True
