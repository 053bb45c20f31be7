"""What goes on with models behind the window: extras and models that come in, and one that takes over."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core import extra_messages, messages, model_messages
from photosearch.core.model_messages import Adding, ModelChanged
from photosearch.extras import GPU
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.library.jobs import JobPanel
from photosearch.gui.library.model_change import Change, ChangeWatch
from photosearch.gui.library.status import Offer, StatusLine
from photosearch.gui.shell.extra_row import ask_to_fetch
from photosearch.gui.widgets.model_text import model_name
from photosearch.i18n import tr, tr_n, translated


class ModelWork(QObject):
    """Shows it in the status line and the panel behind it, and takes what is pressed there."""

    changed = Signal()  # `busy` may be another
    compare_wanted = Signal()  # of the model that answers with the one before

    def __init__(self, link: EngineLink, jobs: JobPanel, status: StatusLine, window: QWidget) -> None:
        super().__init__(window)
        self._link, self._jobs, self._status, self._window = link, jobs, status, window
        self._fetching: dict[str, extra_messages.Extra] = {}  # by name, those that change
        self._waits = ""  # source of a model that is got once torch is here
        self._adding = Adding()
        self._outcome = ""  # what was said of a model that came in, or could not
        self._change: Change | None = None
        self._watch = ChangeWatch(link, self)
        self._watch.moved.connect(self._show_change)
        self._watch.caught_up.connect(self._on_caught_up)
        self._watch.alone.connect(self._on_alone)
        self._comparable = ""  # what was said of a model that can be compared with the one before
        self._beside = ""  # what was said of photos that another model answers for
        jobs.fetch_end_wanted.connect(lambda name: self._order(extra_messages.StopExtra(name)))
        jobs.add_end_wanted.connect(lambda: self._order(model_messages.StopAdding()))
        jobs.add_pause_wanted.connect(lambda: self._order(model_messages.PauseAdding()))
        jobs.change_end_wanted.connect(lambda: self._order(model_messages.CancelChange(keep=True)))
        for part in (jobs, status):
            part.change_pause_wanted.connect(lambda paused: self._order(model_messages.PauseChange(paused)))
        link.torch_missing.connect(self._offer_torch)

    @property
    def busy(self) -> bool:
        """Whether there is something to show."""
        return bool(self._fetching or self._adding.phase == "adding" or self._change)

    def on_event(self, event: messages.AnyEvent) -> None:
        """Show what the engine tells of it."""
        match event:
            case extra_messages.ExtraChanged():
                self._show_extra(event.extra)
            case model_messages.AddingChanged():
                self._show_adding(event.adding)
            case model_messages.ModelChanged():
                self._tell_of_change(event)

    def on_lost(self) -> None:
        """With the engine all of it has ended."""
        for name in list(self._fetching):
            self._show_fetching(extra_messages.Extra("missing", name=name))
        self._show_adding(Adding())
        self._show_change(None)

    def _offer_torch(self, sentence: str) -> None:
        failed = self._adding.sentence
        model = self._adding.source if failed and translated(failed) == sentence else ""
        order = extra_messages.AddExtra(model_bytes=os.fsencode(model))

        def fetch() -> None:
            ask_to_fetch(self._window, GPU, lambda: self._order(order))

        self._status.show_problem(sentence, offer=Offer(lambda: tr("Fetch it"), fetch))

    def _show_extra(self, extra: extra_messages.Extra) -> None:
        was = self._fetching.get(extra.name)
        self._show_fetching(extra)
        if extra.name != GPU.name:
            return
        waited, self._waits = self._waits, extra.model
        fetching = was and was.progress and was.progress.stage != "removing"
        if fetching and extra.phase == "fetched" and not waited:
            self._status.show_offer(
                tr(
                    "Torch {version} was fetched. It is used once the search engine starts again.",
                    version=extra.version,
                ),
                Offer(lambda: tr("Restart now"), self._link.restart_engine),
            )

    def _show_fetching(self, extra: extra_messages.Extra) -> None:
        self._fetching.pop(extra.name, None)
        if extra.progress:
            self._fetching[extra.name] = extra
        self._jobs.show_fetching(extra)
        self._status.show_fetching(next(iter(self._fetching.values()), None))
        self.changed.emit()

    def _show_adding(self, adding: Adding) -> None:
        was, self._adding = self._adding, adding
        self._jobs.show_adding(adding)
        self._status.show_adding(adding)
        if adding.phase == "adding":
            self._take_back()
        elif adding.sentence:  # which the engine tells of as a problem
            self._outcome = translated(adding.sentence)
        elif was.phase == "adding" and adding.added:
            self._outcome = tr("“{name}” was added. Use lets it read your photos.", name=adding.added)
            use = model_messages.ChangeModel(adding.added)
            self._status.show_offer(self._outcome, Offer(lambda: tr("Use"), lambda: self._order(use)))
        self.changed.emit()

    def _take_back(self) -> None:
        """What was said of a model that came in, as by now it is otherwise."""
        self._status.take_back(self._outcome)
        self._outcome = ""

    def _show_change(self, change: Change | None) -> None:
        if change:
            self._take_back()
        self._change = change
        self._jobs.show_change(change)
        self._status.show_change(change)
        self.changed.emit()

    def _tell_of_change(self, event: ModelChanged) -> None:
        new, before = model_name(event.name), model_name(event.before_name)
        told = (
            tr_n(
                "{new} answers your searches now. {n} photo that it cannot read now is still answered by "
                "{before}.",
                "{new} answers your searches now. {n} photos that it cannot read now are still answered by "
                "{before}.",
                event.beside,
                new=new,
                before=before,
            )
            if event.beside
            else tr("{name} answers your searches now.", name=new)
        )
        self._status.show_offer(told, Offer(lambda: tr("Compare…"), self.compare_wanted.emit))
        self._comparable, self._beside = told, told if event.beside else ""

    def _on_alone(self) -> None:
        """There is nothing to compare with any more."""
        self._status.take_back(self._comparable)
        self._comparable = ""

    def _on_caught_up(self) -> None:
        self._status.take_back(self._beside)
        self._beside = ""

    def _order(self, request: messages.AnyRequest) -> None:
        self._link.order(self, request)
