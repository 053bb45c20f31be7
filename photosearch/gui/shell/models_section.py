"""The models in the settings: which there are, which one answers, which one reads, and the way to more."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from photosearch import settings
from photosearch.core import messages, model_messages
from photosearch.core.model_messages import Model, ModelList
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.shell.add_model import AddModelBox
from photosearch.gui.widgets import dialogs, theme
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n


class ModelRow(QWidget):
    """A model: its name, what is known of it, and what can be done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.name = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.about = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.about.setFont(theme.scaled_font(0.9))
        self.about.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.use, self.delete = QPushButton(autoDefault=False), QPushButton(autoDefault=False)
        self.delete.setObjectName("quiet")
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(self.name)
        left.addWidget(self.about)
        left.addSpacing(2)
        left.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addLayout(left, 1)
        row.addWidget(self.delete)
        row.addWidget(self.use)

    def show_model(self, model: Model, photos: int, *, usable: bool) -> None:
        """Show a model of a library with so many photos."""
        self.name.setText(model.name)
        self.name.setFont(theme.scaled_font(1.0, semibold=model.state == "answers"))
        licence = tr("licence {licence}", licence=model.licence) if model.licence else tr("licence unknown")
        parts = (_state(model, photos), licence, size_text(model.bytes))
        self.about.setText("  ·  ".join(filter(None, parts)))
        self.bar.setVisible(model.state == "reading")
        self.bar.setRange(0, max(1, photos))
        self.bar.setValue(model.photos)
        for button, text, shown in (
            (self.use, tr("Keep") if model.state == "answers" else tr("Use"), usable),
            (self.delete, tr("Delete…"), model.added and model.state == "here"),
        ):
            button.setText(text)
            button.setAccessibleName(f"{text}: {model.name}")
            button.setVisible(shown)


class ModelsSection(QWidget):
    """Lists the models of a library as the engine tells of them, and takes in more."""

    use_wanted = Signal(object)  # str: a model's id

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._found = ModelList((), 0)
        self.rows: dict[str, ModelRow] = {}  # by id
        self._help = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._help.setFont(theme.scaled_font(0.9))
        self._help.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._card = QFrame()
        self._card.setObjectName("card")
        self._list = QVBoxLayout(self._card)
        self._list.setContentsMargins(1, 4, 1, 4)
        self._list.setSpacing(0)
        self.adding = AddModelBox(link)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._help)
        column.addWidget(self._card)
        column.addWidget(self.adding)
        link.event_received.connect(self._on_event)
        link.connected.connect(lambda _: self.refresh())
        self.retranslate()
        self.refresh()

    def refresh(self) -> None:
        """Ask the engine again."""
        self._link.order(self, model_messages.GetModels(), self._on_list, lambda _: None)

    def retranslate(self) -> None:
        self._help.setText(settings.SETTINGS[settings.MODEL].help())
        changing = any(model.state in ("chosen", "reading") for model in self._found.models)
        for model in self._found.models:
            usable = model.state == "here" or (model.state == "answers" and changing)
            self.rows[model.model_id].show_model(model, self._found.photos, usable=usable)
        self.adding.retranslate()

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case model_messages.AddingChanged():
                self.adding.show_adding(event.adding)
                if event.adding.added:
                    self.refresh()
            case messages.PhotosChanged() | messages.ModelReady():
                self.refresh()

    def _on_list(self, found: ModelList) -> None:
        self._found = found
        for gone in set(self.rows) - {model.model_id for model in found.models}:
            self.rows.pop(gone).deleteLater()
        before = self._stop_before()
        for place, model in enumerate(found.models):
            if model.model_id not in self.rows:
                row = self.rows[model.model_id] = ModelRow()
                row.use.clicked.connect(partial(self._use, model.model_id))
                row.delete.clicked.connect(partial(self._ask_to_delete, model))
            row = self.rows[model.model_id]
            self._list.insertWidget(place, row)
            QWidget.setTabOrder(before, row.delete)  # they are younger than what follows
            QWidget.setTabOrder(row.delete, row.use)
            before = row.use
        self.adding.show_adding(found.adding)
        self.retranslate()

    def _stop_before(self) -> QWidget:
        """The last stop of Tab before the models."""
        stop = self.adding.folder.previousInFocusChain()
        while stop and (stop.focusPolicy() == Qt.FocusPolicy.NoFocus or self._card.isAncestorOf(stop)):
            stop = stop.previousInFocusChain()
        return stop or self

    def _use(self, model_id: str) -> None:
        self.adding.say("")
        self.use_wanted.emit(model_id)

    def _ask_to_delete(self, model: Model) -> None:
        dialogs.confirm(
            self.window(),
            tr("Delete the model “{name}”?", name=model.name),
            tr(
                "Its files on this computer ({size}) are deleted, and what it knew of your photos; the "
                "photos stay. To have it back, add it again and let it read every photo.",
                size=size_text(model.bytes),
            ),
            tr("Delete"),
            partial(self._delete, model),
        )

    def _delete(self, model: Model) -> None:
        self.adding.say("")
        request = messages.ForgetModel(model.model_id)
        self._link.order(self, request, lambda _: self.refresh(), self.adding.say)


def _state(model: Model, photos: int) -> str:
    match model.state:
        case "answers":
            return tr("Answers your searches")
        case "reading":
            return tr("Reading photos: {done} of {total}", done=model.photos, total=photos)
        case "chosen":
            return tr("Begins to read once the search engine starts again")
    return tr_n("Knows {n} photo", "Knows {n} photos", model.photos) if model.photos else ""
