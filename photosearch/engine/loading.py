"""Which model a library has chosen, and loading it: also before its engine is there.

Imports what loading takes and nothing else of the engine.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from photosearch import settings
from photosearch.core.errors import KnownError
from photosearch.models import catalog
from photosearch.models.loading import LoadedEncoder, load_encoder
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader, setting

_log = logging.getLogger(__name__)

_Loaded = tuple[catalog.ModelInfo, LoadedEncoder] | None
Load = Callable[[catalog.ModelInfo, Library], LoadedEncoder]


def load_as_set(info: catalog.ModelInfo, library: Library) -> LoadedEncoder:
    """On the device, in the precision and with the threads that the library's settings say; without a lesson.

    Raises:
        KnownError: the checkpoint is damaged or incomplete; the device is not there.
    """
    device, precision = setting(library, settings.DEVICE), setting(library, settings.PRECISION)
    return load_encoder(
        info,
        device=None if device == settings.AUTO else device,
        precision=None if precision == settings.AUTO else precision,
        threads=int(setting(library, settings.THREADS)) or None,
        cache_dir=library.root / "cache",
        taught=False,
    )


def chosen_model(library: Library) -> catalog.ModelInfo:
    """The one that the library remembers; the bundled one where it remembers none, or one that is gone.

    A bundled model goes when an update brings another one.

    Raises:
        KnownError: the bundled one is wanted and broken.
    """
    try:
        with Reader.open(library) as reader:
            remembered = reader.setting(settings.MODEL)
    except NoLibrary:
        remembered = None
    try:
        return catalog.find(remembered, library) if remembered else catalog.default()
    except KnownError as error:
        if not remembered:
            raise
        _log.warning("The bundled model takes the place of the chosen one. %s", error)
        return catalog.default()


class LoadingAhead:
    """A `Load` that has begun: of the model that a library chose, while the engine is being imported."""

    def __init__(self, library: Library, load: Load = load_as_set) -> None:
        self._load = load
        thread = ThreadPoolExecutor(1, "loading-ahead")
        self._ahead: Future[_Loaded] | None = thread.submit(self._load_chosen, library)
        thread.shutdown(wait=False)

    def __call__(self, info: catalog.ModelInfo, library: Library) -> LoadedEncoder:
        """What is loaded already, where that is wanted and for the first time; else it is loaded now."""
        ahead, self._ahead = self._ahead, None
        if ahead and (found := ahead.result()) and found[0] == info:
            return found[1]
        return self._load(info, library)

    def _load_chosen(self, library: Library) -> _Loaded:
        try:
            info = chosen_model(library)
            return info, self._load(info, library)
        except KnownError:
            return None  # it fails again where it is wanted, and there it is told why
