"""A model and what is built on it: loaded once, in the background, for whoever waits for it."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from photosearch import settings
from photosearch.core.encoder import Encoder
from photosearch.core.errors import Cancelled
from photosearch.decode.pool import DecoderPool
from photosearch.engine.chosen import chosen_model, setting
from photosearch.index.pipeline import Pipeline
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.writer import Writer


class Loaded(NamedTuple):
    encoder: Encoder
    device: str
    precision: str


Load = Callable[[catalog.ModelInfo, Library], Loaded]


def load_torch(info: catalog.ModelInfo, library: Library) -> Loaded:
    """On the device, in the precision and with the threads that the library's settings say.

    Importing torch alone takes seconds.

    Raises:
        KnownError: the checkpoint is damaged or incomplete; the device is not there.
    """
    from photosearch.models.torch.encoder import load_encoder

    device, precision = setting(library, settings.DEVICE), setting(library, settings.PRECISION)
    encoder = load_encoder(
        info,
        cache_dir=library.root / "cache",
        device=None if device == settings.AUTO else device,
        precision=None if precision == settings.AUTO else precision,
        threads=int(setting(library, settings.THREADS)) or None,
    )
    return Loaded(encoder, encoder.device, encoder.precision)


class Warm(NamedTuple):
    """A loaded model and what is built on it."""

    model: Loaded
    searcher: Searcher
    pool: DecoderPool
    pipeline: Pipeline


class Model:
    """A model of a library, loaded when it is first wanted.

    Args:
        info: None: the one that the library has chosen, which is gone or broken; loading it says how.
        on_searcher: called with the searcher before anybody searches with it.
        on_done: called once loading ended, well or badly.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        load: Load,
        on_searcher: Callable[[Searcher], None],
        info: catalog.ModelInfo | None,
        on_done: Callable[[Future[Warm]], None],
    ) -> None:
        self._library = library
        self._writer = writer
        self._load = load
        self._on_searcher = on_searcher
        self._info = info
        self._thread = ThreadPoolExecutor(1, "engine-model")
        self._warm: Future[Warm] = Future()
        self._warm.add_done_callback(on_done)
        self._loading = False
        self._closing = False
        self._changing = threading.Lock()

    def info(self) -> catalog.ModelInfo:
        """
        Raises:
            KnownError: the chosen model is gone or broken.
        """
        if self._info is None:
            self._info = chosen_model(self._library)
        return self._info

    def warm(self) -> Future[Warm]:
        """Load it, if that has not begun yet; the future raises KnownError where it cannot be loaded.

        Raises:
            Cancelled: the engine is closing.
        """
        with self._changing:
            if self._closing:
                raise Cancelled
            if self._loading:
                return self._warm
            self._loading = True
            built = self._thread.submit(self._build)
        built.add_done_callback(self._pass_on)
        return self._warm

    def if_warm(self) -> Warm | None:
        """None while it is loading, and where that failed."""
        warm = self._warm
        return warm.result() if warm.done() and not warm.cancelled() and not warm.exception() else None

    def close(self) -> None:
        """Free who waits, and end the decoders.

        Loading takes seconds and cannot be interrupted; it is left to end in its thread, and to do nothing.
        """
        with self._changing:
            self._closing = True
            self._warm.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)
        if warm := self.if_warm():
            warm.pool.close()

    def _build(self) -> Warm:
        model = self._load(self.info(), self._library)
        with self._changing:
            if self._closing:
                raise Cancelled
            searcher = Searcher(self._library, model.encoder, model.device)
            self._on_searcher(searcher)
        workers = int(setting(self._library, settings.THREADS)) or os.cpu_count() or 1
        pool = DecoderPool(model.encoder.preprocessing, workers)
        pipeline = Pipeline(self._library, self._writer, pool, model.encoder, workers)
        return Warm(model, searcher, pool, pipeline)

    def _pass_on(self, built: Future[Warm]) -> None:
        with self._changing:
            if self._closing:
                return
            if error := built.exception():
                self._warm.set_exception(error)
            else:
                self._warm.set_result(built.result())
