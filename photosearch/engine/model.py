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
from photosearch.engine.loading import Load, chosen_model
from photosearch.index.pipeline import Pipeline
from photosearch.models import catalog
from photosearch.models.lesson import LESSON, read_lesson
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.reader import setting
from photosearch.store.writer import Writer


class LoadedModel(NamedTuple):
    """An encoder and what is built on it."""

    encoder: Encoder
    device: str
    precision: str
    runtime: str
    why: str
    searcher: Searcher
    pool: DecoderPool
    pipeline: Pipeline


class ModelSlot:
    """The place of a model of a library, which is loaded when it is first wanted.

    Args:
        info: None: the one that the library has chosen, which is gone or broken; loading it says how.
        on_searcher: called with the searcher before anybody searches with it.
        afterwards: called with this once it is loaded, in a thread in which nobody waits.
        on_done: called once loading ended, well or badly.

    Attributes:
        read_through: paths of folders of which it has read whatever could be read.
        closing: whether it is not wanted any more.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        load: Load,
        on_searcher: Callable[[Searcher], None],
        afterwards: Callable[["ModelSlot"], None],
        info: catalog.ModelInfo | None,
        on_done: Callable[[Future[LoadedModel]], None],
    ) -> None:
        self.read_through: set[bytes] = set()
        self._library = library
        self._writer = writer
        self._load = load
        self._on_searcher = on_searcher
        self._afterwards = afterwards
        self._info = info
        self._thread = ThreadPoolExecutor(1, "engine-model")
        self._loaded: Future[LoadedModel] = Future()
        self._loaded.add_done_callback(on_done)
        self._begun = False
        self.closing = False
        self._changing = threading.Lock()

    def info(self) -> catalog.ModelInfo:
        """What is known of the chosen model without loading it.

        Raises:
            KnownError: the chosen model is gone or broken.
        """
        if self._info is None:
            self._info = chosen_model(self._library)
        return self._info

    def is_of(self, info: catalog.ModelInfo) -> bool:
        """Whether it is the place of this model."""
        return self._info is not None and self._info.model_id == info.model_id

    def load(self) -> Future[LoadedModel]:
        """Load it, if that has not begun yet; the future raises KnownError where it cannot be loaded.

        Raises:
            Cancelled: the engine is closing.
        """
        with self._changing:
            if self.closing:
                raise Cancelled
            if self._begun:
                return self._loaded
            self._begun = True
            built = self._thread.submit(self._build)
        built.add_done_callback(self._pass_on)
        return self._loaded

    @property
    def loaded(self) -> LoadedModel | None:
        """None before it is loaded, and where that failed."""
        future = self._loaded
        done = future.done() and not future.cancelled() and not future.exception()
        return future.result() if done else None

    @property
    def failure(self) -> BaseException | None:
        """Why it could not be loaded; None where it was, or not yet."""
        return self._loaded.exception() if self._loaded.done() and not self._loaded.cancelled() else None

    def close(self) -> None:
        """Free who waits, and end the decoders.

        Loading takes seconds and cannot be interrupted; it is left to end in its thread, and to do nothing.
        """
        with self._changing:
            self.closing = True
            self._loaded.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)
        if loaded := self.loaded:
            loaded.pool.close()
            loaded.searcher.close()

    def _build(self) -> LoadedModel:
        info = self.info()
        loaded = self._load(info, self._library)
        own_lesson = read_lesson(info.path / LESSON) if (info.path / LESSON).exists() else None
        with self._changing:
            if self.closing:
                raise Cancelled
            searcher = Searcher(self._library, loaded.encoder, loaded.device, own_lesson)
            self._on_searcher(searcher)
        workers = int(setting(self._library, settings.THREADS)) or os.cpu_count() or 1
        pool = DecoderPool(loaded.encoder.preprocessing, workers)
        pipeline = Pipeline(self._library, self._writer, pool, loaded.encoder, workers)
        return LoadedModel(*loaded, searcher, pool, pipeline)

    def _pass_on(self, built: Future[LoadedModel]) -> None:
        with self._changing:
            if self.closing:
                return
            if error := built.exception():
                self._loaded.set_exception(error)
            else:
                self._loaded.set_result(built.result())
                self._thread.submit(self._afterwards, self)
