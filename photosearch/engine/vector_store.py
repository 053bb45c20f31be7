"""Keeps the vector store that a library has chosen in step with its vectors, and has it answer: a stage."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.errors import Cancelled
from photosearch.core.tags import shipped
from photosearch.engine.model import LoadedModel
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.search.recall import ENOUGH, ExactBest
from photosearch.search.searcher import Searcher
from photosearch.search.stored import StoredVectors
from photosearch.search.stores import StoreDamaged, StoreGone
from photosearch.search.stores.chosen import Standing, chosen, delete, folder, opened, standing
from photosearch.store.reader import OpenReaders, Reader
from photosearch.store.writer import Writer

_SECONDS_AT_ONCE = 1.0
_ASKED = 32  # texts and as many photos, by which it is measured how well a store answers


class _Work(NamedTuple):
    """A store on its way to answer."""

    searcher: Searcher
    store: str  # as chosen() names it
    vectors: StoredVectors


class VectorStoreStage:
    """Fills the store of the model that answers, has it indexed and measured, and lets it answer.

    Args:
        load: waits for the model that answers
        answering: what is known of that model; None where there is none
        wait: returns when no query is being answered
    """

    key = settings.VECTOR_STORE
    prepared = 1.0

    def __init__(
        self,
        library: Library,
        writer: Writer,
        load: Callable[[], LoadedModel],
        answering: Callable[[], ModelInfo | None],
        wait: Callable[[], None],
    ) -> None:
        self._library, self._writer = library, writer
        self._load, self._answering, self._wait = load, answering, wait
        self._readers = OpenReaders(library)
        self._closing = threading.Event()
        self._work: _Work | None = None
        self._building: _Build | None = None
        self._filled_anew = False  # as it was damaged, and it has not answered since

    def is_on(self, reader: Reader) -> bool:
        """See Stage; also as long as there is a store that is not wanted any more."""
        if settings.value(self.key, reader.setting(self.key)) != settings.MEMORY:
            return True
        info = self._answering()
        return info is not None and (
            bool(reader.setting(settings.VECTOR_STORE_OF + info.model_id))
            or folder(self._library, info.model_id).exists()
        )

    def count(self, reader: Reader) -> tuple[int, int]:
        """See Stage."""
        info, work = self._answering(), self._work
        if info is None or work is None or work.searcher.model_id != info.model_id:
            return 0, reader.counts(info.model_id).searchable if info else 0
        total = reader.counts(info.model_id).searchable
        return min(len(work.vectors.ids()), total), total

    def away(self, reader: Reader) -> int:
        """None: no file is read for it."""
        return 0

    def do_some(self) -> bool:
        """See Stage."""
        searcher = self._load().searcher
        with self._readers.one() as reader:
            store = chosen(reader)
            if store == settings.MEMORY:
                self._forget(searcher)
                return False
            try:
                return self._go_on(self._taken_up(searcher, store), reader)
            except StoreGone as error:
                self._forget(searcher)
                if isinstance(error, StoreDamaged):
                    self._filled_anew = not self._filled_anew
                    if not self._filled_anew:  # nor did that help: it is not what was there
                        raise
                return True

    def is_over(self) -> bool:
        """Whether a store is kept that does not answer: it is gone, damaged, or not chosen any more."""
        info, work = self._answering(), self._work
        given_up = work is not None and work.searcher.photos.index is not work.vectors
        with self._readers.one() as reader:
            return (
                info is not None
                and bool(reader.setting(settings.VECTOR_STORE_OF + info.model_id))
                and (given_up or standing(self._library, reader, info.model_id) is None)
            )

    def close(self) -> None:
        """See Stage; an index that is being built is left to itself, and is not there or whole afterwards."""
        self._closing.set()
        self._readers.close()

    def _go_on(self, work: _Work, reader: Reader) -> bool:
        """False where the store answers, with all photos."""
        self._work = work
        if work.vectors.fill(reader):
            return True
        if self._building is None:
            self._building = _Build(work.vectors)
        if not self._building.is_done(_SECONDS_AT_ONCE):
            return True
        building, self._building = self._building, None
        new = building.result()
        work.vectors.check()
        if new or work.searcher.photos.index is not work.vectors:
            self._let_answer(work, reader)
        return False

    def _taken_up(self, searcher: Searcher, store: str) -> _Work:
        work = self._work
        if work and (work.searcher, work.store) == (searcher, store):
            return work
        self._building = None
        index = searcher.photos.index
        if isinstance(index, StoredVectors) and index.name == store:
            return _Work(searcher, store, index)
        there = opened(self._library, searcher.model_id, searcher.dim, store)
        return _Work(
            searcher,
            store,
            StoredVectors(there, store, there.efforts[0], searcher.model_id, self._readers),
        )

    def _let_answer(self, work: _Work, reader: Reader) -> None:
        """Find out how hard the store has to search, and let it answer."""
        searcher, index = work.searcher, work.vectors
        texts = [tag.texts(())[0] for tag in shipped()]
        texts = texts[:: max(1, len(texts) // _ASKED)][:_ASKED]
        photos = [searcher.vector_of(int(photo_id)) for photo_id in _evenly(index.found_by_store(), _ASKED)]
        queries = np.stack(
            [searcher.text_vector(text) for text in texts] + [one for one in photos if one is not None]
        )
        exact = ExactBest(queries)
        for ids, vectors, bias in reader.vectors(searcher.model_id):
            self._wait()
            if self._closing.is_set():
                raise Cancelled
            here = np.isin(ids, index.found_by_store(), kind="table")
            exact.look_at(ids[here], vectors[here], bias[here])
        for index.effort in index.store.efforts:  # noqa: B020
            self._wait()
            if (recall := exact.recall(index)) >= ENOUGH:
                break
        if chosen(reader) != work.store:  # the person changed their mind meanwhile
            return
        measured = Standing(work.store, index.effort, recall, len(queries), len(index.found_by_store()))
        self._writer.set_setting(
            settings.VECTOR_STORE_OF + searcher.model_id, msgspec.json.encode(measured).decode()
        )
        searcher.photos.use(index)
        self._filled_anew = False

    def _forget(self, searcher: Searcher) -> None:
        self._work = self._building = None
        self._writer.set_setting(settings.VECTOR_STORE_OF + searcher.model_id, "")
        searcher.photos.use(None)
        delete(self._library, searcher.model_id)


class _Build(threading.Thread):
    """Indexing what is in a store. A process that ends does not wait for it."""

    def __init__(self, index: StoredVectors) -> None:
        super().__init__(name="engine-vector-store", daemon=True)
        self._index = index
        self._new = False
        self._failure: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._new = self._index.store.build()
        except Exception as error:  # noqa: BLE001  (raised where somebody waits)
            self._failure = error

    def is_done(self, seconds: float) -> bool:
        """Wait for it so long."""
        self.join(seconds)
        return not self.is_alive()

    def result(self) -> bool:
        """Whether anything was indexed.

        Raises:
            KnownError: the store failed.
        """
        if self._failure:
            raise self._failure
        return self._new


def _evenly(ids: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return ids[:: max(1, len(ids) // most)][:most]
