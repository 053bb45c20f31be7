"""How far the change to another model is, as the engine tells of it."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.core import messages, model_messages
from photosearch.core.model_messages import ModelList
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.widgets.model_text import model_name
from photosearch.i18n import tr

_BETWEEN_MS = 500  # looks at how far it is


class Change(NamedTuple):
    """A model that reads photos so as to answer in another's place."""

    name: str
    answering: str  # name of the one that answers until then
    done: int  # photos that it knows
    total: int
    paused: bool

    @property
    def text(self) -> str:
        """How far it is, in a line."""
        name, done, total = model_name(self.name), self.done, self.total
        if self.paused:
            said = tr("{name} waits at {done} of {total} photos", name=name, done=done, total=total)
        else:
            said = tr("{name} reads your photos: {done} of {total}", name=name, done=done, total=total)
        return "  ·  ".join((said, tr("{name} answers meanwhile", name=model_name(self.answering))))


class ChangeWatch(QObject):
    """Follows the change to another model."""

    moved = Signal(object)  # Change, or None where there is none
    alone = Signal()  # no model is here that answered before
    caught_up = Signal()  # the model that answers knows all that those before it know

    def __init__(self, link: EngineLink, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._look_soon = QTimer(self, interval=_BETWEEN_MS, singleShot=True)
        self._look_soon.timeout.connect(self.look)
        self._changing = False
        link.connected.connect(lambda _: self.look())
        link.event_received.connect(self._on_event)

    def look(self) -> None:
        """Ask the engine."""
        self._link.order(self, model_messages.GetModels(), self._on_list, lambda _: None)

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case model_messages.ModelsChanged() | model_messages.ModelChanged():
                self.look()
            case messages.PhotosChanged():
                if self._changing and not self._look_soon.isActive():
                    self._look_soon.start()

    def _on_list(self, found: ModelList) -> None:
        answering = next((model.name for model in found.models if model.state == "answers"), "")
        change = next(
            (
                Change(model.name, answering, model.photos, found.photos, model.state == "paused")
                for model in found.models
                if model.state in ("reading", "paused")
            ),
            None,
        )
        self._changing = change is not None
        self.moved.emit(change)
        if not any(model.before for model in found.models):
            self.alone.emit()
        if change is None and not any(model.beside for model in found.models):
            self.caught_up.emit()
