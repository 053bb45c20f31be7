"""Takes one more model in: a folder that is chosen or dropped, or an id of the hub; shows how that goes."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core import messages, model_messages
from photosearch.core.extra_messages import Extra
from photosearch.core.model_messages import Adding
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.widgets import dialogs, theme
from photosearch.gui.widgets.flush import flush, flush_group
from photosearch.gui.widgets.progress_text import adding_text, show_added, size_text
from photosearch.i18n import paragraph, said_again, tr, translated
from photosearch.models import downloads, offers

MODEL_FILES = (".safetensors", ".json")  # that a model is made of
_WHERE = QStandardPaths.StandardLocation.DownloadLocation
_EXAMPLE = "google/siglip-base-patch16-224"


class AddModelBox(QWidget):
    """Offers the ways to a new model; while one comes, in their place how far it is, and buttons for it."""

    torch_wanted = Signal(str)  # to be fetched for a model, whose source it is
    ordered = Signal()  # something was asked of the engine
    listed_wanted = Signal(str, bool)  # source of a model on offer that was named; True: it is got now

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._adding = Adding()
        self._extra = Extra("installed")  # torch, which most models take
        self._by_id = False  # what was wanted last, so that its refusal stands below the field
        self._asked = ""  # id whose size this face wants to know
        self._refusal = ""
        self._outcome = ""
        self._start = QStandardPaths.writableLocation(_WHERE)  # is looked first for what was brought
        self._left: QWidget | None = None  # had the keyboard when the ways went
        self.folder = QPushButton(autoDefault=False)
        self.folder.clicked.connect(self._choose_folder)
        self.file = QPushButton(autoDefault=False)
        self.file.clicked.connect(self._choose_file)
        self._hint = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.other = QPushButton(autoDefault=False)
        self.other.setCheckable(True)
        self.other.setObjectName("quiet")
        self.hub_id = QLineEdit()
        self.hub_id.setObjectName("line")
        self.hub_id.returnPressed.connect(self._ask)
        self.hub_id.textChanged.connect(lambda _: self._update_ask())
        self.ask = QPushButton(autoDefault=False)
        self.ask.clicked.connect(self._ask)
        self.said = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.refused = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.refused.setForegroundRole(QPalette.ColorRole.BrightText)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(4)
        self.pause, self.stop = QPushButton(autoDefault=False), QPushButton(autoDefault=False)
        self.stop.setObjectName("quiet")
        self.pause.clicked.connect(lambda: self._order(model_messages.PauseAdding()))
        self.stop.clicked.connect(lambda: self._order(model_messages.StopAdding()))
        self._explained = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        for label in (self._hint, self._explained):
            label.setFont(theme.scaled_font(0.9))
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._ways = QWidget()
        ways = QVBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(8)
        ways.addLayout(_row(self.folder, self.file))
        ways.addWidget(self._hint)
        ways.addLayout(flush(self.other))
        by_id = QWidget()
        by_id.hide()
        self.other.toggled.connect(by_id.setVisible)
        self.other.toggled.connect(lambda on: self.hub_id.setFocus() if on else None)
        own = QVBoxLayout(by_id)
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(8)
        own.addLayout(_row(self.hub_id, self.ask))
        own.addWidget(self.refused)
        own.addWidget(self._explained)
        ways.addWidget(by_id)
        self._work = QWidget()
        work = QHBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(12)
        work.addWidget(self._bar, 1)
        work.addWidget(self.stop)
        work.addWidget(self.pause)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.said)
        column.addWidget(self._work)
        column.addLayout(flush_group(self._ways))

    def show_adding(self, adding: Adding) -> None:
        """Show how taking a model in stands."""
        before, self._adding = self._adding.phase, adding
        if adding.phase == "asked" and adding.source == self._asked:
            self._asked = ""
            self._confirm(adding)
        elif before == "adding" and adding.added:
            self.hub_id.clear()
        self.retranslate()

    def show_extra(self, extra: Extra) -> None:
        """Show how it stands with torch, and what comes once it is here, where that is shown nowhere else."""
        self._extra = extra
        self.retranslate()

    def tell(self, outcome: str) -> None:
        """Say of a model that came in by one of these ways what is to be known of it; empty: nothing."""
        self._outcome = outcome
        self.retranslate()

    def say(self, sentence: str) -> None:
        """Say why something was not done; empty takes it away."""
        self._refusal = sentence
        self.retranslate()

    def retranslate(self) -> None:
        adding = self._adding
        self._refusal = said_again(self._refusal)
        self.folder.setText(tr("Import a folder…"))
        self.file.setText(tr("Import a file…"))
        self._hint.setText(
            tr(
                "A model that was brought here, as on a USB stick: its folder, or a file of it; or "
                "drop that here."
            )
        )
        self.other.setText(tr("Another model of the hub…"))
        self.hub_id.setPlaceholderText(tr("its id, such as {example}", example=_EXAMPLE))
        self.hub_id.setAccessibleName(tr("Id of a model on the hub"))
        self.ask.setText(tr("Download…"))
        self._explained.setText(
            tr(
                "Models of the families above work, by whomever they are. You are told how much is to be "
                "downloaded before it begins."
            )
        )
        self.stop.setText(tr("Stop"))
        self.stop.setAccessibleName(f"{tr('Stop')}: {adding.source}")
        self.pause.setText(tr("Pause"))
        self.pause.setAccessibleName(f"{tr('Pause')}: {adding.source}")
        busy = adding.phase in ("asking", "adding")
        failed = self._refusal or (translated(adding.sentence) if adding.sentence else "")
        at_field = failed if self._by_id and self.other.isChecked() and not busy else ""
        self.refused.setText(at_field)
        self.refused.setVisible(bool(at_field))
        waits = tr("“{source}” is downloaded once torch is here.", source=self._extra.model)
        self.said.setText(
            failed or (adding_text(adding) if busy else waits if self._extra.model else self._outcome)
        )
        self.said.setForegroundRole(
            QPalette.ColorRole.BrightText if failed else QPalette.ColorRole.WindowText
        )
        self.said.setVisible(bool(self.said.text()) and not at_field)
        show_added(self._bar, adding)
        self._show_parts(busy=busy)
        self._update_ask()

    @property
    def takes_more(self) -> bool:
        """Whether a model can be brought now: none is coming in."""
        return not self._ways.isHidden()

    @property
    def is_worked_with(self) -> bool:
        """Whether the keyboard is on a button of what comes."""
        return _holds(self._work, self.window().focusWidget())

    def _show_parts(self, *, busy: bool) -> None:
        """Show what comes, or the ways; the keyboard goes from the one to the other."""
        focus = self.window().focusWidget()
        pausable, was = busy and bool(self._adding.total), not self.pause.isHidden()
        self.pause.setVisible(pausable)
        (self._work if busy else self._ways).show()
        if busy and _holds(self._ways, focus):
            self._left = focus
            (self.pause if pausable else self.stop).setFocus()
        elif busy and self._left and pausable and not was and focus is self.stop:
            self.pause.setFocus()
        elif busy and not pausable and focus is self.pause:
            self.stop.setFocus()
        elif not busy and _holds(self._work, focus):
            (self._left or self.folder).setFocus()
            self._left = None
        (self._ways if busy else self._work).hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # the field's; else it closes the dialog
            super().keyPressEvent(event)

    def add(self, path: str) -> None:
        """Take in the model in a folder, or one that a file belongs to."""
        if path:
            self._by_id = False
            self._start = os.path.dirname(path)  # noqa: PTH120  (any bytes)
            self._order(model_messages.AddModel(os.fsencode(path)))

    def _choose_folder(self) -> None:
        title = tr("Choose the folder of a model")
        self.add(QFileDialog.getExistingDirectory(self.window(), title, self._start))

    def _choose_file(self) -> None:
        title = tr("Choose a file of a model")
        kinds = f"{tr('Models')} ({' '.join(f'*{suffix}' for suffix in MODEL_FILES)})"
        self.add(QFileDialog.getOpenFileName(self.window(), title, self._start, kinds)[0])

    def _ask(self) -> None:
        typed = self.hub_id.text().strip()
        if (path := Path(os.path.expanduser(typed))).is_absolute():  # noqa: PTH111  (~x may be nobody)
            self.add(os.fspath(path))
        elif self.ask.isEnabled():
            typed = downloads.hub_id(typed)
            known = offers.named(typed)
            self._asked = known.source if known else typed
            if known:
                self.listed_wanted.emit(known.source, False)
            self._by_id = True
            self._order(model_messages.AskModel(self._asked))

    def _confirm(self, adding: Adding) -> None:
        if adding.total:
            told = tr(
                "{size} come from the hub, over the network. The model is checked before it can be used, and "
                "nothing of it is run as a program.",
                size=size_text(adding.total),
            )
        else:
            told = tr("It was downloaded before; only what has changed since comes from the hub.")
        known = offers.named(adding.source)
        if known and known.research_only:
            licence = tr("Its licence, {licence}, allows research only.", licence=known.licence)
            told = paragraph((told, licence))
        box = dialogs.confirm(
            self.window(),
            tr("Download {source}?", source=adding.source),
            told,
            tr("Download"),
            lambda: self._get(adding),
        )
        box.rejected.connect(lambda: self._order(model_messages.StopAdding()))

    def _get(self, asked: Adding) -> None:
        if asked.takes_torch and self._extra.phase == "missing":
            self.torch_wanted.emit(asked.source)
        else:
            self._order(model_messages.AddModel(asked.source.encode()))
        self.listed_wanted.emit(asked.source, True)

    def _order(self, request: messages.AnyRequest) -> None:
        self.say("")
        self.ordered.emit()
        self._link.order(self, request, refused=self.say)

    def _update_ask(self) -> None:
        fetching = self._extra.phase == "changing"
        self.ask.setEnabled(not fetching and "/" in self.hub_id.text().strip().strip("/"))


def _holds(group: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and group.isAncestorOf(focus)


def _row(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(left)
    row.addWidget(right)
    if not isinstance(left, QLineEdit):
        row.addStretch(1)
    return row
