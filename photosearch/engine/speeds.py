"""How fast models that are not here would read photos on this computer, as it was measured before."""

import os
import platform

import msgspec

from photosearch import settings
from photosearch.models.measured import remember, remembered
from photosearch.models.offers import KnownModel
from photosearch.paths import Library
from photosearch.store.reader import setting


class Speeds:
    """What was measured for a library's computer and its settings of what runs a model.

    Raises:
        KnownError: the library cannot be read.
    """

    def __init__(self, library: Library) -> None:
        self._folder = library.root / "cache"
        chosen = [setting(library, key) for key in (settings.DEVICE, settings.PRECISION, settings.THREADS)]
        self._key = f"{platform.node()} x{os.cpu_count()} | {' '.join(chosen)}"

    def of(self, model: KnownModel) -> float | None:
        """Milliseconds a photo; None: it was not measured."""
        found: float | None = remembered(self._folder, self._of(model), float)
        return found

    def remember(self, model: KnownModel, ms: float) -> None:
        """Keep what was measured."""
        remember(self._folder, self._of(model), ms)

    def _of(self, model: KnownModel) -> str:
        architecture = msgspec.json.encode(model.architecture, order="sorted").decode()
        return f"{self._key} | {architecture}"
