"""The settings, one row for each that is declared in photosearch/settings.py. A change counts at once."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch import setting_kinds, settings
from photosearch.core import extra_messages, messages, model_messages
from photosearch.decode import video_kind
from photosearch.extras import GPU, VIDEO
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell.extra_row import ExtraRow
from photosearch.gui.shell.models_section import ModelsSection
from photosearch.gui.shell.setting_row import SettingRow
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.flush import flush_group
from photosearch.i18n import paragraph, said_again, tr, tr_n, translated
from photosearch.models import accelerators, catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader

_WIDTH = 620
_ABOVE = 40  # pixels above the models, with their title
_MOST = messages.FasterReading(photos=60_000, now_ms=100, then_ms=100)  # whose figures take the most room
_PLACED_MS = 50  # after which what was just shown has its place
Models = Sequence[catalog.ModelInfo]


class SettingsDialog(QDialog):
    """Shows every declared setting; what is a library's is read when the dialog opens."""

    def __init__(
        self,
        parent: QWidget,
        preferences: Preferences,
        library: Library,
        reader: LibraryReader,
        link: EngineLink,
    ) -> None:
        super().__init__(parent)
        self._preferences, self._library, self._reader, self._link = preferences, library, reader, link
        self.rows = {
            key: SettingRow(setting, _impossible(key))
            for key, setting in settings.SETTINGS.items()
            if key != settings.MODEL
        }
        self.models = ModelsSection(link)
        self.extra, self.video = ExtraRow(GPU), ExtraRow(VIDEO)
        self._extra_changing = False
        self._titles: list[tuple[QLabel, setting_kinds.Text]] = []
        self._note = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.restart = QPushButton()
        self.close_button = QPushButton(default=True)
        self._refusal = ""
        self._models: Models = ()
        self._faster: messages.FasterReading | None = None  # None: not measured yet
        self._model = ""  # id of the chosen one, as it is where not in 8 bits
        self._area = area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._form())
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 16)
        foot.setSpacing(12)
        foot.addStretch(0)
        foot.addWidget(self._note, 1)
        foot.addWidget(self.restart)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addLayout(foot)
        self.restart.hide()
        self.restart.clicked.connect(self._restart)
        self.close_button.clicked.connect(self.accept)
        for key, row in self.rows.items():
            row.chosen.connect(lambda value, key=key: self._on_chosen(key, value))
            if row.setting.kept == "person":
                row.show_value(preferences.value(key))
            else:
                row.setEnabled(False)  # until the library said what it is
        self.models.torch_wanted.connect(self.extra.act)
        self.models.look_wanted.connect(
            lambda part: QTimer.singleShot(
                _PLACED_MS, part, lambda: self._area.ensureWidgetVisible(part, 0, _ABOVE)
            )
        )
        self.video.setVisible(not video_kind.can_be_read())  # who has it by pip needs no row of it
        self.rows[settings.INT8].hide()  # until the model is known to have that form
        self.rows[settings.INT8].reserve(lambda: _figures(_MOST))
        self.extra.add_wanted.connect(
            lambda model: self._order_extra(extra_messages.AddExtra(model_bytes=os.fsencode(model)))
        )
        self.video.add_wanted.connect(lambda: self._order_extra(extra_messages.AddExtra(name=VIDEO.name)))
        for offer, name in ((self.extra, GPU.name), (self.video, VIDEO.name)):
            offer.stop_wanted.connect(lambda name=name: self._order_extra(extra_messages.StopExtra(name)))
            offer.remove_wanted.connect(lambda name=name: self._order_extra(extra_messages.RemoveExtra(name)))
            link.order(self, extra_messages.GetExtra(name), self._on_extra, lambda _: None)
        link.event_received.connect(self._on_event)
        link.connected.connect(self._on_started)
        self.retranslate()
        self.resize(min(_WIDTH, parent.width()), min(680, parent.height()))
        reader.ask(self, lambda opened: _read(opened, library), self._on_read)
        link.order(self, messages.GetStatus(), self._on_status, lambda _: None)
        self._measure()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Settings"))
        for label, title in self._titles:
            label.setText(title())
        self.extra.retranslate()
        self.video.retranslate()
        self.models.retranslate()
        self.restart.setText(tr("Restart now"))
        self.close_button.setText(tr("Close"))
        self._update_note()

    def show_models(self, text: str) -> None:
        """Scroll to the models, those first that read this text."""
        self._area.verticalScrollBar().setValue(self.models.y() - _ABOVE)
        self.models.point_to(text)

    def _form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(16)
        for group in settings.GROUPS:
            title = QLabel()
            title.setFont(theme.scaled_font(1.15, semibold=True))
            self._titles.append((title, group.title))
            if len(self._titles) > 1:
                column.addSpacing(8)
            column.addWidget(title)
            for setting in group.settings:
                if setting.key == settings.MODEL:
                    column.addLayout(flush_group(self.models))
                else:
                    column.addWidget(self.rows[setting.key])
                if setting.key == settings.PRECISION:
                    column.addWidget(self.extra)
                if setting.key == settings.VIDEOS:
                    column.addWidget(self.video)
        column.addStretch(1)
        return form

    def _on_read(self, found: tuple[dict[str, str], Models]) -> None:
        values, _ = found
        for key in values.keys() - {settings.MODEL, settings.INT8}:
            self.rows[key].show_value(values[key])
            self.rows[key].setEnabled(True)
        self._on_models(found)

    def _on_models(self, found: tuple[dict[str, str], Models]) -> None:
        """The model that was chosen may be another one by now."""
        values, self._models = found
        self._model = values[settings.MODEL]
        self.rows[settings.INT8].show_value(values[settings.INT8])
        folder = next((m.path for m in self._models if m.model_id == self._model), None)
        self.rows[settings.INT8].setVisible(any(m.int8 and m.path == folder for m in self._models))
        self._show_faster()

    def _on_status(self, status: messages.Status) -> None:
        if reason := settings.RUNTIME_REASONS.get(status.why):  # none yet where the model still warms
            self.rows[settings.DEVICE].show_note(
                lambda: tr(
                    "Now: {device} in {precision}, {runtime}, {why}.",
                    device=status.device,
                    precision=status.precision,
                    runtime=status.runtime,
                    why=reason(),
                )
            )

    def _measure(self) -> None:
        request = messages.GetFasterReading()
        self._link.order(self, request, self._on_faster_reading, lambda _: None, takes_long=True)

    def _on_faster_reading(self, found: messages.FasterReading) -> None:
        self._faster = found
        self._show_faster()

    def _show_faster(self) -> None:
        """Offer it where it is worthwhile, with what it costs and brings."""
        row, found = self.rows[settings.INT8], self._faster
        in_use = row.value == settings.YES
        row.setEnabled(in_use or (found is not None and found.worthwhile))
        if found is None:
            row.show_note(lambda: "" if in_use else tr("What it would bring here is being measured."))
        elif found.worthwhile:
            row.show_note(lambda: _figures(found))
        else:
            row.show_note(lambda: "" if in_use else tr("Here it would not be worth that."))

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case extra_messages.ExtraChanged():
                self._show_extra(event.extra)
            case model_messages.ModelsChanged() | model_messages.ModelChanged():
                self._faster = None  # what was measured may be another model
                self._read_models()

    def _read_models(self) -> None:
        self._reader.ask(self, lambda opened: _read(opened, self._library), self._on_models)
        self._measure()

    def _on_extra(self, reply: extra_messages.ExtraStatus) -> None:
        self._show_extra(reply.extra)

    def _show_extra(self, extra: extra_messages.Extra) -> None:
        if extra.name == VIDEO.name:
            self.video.show_extra(extra)
            self.video.setVisible(extra.phase != "installed")
            return
        self.extra.show_extra(extra)
        self.models.show_extra(extra)
        if self._extra_changing and extra.phase == "fetched":
            self.restart.show()
        self._extra_changing = extra.phase == "changing"
        self._update_note()

    def _order_extra(self, request: messages.AnyRequest) -> None:
        self._refusal = ""
        self._link.order(self, request, lambda _: self._update_note(), self._on_refused)

    def _on_chosen(self, key: str, value: str) -> None:
        self._refusal = ""
        setting = settings.SETTINGS[key]
        if isinstance(setting, setting_kinds.Address) and not setting.allows(value):
            takes = translated(setting.values)
            self._on_refused(tr("{setting} takes {values}.", setting=setting.title(), values=takes))
        elif setting.kept == "person":
            self._preferences.change(key, value)
        else:
            self._link.order(
                self, self._change(key, value), lambda _: self._on_changed(key), self._on_refused
            )

    def _change(self, key: str, value: str) -> messages.AnyRequest:
        if key == settings.INT8:
            base = next(model for model in self._models if model.model_id == self._model)
            return model_messages.ChangeModel(
                _in_form(self._models, base, int8=value == settings.YES).model_id
            )
        return messages.ChangeSetting(key, value)

    def _on_changed(self, key: str) -> None:
        if settings.SETTINGS[key].restarts:
            self.restart.show()
        self._update_note()

    def _on_refused(self, sentence: str) -> None:
        self._refusal = sentence
        self._update_note()

    def _restart(self) -> None:
        self._on_started()
        self._link.restart_engine()

    def _on_started(self) -> None:
        """What was changed before counts with the engine that starts."""
        self.restart.hide()
        self._update_note()

    def _update_note(self) -> None:
        waits = tr("This counts once the search engine starts again.") if not self.restart.isHidden() else ""
        self._note.setText(said_again(self._refusal) or waits)
        self._note.setVisible(bool(self._note.text()))


