"""The models that a library knows: listed, and those that are not wanted any more removed."""

import shutil
from pathlib import Path

from photosearch import settings
from photosearch.core import model_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.model_messages import Adding, Model, State
from photosearch.engine.models import ModelSlots
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.search.stores.chosen import delete
from photosearch.store.connect import explained
from photosearch.store.reader import Reader
from photosearch.store.rows import ModelVectors
from photosearch.store.vectors import VectorFile
from photosearch.store.writer import Writer


class KnownModels:
    """Those that are here, what they are to the library, and those that are gone and knew photos."""

    def __init__(self, library: Library, writer: Writer, slots: ModelSlots) -> None:
        self._library = library
        self._writer = writer
        self._slots = slots

    def listed(self, adding: Adding) -> model_messages.ModelList:
        """The models that there are, with what each knows of the photos."""
        slots = self._slots
        states: dict[Path | None, State] = {slots.path_of(slot): "beside" for slot in slots.beside}
        states[slots.path_of(slots.answering)] = "answers"
        states[slots.path_of(slots.next)] = "paused" if slots.waits else "reading"
        beside, before = slots.counts_beside(), slots.before()
        infos = catalog.available(self._library)
        with Reader.open(self._library) as reader:
            models = tuple(
                Model(
                    info.model_id,
                    info.name,
                    info.licence,
                    info.bytes,
                    info.path.parent == self._library.models,
                    states.get(info.path, "here"),
                    max(reader.counts(form.model_id).searchable for form in forms),
                    sum(beside.get(form.model_id, 0) for form in forms),
                    states.get(info.path) != "answers" and before in {form.model_id for form in forms},
                )
                for info in infos
                if not info.int8
                for forms in ([form for form in infos if form.path == info.path],)
            )
            return model_messages.ModelList(models, reader.counts("").photos, adding)

    def gone(self) -> list[ModelVectors]:
        """Models that are not here any more and whose vectors still are."""
        here = {info.model_id for info in catalog.available(self._library)}
        with Reader.open(self._library) as reader:
            return [known for known in reader.models() if known.model_id not in here]

    def replaced(self) -> Sentence | None:
        """That a model is gone which knew photos, where the one that answers knows none."""
        answering = self._slots.info_of(self._slots.answering)
        if answering is None or self._slots.searchable(answering):
            return None  # where there is none, a search will say why
        old = next((model.name for model in self.gone() if model.photos), "")
        if not old:
            return None
        return Sentence(
            "The model {old} that knew your photos is gone; {new} takes its place and reads them again.",
            old=old,
            new=answering.name,
        )

    def forget(self, model_id: str) -> None:
        """Remove a model that was added to the library, if it is there, and the vectors that it made.

        With a model goes the same in 8 bits.

        Raises:
            KnownError: it is in use, it came with the program, or nothing is known of it.
        """
        here = catalog.available(self._library)
        folder = next((info.path for info in here if info.model_id == model_id), None)
        if folder is None and model_id not in {model.model_id for model in self.gone()}:
            raise KnownError("No model of that id is here, or knew photos.")
        if folder and folder.parent != self._library.models:
            raise KnownError("This model came with the program and stays.")
        if folder:
            self._slots.let_go_of(folder)
            with explained(self._library):
                hidden = folder.rename(folder.with_name(f".{folder.name}-deleted"))  # gone at once, and whole
                shutil.rmtree(hidden)
        for known in {model_id, *(info.model_id for info in here if info.path == folder)}:
            self.forget_vectors(known)
        self._slots.settle()

    def forget_vectors(self, model_id: str) -> None:
        """Remove what a model knows of photos, which neither answers nor reads any."""
        if model_id == self._slots.before():
            self._writer.set_setting(settings.MODEL_BEFORE, "")
        self._writer.forget_model(model_id)
        VectorFile.remove(self._library, model_id)
        delete(self._library, model_id)
