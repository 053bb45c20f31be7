"""The model that answers, and the one that takes its place once it knows every photo."""

import functools
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path

from photosearch import settings
from photosearch.core import model_messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.model_messages import Adding, Model, State
from photosearch.engine.loading import Load, chosen_model
from photosearch.engine.model import LoadedModel, ModelSlot
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.connect import NotWritable, explained
from photosearch.store.reader import Reader
from photosearch.store.rows import ModelVectors
from photosearch.store.vectors import VectorFile
from photosearch.store.writer import Writer

_log = logging.getLogger(__name__)


class ModelSlots:
    """The models of one library. While another one is built, the old one goes on answering in full.

    A wanted model is remembered as soon as it could be loaded, so that a later engine goes on building it.

    Args:
        wanted: name or id; None: go on with what the library remembers, else with the bundled one.
        on_searcher: called with each new searcher before anybody searches with it.
        on_answering: called once the model that answers was loaded, well or badly.

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
        on_answering: Callable[[Future[LoadedModel]], None],
    ) -> None:
        self._library = library
        self._writer = writer
        self._on_answering = on_answering
        make = functools.partial(ModelSlot, library, writer, load, on_searcher)
        chosen = self._chosen()
        new = self._new(wanted, chosen)
        self.next: ModelSlot | None = None
        if new and chosen and self._searchable(chosen) > self._searchable(new):
            self.answering = make(chosen, on_answering)
            self.next = make(new, functools.partial(self._remember, settings.NEXT_MODEL, new))
        elif new:  # it knows as many photos, so nothing is lost by taking it at once
            self.answering = make(new, functools.partial(self._answers, new))
        else:
            self.answering = make(chosen, on_answering)

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

    @property
    def indexing(self) -> ModelSlot:
        """The one that photos are to be encoded with."""
        return self.next or self.answering

    def promote(self) -> bool:
        """Let the next model answer if it knows as many photos as the present one; -> whether it does now."""
        if self.next is None or not self.next.loaded:
            return False
        new, old = self.next.info(), self.answering
        if self._searchable(new) < self._searchable(old.info()):
            return False
        self.answering, self.next = self.next, None
        self._remember(settings.MODEL, new)
        self._writer.set_setting(settings.NEXT_MODEL, "")
        old.close()
        return True

    def listed(self, adding: Adding) -> model_messages.ModelList:
        """The models that there are, with what each knows of the photos."""
        answering, building = self._path(self.answering), self._path(self.next)
        with Reader.open(self._library) as reader:
            wanted = reader.setting(settings.NEXT_MODEL)
            infos = catalog.available(self._library)
            chosen = next((info.path for info in infos if info.model_id == wanted), None)
            states: dict[Path | None, State] = {chosen: "chosen", answering: "answers", building: "reading"}
            models = tuple(
                Model(
                    info.model_id,
                    info.name,
                    info.licence,
                    info.bytes,
                    info.path.parent == self._library.models,
                    states.get(info.path, "here"),
                    max(reader.counts(form.model_id).searchable for form in infos if form.path == info.path),
                )
                for info in infos
                if not info.int8
            )
            return model_messages.ModelList(models, reader.counts("").photos, adding)

    def gone(self) -> list[ModelVectors]:
        """Models that are not here any more and whose vectors still are."""
        here = {info.model_id for info in catalog.available(self._library)}
        with Reader.open(self._library) as reader:
            return [known for known in reader.models() if known.model_id not in here]

    def replaced(self) -> str:
        """The name of a model that is gone and knew photos, where the one that answers knows none."""
        try:
            if self._searchable(self.answering.info()):
                return ""
        except KnownError:
            return ""  # a search will say why
        return next((model.name for model in self.gone() if model.photos), "")

    def forget(self, model_id: str) -> None:
        """Remove a model that was added to the library, if it is there, and the vectors that it made.

        With a model goes the same in 8 bits.

        Raises:
            KnownError: it is in use, it came with the program, or nothing is known of it.
        """
        here = catalog.available(self._library)
        folder = next((info.path for info in here if info.model_id == model_id), None)
        if folder:
            self._remove(folder)
        elif model_id not in {model.model_id for model in self.gone()}:
            raise KnownError("No model of that id is here, or knew photos.")
        for known in {model_id, *(info.model_id for info in here if info.path == folder)}:
            self._writer.forget_model(known)
            VectorFile.remove(self._library, known)

    def _path(self, slot: ModelSlot | None) -> Path | None:
        """The folder of a model; None where there is none, or it is gone or broken."""
        try:
            return slot.info().path if slot else None
        except KnownError:
            return None

    def _remove(self, folder: Path) -> None:
        if folder.parent != self._library.models:
            raise KnownError("This model came with the program and stays.")
        if folder in {self.answering.info().path, self.indexing.info().path}:
            raise KnownError("This model is in use; choose another one first.")
        with explained(self._library):
            hidden = folder.rename(folder.with_name(f".{folder.name}-deleted"))  # gone at once, and whole
            shutil.rmtree(hidden)

    def close(self) -> None:
        """Free who waits for a model, and end the decoders."""
        for model in {self.answering, self.indexing}:
            model.close()

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

    def _searchable(self, info: catalog.ModelInfo) -> int:
        with Reader.open(self._library) as reader:
            return reader.counts(info.model_id).searchable

    def _answers(self, info: catalog.ModelInfo, loaded: Future[LoadedModel]) -> None:
        self._remember(settings.MODEL, info, loaded)
        self._on_answering(loaded)

    def _remember(self, key: str, info: catalog.ModelInfo, loaded: Future[LoadedModel] | None = None) -> None:
        if loaded is None or not (loaded.cancelled() or loaded.exception()):
            try:
                self._writer.set_setting(key, info.model_id)
            except NotWritable as error:  # it answers all the same
                _log.warning("The model in use could not be remembered: %s", error)