def _impossible(key: str) -> frozenset[str]:
    """Values that a setting cannot have on this computer."""
    return settings.ACCELERATORS - accelerators.conceivable() if key == settings.DEVICE else frozenset()


def _read(reader: Reader, library: Library) -> tuple[dict[str, str], Models]:
    """The library's settings, and the models there are; in the library's thread."""
    models = catalog.available(library)
    values = {
        key: settings.value(key, reader.setting(key))
        for key, setting in settings.SETTINGS.items()
        if setting.kept == "library"
    }
    wanted = reader.setting(settings.NEXT_MODEL) or values[settings.MODEL]
    chosen = next((model for model in models if wanted in ("", model.model_id)), None)
    values[settings.INT8] = settings.YES if chosen and chosen.int8 else settings.NO
    values[settings.MODEL] = _in_form(models, chosen, int8=False).model_id if chosen else wanted
    return values, models


def _figures(found: messages.FasterReading) -> str:
    minutes = max(1, round(found.photos * found.then_ms / 60_000))
    return paragraph(
        (
            tr(
                "Here a photo takes {then} ms in place of {now} ms.",
                then=round(found.then_ms),
                now=round(found.now_ms),
            ),
            tr_n(
                "Reading all of them again takes about {n} minute.",
                "Reading all of them again takes about {n} minutes.",
                minutes,
            ),
        )
    )


def _in_form(models: Models, model: catalog.ModelInfo, *, int8: bool) -> catalog.ModelInfo:
    """A model in 8 bits, or the one that this was made from."""
    return next(other for other in models if other.path == model.path and other.int8 == int8)
