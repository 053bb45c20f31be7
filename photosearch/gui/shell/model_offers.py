"""The models that can be had: a short list with what each is good for and costs here, got by one press."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch import i18n
from photosearch.core import messages, model_messages
from photosearch.core.extra_messages import Extra
from photosearch.core.model_messages import Adding, Measuring, Offer, OfferList
from photosearch.core.scripts import reads
from photosearch.extras import GPU
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.shell.model_row import CardRow
from photosearch.gui.widgets import dialogs, theme
from photosearch.gui.widgets.announce import announce
from photosearch.gui.widgets.flush import flush
from photosearch.gui.widgets.model_text import offer_facts, offer_terms, recall_source, speed_text
from photosearch.gui.widgets.progress_text import coming_text, fetch_text, show_added, size_text
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr, tr_n, translated
from photosearch.models import offers

_SHORT = 4  # offers that are shown until more are wanted


class OfferRow(CardRow):
    """A model that can be had, or is on its way."""

    def show_offer(
        self, offer: Offer, photos: int, adding: Adding, remark: str, *, measured: bool, waits: bool
    ) -> None:
        """Show an offer in a library of so many photos.

        Args:
            adding: how taking a model in stands, whichever it is
            remark: why the offer stands out
            measured: it is at this moment
            waits: it comes once torch is here
        """
        own = adding.source == offer.source
        coming = own and adding.phase == "adding"
        paused = offer.state == "paused" or (own and adding.phase == "paused")
        progress = adding if own else Adding(done=offer.done, total=max(offer.download_bytes, offer.done))
        failed = translated(adding.sentence) if own and not coming and adding.sentence else ""
        here = tr("Its speed here is being measured…") if measured else speed_text(offer, photos)
        if waits:
            here = tr("Is downloaded once torch is here")
        elif coming:
            here = coming_text(adding)
        elif paused and progress.total:
            done, total = size_text(progress.done), size_text(progress.total)
            here = tr("Paused: {done} of {total} are here", done=done, total=total)
        self.say(
            (self.remark, remark),
            (self.name, offer.name),
            (self.about, translated(offer.about) if offer.about else ""),
            (self.facts, offer_facts(offer)),
            (self.terms, offer_terms(offer)),
            (self.here, here),
            (self.fault, failed),
        )
        self.terms.setToolTip(tip(recall_source(offer.recall)))
        self.bar.setVisible(coming or paused)
        if coming or paused:
            show_added(self.bar, progress)
        first = tr("Try again") if failed else tr("Get")
        self.offer_to(
            offer.name,
            second=tr("Stop") if coming else tr("Delete") if paused else "",
            main=tr("Pause") if coming else tr("Resume") if paused else first,
        )
        free = coming or adding.phase != "adding"
        self.main.setEnabled(free)
        why = tr("One model comes at a time: let that end first, or pause it.")
        self.main.setToolTip("" if free else tip(why))


class OffersList(QWidget):
    """Lists what can be had, the recommended one first; gets, pauses, stops, and measures how fast it is."""

    torch_wanted = Signal(str)  # to be fetched, or not any more, and the id of a model that waits for it
    refused = Signal(object)  # str: why something was not done; empty: all is well
    rows_changed = Signal()
    focus_lost = Signal(str)  # source of an offer that goes, and had the keyboard

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._found = OfferList((), 0)
        self._adding = Adding()
        self._extra = Extra("installed")  # torch, which getting a model takes
        self._text = ""  # what is to be read by the first ones
        self._to_first = False  # the keyboard is to go to the first one, once there is one
        self._all = False  # are shown
        self._first: str | None = None  # source of what is recommended; None: nothing was listed yet
        self.rows: dict[str, OfferRow] = {}  # by source
        self._title = QLabel()
        self._title.setFont(theme.scaled_font(1.0, semibold=True))
        self._speed = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._torch = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        for label in (self._speed, self._torch):
            label.setFont(theme.scaled_font(0.9))
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.measure, self.torch, self.more = (QPushButton(autoDefault=False) for _ in range(3))
        for button in (self.measure, self.torch, self.more):
            button.setObjectName("quiet")
        self.measure.clicked.connect(self._measure)
        self.torch.clicked.connect(lambda: self.torch_wanted.emit(""))
        self.more.clicked.connect(self._show_all)
        card = QFrame()
        card.setObjectName("card")
        self._card = card
        self._list = QVBoxLayout(card)
        self._list.setContentsMargins(1, 4, 1, 4)
        self._list.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        for label, button in ((self._torch, self.torch), (self._speed, self.measure)):
            row = QHBoxLayout()
            row.addWidget(label, 1)
            row.addWidget(button)
            column.addLayout(row)
        column.addWidget(card)
        column.addLayout(flush(self.more))
        self.retranslate()

    @property
    def sources(self) -> set[str]:
        """What AddModel takes, of all that is offered."""
        return {offer.source for offer in self._found.offers}

    def of_model(self, model_id: str) -> Offer | None:
        """The offer that a model which is here was got by."""
        return next((offer for offer in self._found.offers if offer.model_id == model_id), None)

    def of_source(self, source: str) -> Offer | None:
        """The offer of a source."""
        return next((offer for offer in self._found.offers if offer.source == source), None)

    def unfolded(self, source: str) -> OfferRow | None:
        """The row of an offer, shown if it was not; None: it is not on offer, or the model is here."""
        if source not in self.rows and any(offer.source == source for offer in self._offers()):
            self._all = True
            self._update()
        return self.rows.get(source)

    def focus(self, source: str) -> None:
        """Put the keyboard to what is mostly done with an offer."""
        if row := self.rows.get(source):
            row.main.setFocus()

    def _name_of(self, source: str) -> str:
        return next((offer.name for offer in self._found.offers if offer.source == source), source)

    @property
    def stops(self) -> Sequence[QWidget]:
        """Where Tab stops, in its order."""
        rows = [self.rows[offer.source] for offer in self._shown()]
        return [self.torch, self.measure, *(b for row in rows for b in row.buttons), self.more]

    def refresh(self) -> None:
        """Ask the engine again."""
        language = i18n.language().partition("_")[0]
        self._link.order(self, model_messages.GetOffers(language), self.show_offers, lambda _: None)

    def show_offers(self, found: OfferList) -> None:
        """Show what can be had."""
        self._found = found
        if self._first is None and found.offers:
            self._first = self._recommended()
        self._update()

    def _recommended(self) -> str:
        return next((offer.source for offer in self._found.offers if offer.recommended), "")

    def show_adding(self, adding: Adding) -> None:
        """Show how taking a model in stands."""
        before, self._adding = self._adding, adding
        if before.phase != adding.phase:
            self.refresh()
            if adding.sentence and adding.source in self.sources:
                announce(self, translated(adding.sentence))
        self.retranslate()

    def show_measuring(self, measuring: Measuring) -> None:
        """Show how measuring stands."""
        if measuring.done != self._found.measuring.done or not measuring.source:
            self.refresh()
        self.show_offers(OfferList(self._found.offers, self._found.photos, measuring))

    def show_extra(self, extra: Extra) -> None:
        """Say how it stands with what getting a model takes, where it is not here."""
        self._extra = extra
        self.retranslate()

    @property
    def _torch_missing(self) -> bool:
        return self._extra.phase in ("missing", "changing")

    def point_to(self, text: str) -> None:
        """Put those that read a text first, and the keyboard to the first of them."""
        self._text, self._to_first = text, True
        self._first = self._recommended() if self._found.offers else None
        self._update()

    def retranslate(self) -> None:
        measuring, photos = self._found.measuring, self._found.photos
        self._title.setText(tr("To download"))
        fetching = self._extra.progress
        needed = tr("Preparing one for this computer takes an extra part, torch, which is fetched once.")
        self._torch.setText(fetch_text(fetching, GPU.said) if fetching else needed)
        self.torch.setText(tr("Stop") if fetching else tr("Fetch…"))
        self.torch.setAccessibleName(f"{self.torch.text()}: {tr('Support for torch')}")
        for part in (self._torch, self.torch):
            part.setVisible(self._torch_missing)
        busy = bool(measuring.source)
        unmeasured = any(offer.ms is None for offer in self._offers())
        if busy:
            said = tr(
                "Measuring how fast they are here: {done} of {total}, now {name}",
                done=measuring.done,
                total=measuring.total,
                name=self._name_of(measuring.source),
            )
        else:
            said = (
                translated(measuring.sentence)
                if measuring.sentence
                else tr("How fast each is on this computer can be measured before anything is downloaded.")
            )
        self._speed.setText(said)
        self.measure.setText(tr("Stop") if busy else tr("Measure"))
        self.measure.setAccessibleName(
            tr("Stop measuring") if busy else tr("Measure how fast they are on this computer")
        )
        for part in (self._speed, self.measure):
            part.setVisible(busy or (unmeasured and not self._torch_missing))
        for offer in self._shown():
            row = self.rows[offer.source]
            row.show_offer(
                offer,
                photos,
                self._adding,
                self._remark(offer),
                measured=measuring.source == offer.source,
                waits=self._extra.model == offer.source,
            )
            row.main.setEnabled(row.main.isEnabled() and fetching is None)
        hidden = len(self._offers()) - len(self._shown())
        self.more.setText(tr_n("Show {n} more", "Show {n} more", hidden))
        self.more.setVisible(hidden > 0)
        self.setVisible(bool(self._offers()))

    def _remark(self, offer: Offer) -> str:
        reads = bool(self._text) and _reads(offer, self._text)
        remarks = (
            tr("Reads what you typed") if reads else "",
            tr("Recommended for this computer and your language") if offer.recommended else "",
        )
        return "  ·  ".join(filter(None, remarks))

    def _offers(self) -> list[Offer]:
        """Those that are not here yet; their order stays, as the pointer may be on one."""

        def place(offer: Offer) -> tuple[bool, bool]:
            return not (self._text and _reads(offer, self._text)), offer.source != self._first

        return sorted((offer for offer in self._found.offers if offer.state != "here"), key=place)

    def _shown(self) -> list[Offer]:
        return [
            offer
            for place, offer in enumerate(self._offers())
            if self._all or place < _SHORT or offer.state in ("coming", "paused")
        ]

    def _update(self) -> None:
        shown = self._shown()
        for gone in set(self.rows) - {offer.source for offer in shown}:
            row = self.rows.pop(gone)
            if row.isAncestorOf(self.window().focusWidget()):
                self.focus_lost.emit(gone)
            row.hide()
            row.deleteLater()
        for place, offer in enumerate(shown):
            if offer.source not in self.rows:
                row = self.rows[offer.source] = OfferRow()
                row.main.clicked.connect(partial(self._go_on, offer.source))
                row.second.clicked.connect(partial(self._stop, offer.source))
            self._list.insertWidget(place, self.rows[offer.source])
        self.retranslate()
        self.rows_changed.emit()
        if self._to_first and shown:
            self._to_first = False
            self.rows[shown[0].source].main.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_all(self) -> None:
        self._all = True
        before = set(self.rows)
        self._update()
        new = next(offer for offer in self._shown() if offer.source not in before)
        self.rows[new.source].main.setFocus(Qt.FocusReason.OtherFocusReason)  # the button has gone

    def _go_on(self, source: str) -> None:
        offer = next(each for each in self._found.offers if each.source == source)
        if self._adding.source == source and self._adding.phase == "adding":
            self._order(model_messages.PauseAdding())
        elif offer.research_only and offer.state == "offered":
            dialogs.confirm(
                self.window(),
                tr("Get “{name}”, for research only?", name=offer.name),
                tr("Its licence, {licence}, allows no other use.", licence=offer.licence),
                tr("Get"),
                partial(self._get, source),
            )
        else:
            self._get(source)

    def _get(self, source: str) -> None:
        if self._torch_missing:
            self.torch_wanted.emit(source)
        else:
            self._order(model_messages.AddModel(source.encode()))

    def _stop(self, source: str) -> None:
        coming = self._adding.source == source and self._adding.phase == "adding"
        self._order(model_messages.StopAdding("" if coming else source))

    def _measure(self) -> None:
        if self._found.measuring.source:
            self._order(model_messages.StopMeasuring())
        else:
            self._order(model_messages.MeasureOffers())

    def _order(self, request: messages.AnyRequest) -> None:
        self.refused.emit("")
        self._link.order(self, request, lambda _: self.refresh(), self.refused.emit)


def _reads(offer: Offer, text: str) -> bool:
    return offers.ANY in offer.languages or (bool(offer.languages) and reads(offer.languages, text))
