"""Requests that change the model: another one is chosen, its reading waits, the change is ended."""

from collections.abc import Callable

from photosearch.core import messages, model_messages
from photosearch.engine.handlers import Handlers
from photosearch.engine.indexing import Indexing
from photosearch.engine.known_models import KnownModels
from photosearch.engine.models import ModelSlots


class ModelChanges:
    """Carries out what a person wants of the change from one model to another.

    Args:
        publish: hands an event to the faces
    """

    def __init__(
        self,
        models: ModelSlots,
        known: KnownModels,
        indexing: Indexing,
        publish: Callable[[messages.AnyEvent], None],
    ) -> None:
        self._models = models
        self._known = known
        self._indexing = indexing
        self._publish = publish

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.do(model_messages.ChangeModel, lambda request: self._change(request.model))
        handlers.do(model_messages.PauseChange, lambda request: self._pause(paused=request.paused))
        handlers.do(model_messages.CancelChange, lambda request: self._cancel(keep=request.keep))
        handlers.do(messages.ForgetModel, lambda request: self._forget(request.model_id))

    def _change(self, model: str) -> None:
        self._indexing.folders.note_away()
        promoted = self._models.change(model)
        if promoted:
            self._indexing.announce(promoted)
        self._changed()

    def _pause(self, *, paused: bool) -> None:
        self._models.set_waits(waits=paused)
        self._changed()

    def _cancel(self, *, keep: bool) -> None:
        ended = self._models.end_change()
        self._changed()
        if ended and not keep:
            self._known.forget_vectors(ended.model_id)

    def _forget(self, model_id: str) -> None:
        self._known.forget(model_id)
        self._publish(model_messages.ModelsChanged())

    def _changed(self) -> None:
        """Nothing is read any more that is not to be, and what is to be is begun."""
        self._indexing.end_reading_ahead()
        if self._models.reading:
            self._indexing.look_again()
        self._publish(model_messages.ModelsChanged())
