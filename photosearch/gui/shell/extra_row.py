"""The row of the settings that offers to fetch an extra, shows how that goes, and takes it back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QPushButton, QWidget

from photosearch.core.extra_messages import Extra
from photosearch.extras import GPU, Fetchable
from photosearch.gui.widgets import dialogs, theme
from photosearch.gui.widgets.progress_text import extra_title, fetch_text, show_fetched
from photosearch.i18n import paragraph, tr, translated


class ExtraRow(QWidget):
    """Says whether an extra is here; its button fetches, stops or removes it, once the person has agreed."""

    add_wanted = Signal(str)  # the source of a model that is got once it is here; empty: none
    stop_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, which: Fetchable) -> None:
        super().__init__()
        self._which = which
        self._extra = Extra("missing")
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.help = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.help.setFont(theme.scaled_font(0.9))
        self.help.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(4)
        self.button = QPushButton(autoDefault=False)
        self.button.clicked.connect(lambda: self.act())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self.help, 1, 0)
        grid.addWidget(self._bar, 2, 0)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        grid.addWidget(self.button, 0, 1, 3, 1, right)
        grid.setColumnStretch(0, 1)
        self.setEnabled(False)  # until the engine said how it stands
        self.retranslate()

    def show_extra(self, extra: Extra) -> None:
        self._extra = extra
        self.setEnabled(True)
        self.retranslate()

    def retranslate(self) -> None:
        extra, progress = self._extra, self._extra.progress
        title = extra_title(self._which)
        self._title.setText(title)
        match extra.phase:
            case "missing":
                told = (
                    tr(
                        "Runs models on a graphics processor, and those that were not exported. It is not "
                        "here; all else works without."
                    )
                    if self._which is GPU
                    else tr("PyAV, which reads them, is not here; photos are read without.")
                )
            case "changing":
                told = fetch_text(progress, self._which.said) if progress else ""
            case "fetched":
                told = tr(
                    "{package} {version} was fetched for PhotoSearch alone.",
                    package=self._which.title,
                    version=extra.version,
                )
            case _:
                told = tr(
                    "{package} {version} is installed beside PhotoSearch.",
                    package=self._which.title,
                    version=extra.version,
                )
        failure = translated(extra.sentence) if extra.sentence else ""
        self.help.setText(failure or told)
        self._bar.setVisible(progress is not None)
        if progress:
            show_fetched(self._bar, progress)
        verbs = {"missing": tr("Fetch…"), "changing": tr("Stop"), "fetched": tr("Remove…"), "installed": ""}
        self.button.setText(verbs[extra.phase])
        self.button.setAccessibleName(f"{verbs[extra.phase]}: {title}")
        self.button.setVisible(extra.phase != "installed")
        self.button.setEnabled(progress is None or progress.stage != "removing")

    def act(self, model: str = "") -> None:
        """Do what its button says.

        Args:
            model: source of one that is to be got once torch is here
        """
        match self._extra.phase:
            case "missing":
                ask_to_fetch(self.window(), self._which, lambda: self.add_wanted.emit(model))
            case "changing":
                self.stop_wanted.emit()
            case "fetched":
                dialogs.confirm(
                    self.window(),
                    tr("Remove {package}?", package=self._which.said),
                    tr("Models that need it cannot be used until it is fetched again.")
                    if self._which is GPU
                    else tr("Videos that are known stay; no others are read until it is fetched again."),
                    tr("Remove"),
                    self.remove_wanted.emit,
                )


def ask_to_fetch(parent: QWidget, which: Fetchable, then: Callable[[], object]) -> None:
    """Ask before one is fetched; `then` is called where the person agrees."""
    told = (translated(which.cost), tr("You can go on searching, stop it, and remove it later."))
    dialogs.confirm(parent, tr("Fetch {package}?", package=which.said), paragraph(told), tr("Fetch"), then)
