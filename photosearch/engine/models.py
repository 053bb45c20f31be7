"""The model that answers, and the one that takes its place once it knows every photo."""

import contextlib
import functools
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import NamedTuple

import numpy as np

from photosearch import settings
from photosearch.core.errors import Cancelled, KnownError
from photosearch.engine.loading import Load, chosen_model
from photosearch.engine.model import LoadedModel, ModelSlot
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.connect import NotWritable
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

SECONDS_COMPARED = 300.0  # that a model stays loaded after it was compared

_log = logging.getLogger(__name__)


class Promoted(NamedTuple):
    """Another model answers now."""

    new: catalog.ModelInfo
    old: catalog.ModelInfo | None  # None: none that could be read did


class ModelSlots:
    """The models of one library: one answers, another one may be built to take its place meanwhile.

    What the one that answers does not know, those beside it answer that answered before it: photos on drives
    that were away while it read. Thread-safe.

    Args:
        wanted: name or id; None: go on with what the library remembers, else with the bundled one.
        on_searcher: called with each new searcher before anybody searches with it.
        afterwards: called with the slot of each model that was loaded, in a thread in which nobody waits.
        on_answering: called once the model that answers was loaded, well or badly.
        report: told why one beside it cannot be loaded.

    Raises:
        KnownError: there is no model of the wanted name.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        wanted: str | None,
        load: Load,
        on_searcher: Callable[[Searcher], None],
        afterwards: Callable[[ModelSlot], None],
        on_answering: Callable[[Future[LoadedModel]], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self._library = library
        self._writer = writer
        self._on_answering = on_answering
        self._report = report
        self._make = functools.partial(ModelSlot, library, writer, load, on_searcher, afterwards)
        self._changing = threading.RLock()
        chosen = self._chosen()
        new = self._new(wanted, chosen)
        self.next: ModelSlot | None = None
        self.beside: tuple[ModelSlot, ...] = ()
        self._compared: ModelSlot | None = None
        self._compared_at = -math.inf
        beside = self._remembered_beside()
        if new and chosen and self.searchable(chosen) > self.searchable(new):
            self.answering = self._make(chosen, on_answering)
            self.next = self._make(new, functools.partial(self._remember, settings.NEXT_MODEL, new))
        elif new:  # it knows as many photos, so nothing is lost by taking it at once
            self.answering = self._make(new, functools.partial(self._answers, new, chosen))
            beside = [*([chosen] if chosen else []), *beside]
        else:
            self.answering = self._make(chosen, on_answering)
        self._settle(beside)

    def load_answering(self) -> LoadedModel:
        """Wait until the model that answers is loaded; where another takes its place meanwhile, for that one.

        Raises:
            KnownError: it cannot be loaded.
            Cancelled, CancelledError: the engine is closing.
        """
        while True:
            slot = self.answering
            try:
                return slot.load().result()
            except (Cancelled, CancelledError):
                if slot is self.answering:
                    raise

    def all(self) -> tuple[ModelSlot, ...]:
        """Those that answer, the one that is built, and the one that they were compared with last."""
        with self._changing:
            more = [slot for slot in (self.next, self._compared) if slot]
            return tuple(dict.fromkeys((self.answering, *self.beside, *more)))

    def load_beside(self) -> list[LoadedModel]:
        """Those that answer for what the one that answers does not know.

        Without one that cannot be loaded, which was told, or is not wanted any more.
        """
        loaded = []
        for slot in self.beside:
            with contextlib.suppress(KnownError, Cancelled, CancelledError):
                loaded.append(slot.load().result())
        return loaded

    def load_compared(self, name: str) -> LoadedModel:
        """A model to compare with the one that answers; it stays loaded for some minutes.

        Args:
            name: or id; empty: of the next one, else of the one before

        Raises:
            KnownError: there is none, it is the one that answers, or it cannot be loaded.
            Cancelled, CancelledError: the engine is closing.
        """
        wanted = name or (self.next.info().model_id if self.next else self.before())
        if not wanted:
            raise KnownError("There is no earlier model to compare with; name one.")
        info = catalog.find(wanted, self._library)
        with self._changing:
            slot = self._slot_of(info, self.all())
            if slot is self.answering:
                raise KnownError("{model} is the model that answers; name another one.", model=info.name)
            before, self._compared, self._compared_at = self._compared, slot, time.monotonic()
            if before:
                self._let_go(before)
        return slot.load().result()

    def rest(self) -> None:
        """Let go of a model that was compared and is no more."""
        with self._changing:
            if self._compared and time.monotonic() > self._compared_at + SECONDS_COMPARED:
                slot, self._compared = self._compared, None
                self._let_go(slot)

    @property
    def reading(self) -> ModelSlot | None:
        """The next one, where it is to read photos now."""
        return None if self.waits else self.next

    @property
    def waits(self) -> bool:
        """Whether the next one reads nothing for now, as the person wants it."""
        with Reader.open(self._library) as reader:
            return reader.setting(settings.NEXT_WAITS) == settings.YES

    def set_waits(self, *, waits: bool) -> None:
        """Let the next one's reading wait, or go on."""
        self._writer.set_setting(settings.NEXT_WAITS, settings.YES if waits else settings.NO)

    def change(self, name: str) -> Promoted | None:
        """Let another model answer, at once or as soon as it may; -> what changed at once.

        With the one that answers, a change is ended. It is loaded first, so that one that is damaged leaves
        everything as it is.

        Raises:
            KnownError: there is no such model, or it cannot be loaded.
            Cancelled, CancelledError: the engine is closing.
        """
        info = catalog.find(name, self._library)
        slot = self._slot_of(info, self.all())
        if slot is not self.answering:
            try:
                slot.load().result()
            except BaseException:
                self._let_go(slot)
                raise
        with self._changing:
            if slot is not self.next:
                self.end_change()
            if slot is self.answering:
                return None
            self.next = slot
            self._remember(settings.NEXT_MODEL, info)
            self.set_waits(waits=False)
            return self._take_over() if info.model_id == self.before() else self.promote()

    def end_change(self) -> catalog.ModelInfo | None:
        """Go on with the model that answers; -> the one that was to take its place. What it knows stays."""
        with self._changing:
            slot, self.next = self.next, None
            self._writer.set_setting(settings.NEXT_MODEL, "")
            self._writer.set_setting(settings.NEXT_WAITS, settings.NO)
        if slot:
            self._let_go(slot)
        return slot.info() if slot else None

    def promote(self) -> Promoted | None:
        """Let the next model answer if it knows every photo that can be read now; -> what changed."""
        with self._changing:
            if self.next is None or not self.next.loaded:
                return None
            new, old = self.next.info(), self.info_of(self.answering)
            if old is None:
                return self._take_over()
            with Reader.open(self._library) as reader:
                missing = set(reader.unread_folders(new.model_id, old.model_id)) - self.next.read_through
            nothing = self.searchable(old) and not self.searchable(new)  # all drives are away
            return None if missing or nothing else self._take_over()

    def settle(self) -> None:
        """Let go of those beside the one that answers that know nothing more than it does."""
        if self.beside:
            with self._changing:
                self._settle([slot.info() for slot in self.beside])

    def _take_over(self) -> Promoted:
        """Let the next model answer, and the one that did beside it if need be.

        Whenever this is killed, the one or the other answers in full when the engine starts again.
        """
        assert self.next is not None
        new, old = self.next.info(), self.info_of(self.answering)
        beside = [*([old] if old else []), *(slot.info() for slot in self.beside)]
        self._writer.set_setting(settings.MODELS_BESIDE, " ".join(info.model_id for info in beside))
        if old and self.searchable(old):
            self._remember(settings.MODEL_BEFORE, old)
        self._remember(settings.MODEL, new)
        self._writer.set_setting(settings.NEXT_MODEL, "")
        before, self.answering, self.next = self.answering, self.next, None
        self._settle(beside, before)
        return Promoted(new, old)

    def _settle(self, models: Sequence[catalog.ModelInfo], *more: ModelSlot) -> None:
        """Have those of these models beside the one that answers that alone know photos.

        Args:
            more: slots that may be used for them, and are closed otherwise, as are the present ones
        """
        there = (*self.beside, *more)
        models = list({info.model_id: info for info in models}.values())
        counts = self._known_alone(models)
        self.beside = tuple(self._slot_of(info, there) for info in models if counts.get(info.model_id))
        ids = " ".join(slot.info().model_id for slot in self.beside)
        with Reader.open(self._library) as reader:
            known = reader.setting(settings.MODELS_BESIDE) or ""
        if ids != known:
            self._remember_text(settings.MODELS_BESIDE, ids)
        for slot in there:
            self._let_go(slot)

    def _slot_of(self, info: catalog.ModelInfo, there: Sequence[ModelSlot]) -> ModelSlot:
        """The one of these that is of a model, else a new one."""
        if slot := next((slot for slot in there if slot.is_of(info)), None):
            return slot

        def tell(loaded: Future[LoadedModel]) -> None:
            if not loaded.cancelled() and (error := loaded.exception()):
                self._report(error)

        return self._make(info, tell)

    def _let_go(self, slot: ModelSlot) -> None:
        """Close a slot, unless it is one of these."""
        if slot not in self.all():
            slot.close()

    def counts_beside(self) -> dict[str, int]:
        """How many photos each model beside the one that answers answers for, by id."""
        return self._known_alone([slot.info() for slot in self.beside])

    def _known_alone(self, models: Sequence[catalog.ModelInfo]) -> dict[str, int]:
        """How many living photos each knows that neither the answering one nor one before it does, by id."""
        if not models:
            return {}
        answering = self.info_of(self.answering)
        ids = [answering.model_id if answering else "", *(info.model_id for info in models)]
        counts = {}
        with Reader.open(self._library) as reader:
            left = reader.living()
            for model_id in dict.fromkeys(ids):
                known = np.isin(left, reader.vector_ids(model_id), kind="table")
                counts[model_id] = int(known.sum())
                left = left[~known]
        del counts[ids[0]]
        return counts

    def _remembered_beside(self) -> list[catalog.ModelInfo]:
        """What an earlier engine had beside the one that answers, as far as it is still here."""
        with Reader.open(self._library) as reader:
            ids = (reader.setting(settings.MODELS_BESIDE) or "").split()
        if not ids:
            return []
        here = {info.model_id: info for info in catalog.available(self._library)}
        return [here[model_id] for model_id in ids if model_id in here]

    def before(self) -> str:
        """Id of the model that answered before the present one; empty: there was none that knew photos."""
        with Reader.open(self._library) as reader:
            return reader.setting(settings.MODEL_BEFORE) or ""

    def info_of(self, slot: ModelSlot) -> catalog.ModelInfo | None:
        """None where the model that answers is gone or broken."""
        try:
            return slot.info()
        except KnownError:
            return None

    def path_of(self, slot: ModelSlot | None) -> Path | None:
        """The folder of a model; None where there is none, or it is gone or broken."""
        info = self.info_of(slot) if slot else None
        return info.path if info else None

    def let_go_of(self, folder: Path) -> None:
        """Have nothing to do with the model of this folder any more.

        Raises:
            KnownError: it answers, or is to.
        """
        with self._changing:
            if folder == self.path_of(self.next):
                raise KnownError(
                    "This model is in use to take the place of the one that answers; end that first: "
                    "photosearch models cancel, or Stop in the settings."
                )
            if folder == self.path_of(self.answering):
                raise KnownError("This model is in use; choose another one first.")
            if self._compared and self.path_of(self._compared) == folder:
                self._compared_at = -math.inf
                self.rest()

    def close(self) -> None:
        """Free who waits for a model, and end the decoders."""
        for slot in self.all():
            slot.close()

    def _chosen(self) -> catalog.ModelInfo | None:
        """None where there is not even a bundled one: a search says so, unless another one is wanted."""
        try:
            return chosen_model(self._library)
        except KnownError as error:
            _log.warning("%s", error)
            return None

    def _new(self, wanted: str | None, chosen: catalog.ModelInfo | None) -> catalog.ModelInfo | None:
        """The model to change to, if any."""
        new = catalog.find(wanted, self._library) if wanted else self._remembered()
        if new and chosen and new.model_id == chosen.model_id:
            self._writer.set_setting(settings.NEXT_MODEL, "")
            return None
        return new

    def _remembered(self) -> catalog.ModelInfo | None:
        """The model that an earlier engine was changing to."""
        with Reader.open(self._library) as reader:
            remembered = reader.setting(settings.NEXT_MODEL)
        try:
            return catalog.find(remembered, self._library) if remembered else None
        except KnownError as error:
            _log.warning("The change to another model is given up: %s", error)
            self._writer.set_setting(settings.NEXT_MODEL, "")
            return None

    def searchable(self, info: catalog.ModelInfo) -> int:
        """How many living photos a model knows."""
        with Reader.open(self._library) as reader:
            return reader.counts(info.model_id).searchable

    def _answers(
        self, info: catalog.ModelInfo, before: catalog.ModelInfo | None, loaded: Future[LoadedModel]
    ) -> None:
        if before and self.searchable(before):
            self._remember(settings.MODEL_BEFORE, before, loaded)
        self._remember(settings.MODEL, info, loaded)
        self._on_answering(loaded)

    def _remember(self, key: str, info: catalog.ModelInfo, loaded: Future[LoadedModel] | None = None) -> None:
        if loaded is None or not (loaded.cancelled() or loaded.exception()):
            self._remember_text(key, info.model_id)

    def _remember_text(self, key: str, value: str) -> None:
        try:
            self._writer.set_setting(key, value)
        except NotWritable as error:  # it answers all the same
            _log.warning("The model in use could not be remembered: %s", error)
