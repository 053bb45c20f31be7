"""The models in the settings: which there are, which one answers, which one reads, and the way to more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import msgspec
from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDropEvent,
    QPalette,
)
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch import settings
from photosearch.core import messages, model_messages
from photosearch.core.extra_messages import Extra
from photosearch.core.model_messages import Adding, Model, ModelList
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.shell.add_model import MODEL_FILES, AddModelBox
from photosearch.gui.shell.model_offers import OffersList
from photosearch.gui.shell.model_row import ModelRow
from photosearch.gui.widgets import dialogs, theme
from photosearch.gui.widgets.drops import DropOverlay, paths_in
from photosearch.gui.widgets.flush import flush, flush_group
from photosearch.gui.widgets.model_text import model_name
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import paragraph, said_again, tr, translated

_BETWEEN_MS = 500  # looks at how far reading is


class ModelsSection(QWidget):
    """Lists the models of a library as the engine tells of them, and those that can be had; takes in more."""

    torch_wanted = Signal(str)  # as of OffersList
    compare_wanted = Signal()  # of the model that answers with the one before
    look_wanted = Signal(QWidget)  # at a part that is to be scrolled to

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._found = ModelList((), 0)
        self._adding = Adding()
        self._heard: Adding | None = None  # by the last event; a list may know of it before
        self._refusal = ""
        self._added: Adding | None = None  # that came in while this is open, until something else is done
        self.rows: dict[str, ModelRow] = {}  # by id
        self._help = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._help.setFont(theme.scaled_font(0.9))
        self._help.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.compare = QPushButton(autoDefault=False)
        self.compare.setObjectName("quiet")
        self.compare.clicked.connect(self.compare_wanted)
        self.said = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.said.setForegroundRole(QPalette.ColorRole.BrightText)
        card = QFrame()
        card.setObjectName("card")
        self._list = QVBoxLayout(card)
        self._list.setContentsMargins(1, 4, 1, 4)
        self._list.setSpacing(0)
        self.offers = OffersList(link)
        self.offers.refused.connect(self._say)
        self.offers.torch_wanted.connect(self.torch_wanted)
        self.offers.rows_changed.connect(self._on_offers)
        self.offers.focus_lost.connect(self._give_focus)
        self.adding = AddModelBox(link)
        self.adding.ordered.connect(lambda: self._say(""))
        self.adding.listed_wanted.connect(self._lead_to)
        self.adding.torch_wanted.connect(self.torch_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._help)
        column.addWidget(card)
        column.addLayout(flush(self.compare))
        column.addWidget(self.said)
        column.addLayout(flush_group(self.offers))
        column.addLayout(flush_group(self.adding))
        DropOverlay(self, self._drop_text).dropped.connect(lambda mime: self.adding.add(_dropped(mime)))
        self._look_soon = QTimer(self, interval=_BETWEEN_MS, singleShot=True)
        self._look_soon.timeout.connect(self.refresh)
        link.event_received.connect(self._on_event)
        link.connected.connect(lambda _: self.refresh())
        self.retranslate()
        self.refresh()

    def refresh(self) -> None:
        """Ask the engine again."""
        self._link.order(self, model_messages.GetModels(), self._on_list, lambda _: None)
        self.offers.refresh()

    def point_to(self, text: str) -> None:
        """Put a model first that reads this text."""
        self.offers.point_to(text)

    def show_extra(self, extra: Extra) -> None:
        """Say how it stands with torch, where it is not here, and with a model that waits for it."""
        self.offers.show_extra(extra)
        offered = extra.model in self.offers.sources
        self.adding.show_extra(msgspec.structs.replace(extra, model="") if offered else extra)

    def retranslate(self) -> None:
        self._help.setText(settings.SETTINGS[settings.MODEL].help())
        models = self._found.models
        self._refusal = said_again(self._refusal)
        self.said.setText(self._refusal)
        self.said.setVisible(bool(self._refusal))
        outcome = _outcome(self._added, models) if self._added else ""
        offered = self._added is not None and self._added.source in self.offers.sources
        self.adding.tell("" if offered else outcome)
        self.compare.setText(tr("Compare with the model before…"))
        self.compare.setVisible(any(model.before for model in models))
        for model in models:
            offer = self.offers.of_model(model.model_id)
            told = outcome if offered and self._added and self._added.added == model.name else ""
            self.rows[model.model_id].show_model(model, models, self._found.photos, offer, told)
        self.offers.retranslate()
        self.adding.retranslate()

    def _drop_text(self, event: QDropEvent) -> str:
        return tr("Drop to add this model") if _dropped(event.mimeData()) and self.adding.takes_more else ""

    def _say(self, sentence: str) -> None:
        """Say why something was not done; empty takes it away, and what was said of what was done before."""
        self._refusal, self._added = sentence, None
        self.retranslate()

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case model_messages.AddingChanged():
                if event.adding.phase != "idle":
                    self._added = None
                elif event.adding.added and event.adding != self._heard:
                    self._added = event.adding
                self._heard = event.adding
                self._show_adding(event.adding)
                if event.adding.added:
                    self.refresh()
            case model_messages.MeasuringChanged():
                self.offers.show_measuring(event.measuring)
            case messages.PhotosChanged():
                if not self._look_soon.isActive():
                    self._look_soon.start()
            case messages.ModelReady() | model_messages.ModelsChanged() | model_messages.ModelChanged():
                self.refresh()

    def _on_list(self, found: ModelList) -> None:
        self._found = found
        for gone in set(self.rows) - {model.model_id for model in found.models}:
            self.rows.pop(gone).deleteLater()
        for place, model in enumerate(found.models):
            if model.model_id not in self.rows:
                row = self.rows[model.model_id] = ModelRow()
                row.main.clicked.connect(partial(self._go_on, model.model_id))
                row.second.clicked.connect(partial(self._end, model.model_id))
            self._list.insertWidget(place, self.rows[model.model_id])
        self._order_stops()
        if self._heard is None:
            self._heard = found.adding  # what came in before is no news
        self._show_adding(found.adding)
        self.retranslate()

    def _on_offers(self) -> None:
        self._order_stops()
        self._show_adding(self._adding)
        self.retranslate()

    def _order_stops(self) -> None:
        """Let Tab stop at rows where they stand: they are younger than what follows them."""
        stop = self.adding.folder.previousInFocusChain()
        while stop and (stop.focusPolicy() == Qt.FocusPolicy.NoFocus or self.isAncestorOf(stop)):
            stop = stop.previousInFocusChain()
        rows = (self.rows[model.model_id] for model in self._found.models)
        stops = (
            stop or self,
            *(button for row in rows for button in row.buttons),
            self.compare,
            *self.offers.stops,
        )
        for one, following in pairwise(stops):
            QWidget.setTabOrder(one, following)

    def _show_adding(self, adding: Adding) -> None:
        """In the row of the model that is on offer, or below them where it is another one."""
        self._adding = adding
        asks = adding.phase in ("asking", "asked")
        offered = adding.source in self.offers.sources and not adding.added and not asks
        worked_with = self.adding.is_worked_with
        self.offers.show_adding(adding)
        self.adding.show_adding(Adding() if offered else adding)
        if offered and worked_with:
            self.offers.focus(adding.source)

    def _lead_to(self, source: str, begins: bool) -> None:
        """Show the offer of a model that was named below; once it is got, its buttons have the keyboard."""
        if row := self.offers.unfolded(source):
            if begins:
                self.offers.focus(source)
            self.look_wanted.emit(row)

    def _give_focus(self, source: str) -> None:
        """The offer that had the keyboard is gone: on to the model where it is here, else to the ways."""
        offer = self.offers.of_source(source)
        if offer and offer.model_id in self.rows:
            row = self.rows[offer.model_id]
            row.main.setFocus()
            self.look_wanted.emit(row)
        else:
            field = self.adding.hub_id
            (field if field.isVisible() else self.adding.folder).setFocus()

    def _model(self, model_id: str) -> Model:
        return next(model for model in self._found.models if model.model_id == model_id)

    def _go_on(self, model_id: str) -> None:
        model = self._model(model_id)
        if model.state in ("reading", "paused"):
            self._order(model_messages.PauseChange(model.state == "reading"))
        else:
            self._order(model_messages.ChangeModel(model_id))

    def _end(self, model_id: str) -> None:
        model = self._model(model_id)
        if model.state in ("reading", "paused"):
            self._order(model_messages.CancelChange(keep=True))
        else:
            self._ask_to_delete(model)

    def _ask_to_delete(self, model: Model) -> None:
        dialogs.confirm(
            self.window(),
            tr("Delete the model “{name}”?", name=model_name(model.name)),
            tr(
                "Its files on this computer ({size}) are deleted, and what it knew of your photos; the "
                "photos stay. To have it back, add it again and let it read every photo.",
                size=size_text(model.bytes),
            ),
            tr("Delete"),
            partial(self._order, messages.ForgetModel(model.model_id)),
        )

    def _order(self, request: messages.AnyRequest) -> None:
        self._say("")
        self.adding.say("")
        self._link.order(self, request, lambda _: self.refresh(), self._say)


def _outcome(adding: Adding, models: Sequence[Model]) -> str:
    """What is to be known of the model that was added last, until it is used for the first time."""
    added = next((model for model in models if model.name == adding.added), None)
    if added is None or added.state != "here" or added.photos or added.before:
        return ""
    said = tr("“{name}” was added. Use lets it read your photos.", name=adding.added)
    return paragraph((said, *(translated(note) for note in adding.notes)))


def _dropped(mime: QMimeData) -> str:
    """The folder or file of a model that is carried; empty: something else is."""
    match paths_in(mime):
        case [path] if Path(path).is_dir() or Path(path).suffix in MODEL_FILES:
            return path
    return ""
