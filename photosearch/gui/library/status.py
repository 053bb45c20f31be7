"""The line at the window's foot: what the engine is busy with; gone when there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from photosearch import settings
from photosearch.core.extra_messages import Extra
from photosearch.core.model_messages import Adding
from photosearch.core.progress import Progress
from photosearch.core.stage_messages import StageState
from photosearch.extras import BY_NAME
from photosearch.gui.library.model_change import Change
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.controls import Line
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.model_text import model_name
from photosearch.gui.widgets.progress_text import (
    adding_text,
    fetch_text,
    progress_text,
    show_share,
    stage_text,
)
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import said_again, tr

MESSAGE_MS = 6_000
OFFER_MS = 12_000  # long enough to read it and to reach its button
_BEHIND_OFFER = 3  # place in the row
_ROOM_FOR_BAR = 640  # logical pixels: in a narrower line the words need it


class Offer(NamedTuple):
    """Something that can be done about what is said."""

    text: Callable[[], str]  # of its button
    take: Callable[[], object]


class StatusLine(QWidget):
    """Shows what is worth saying, with a button where something can be done about it; work goes on below."""

    pause_wanted = Signal(bool)
    change_pause_wanted = Signal(bool)
    retry_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._progress = Progress("idle")
        self._fetching: Extra | None = None
        self._adding = Adding()
        self._change: Change | None = None
        self._stage: StageState | None = None
        self._note = ""
        self._kept = ""  # what is said until it is dismissed
        self._alarming = self._retryable = False
        self._offer: Offer | None = None
        self._message_over = QTimer(self, interval=MESSAGE_MS, singleShot=True)
        self._message_over.timeout.connect(lambda: self.show_message(""))
        self._message = ""
        self._message_offer: Offer | None = None
        self._alert = QLabel()
        self.text = Line()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedSize(160, 4)
        self.pause = QPushButton()
        self.pause.setObjectName("quiet")
        self.pause.setIconSize(QSize(16, 16))
        self.pause.clicked.connect(self._pause)
        self.details = QPushButton()
        self.details.setCheckable(True)
        self.details.setObjectName("quiet")
        self.offer = QPushButton()
        self.offer.setObjectName("quiet")
        self.offer.clicked.connect(self._take_offer)
        self.retry = QPushButton()
        self.retry.setObjectName("quiet")
        self.retry.clicked.connect(self._act)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self._alert)
        row.addWidget(self.text, 1)
        row.addWidget(self.offer)
        row.addStretch(0)
        row.addWidget(self._bar)
        row.addWidget(self.details)
        row.addWidget(self.pause)
        row.addWidget(self.retry)
        self.retranslate()

    def show_progress(self, progress: Progress) -> None:
        """Show what the engine is busy with."""
        self._progress = progress
        self.retranslate()

    def show_fetching(self, extra: Extra | None) -> None:
        """Show how far the fetching or removing of an extra is, where photos are not being read."""
        self._fetching = extra
        self.retranslate()

    def show_adding(self, adding: Adding) -> None:
        """Show how far a model is that comes in, where nothing of the above is done."""
        self._adding = adding
        self.retranslate()

    def show_change(self, change: Change | None) -> None:
        """Show how far the change to another model is, where no photos are read; None: there is none."""
        self._change = change
        self.retranslate()

    def show_stages(self, stages: Sequence[StageState]) -> None:
        """Show how far a stage is that goes through all photos, where nothing of the above is done.

        One that runs, else one that is paused, so that there is a way to let it go on; and while its row is
        open above, one that waits, so that the row stays where it is.
        """
        told = ("runs", "paused", *(("waits",) if self.details.isChecked() else ()))
        shown = sorted((one for one in stages if one.phase in told), key=lambda one: told.index(one.phase))
        self._stage = shown[0] if shown else None
        self.retranslate()

    def show_note(self, text: str) -> None:
        """Show something of less weight than progress, as that the model warms; empty takes it away."""
        self._note = text
        self.retranslate()

    def show_message(self, sentence: str, offer: Offer | None = None) -> None:
        """Say that something was done, and what can be done about it; it goes by itself."""
        self._message, self._message_offer = sentence, offer
        if sentence:
            self._message_over.start(OFFER_MS if offer else MESSAGE_MS)
        self.retranslate()

    def withdraw(self, offer: Offer) -> None:
        """Take away what was said with this offer; nothing where something else is said by now."""
        if self._message_offer is offer:
            self.show_message("")

    def show_problem(self, sentence: str, *, retry: bool = False, offer: Offer | None = None) -> None:
        """Say what is wrong until it is dismissed, tried again or mended; empty takes it away."""
        self._keep(sentence, offer, alarming=True, retry=retry)

    def show_offer(self, sentence: str, offer: Offer) -> None:
        """Say that something can be done now, until it is done or dismissed."""
        self._keep(sentence, offer)

    def dismiss(self) -> bool:
        """Take away what is said until it is dismissed; return False where there is nothing like that."""
        dismissed = bool(self._kept) and not self._retryable
        if dismissed:
            self.show_problem("")
        return dismissed

    def take_back(self, sentence: str) -> None:
        """What was kept is no more so; nothing where something else is said by now."""
        if sentence and self._kept == said_again(sentence):
            self.show_problem("")

    def on_connected(self) -> None:
        """Take away what a new engine has mended; what was refused stays until it is dismissed."""
        if self._retryable or self._offer:
            self.show_problem("")

    def _keep(
        self, sentence: str, offer: Offer | None, *, alarming: bool = False, retry: bool = False
    ) -> None:
        self._kept, self._offer, self._alarming, self._retryable = sentence, offer, alarming, retry
        if sentence:
            self._message = ""
        self.retranslate()

    def _act(self) -> None:
        retryable = self._retryable
        self.show_problem("")
        if retryable:
            self.retry_wanted.emit()

    def _pause(self) -> None:
        """What the line tells of, or let it go on."""
        if self._progress.state != "idle":
            self.pause_wanted.emit(self._progress.state != "paused")
        elif self._change:
            self.change_pause_wanted.emit(not self._change.paused)

    def _take_offer(self) -> None:
        if self._kept and not self._message and (offer := self._offer):
            self.show_problem("")
            offer.take()
        elif offer := self._message_offer:
            self.show_message("")
            offer.take()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.retranslate()

    def retranslate(self) -> None:
        progress = _of_all(self._progress, self._change)
        busy = progress.state != "idle"
        kept = bool(self._kept) and not self._message  # what was just done is said first, and goes by itself
        self._kept, self._message = said_again(self._kept), said_again(self._message)
        working = ""
        if busy:
            working = progress_text(progress)
            if self._change and not self._change.paused:
                for_whom = tr("for {name}", name=model_name(self._change.name))
                working = f"{working}  ·  {for_whom}"
        elif self._fetching and self._fetching.progress:
            working = fetch_text(self._fetching.progress, BY_NAME[self._fetching.name].said)
        elif self._adding.phase == "adding":
            working = adding_text(self._adding)
        elif self._change:
            working = self._change.text
        elif self._stage:
            working = f"{settings.SETTINGS[self._stage.key].title()}  ·  {stage_text(self._stage)}"
        passing = self._message or working or self._note
        said = "\n".join(filter(None, (self._kept, working))) if kept else passing
        self.text.setText(said)
        self.text.setToolTip(tip(said))
        self.text.setWordWrap(kept)
        self._alert.setVisible(kept and self._alarming)
        if self._alarming:
            self._alert.setPixmap(icon("alert", QPalette.ColorRole.BrightText).pixmap(18, 18))
        offer = self._offer if kept else self._message_offer
        beside = offer is not None and not kept  # the button of what was done stands right behind the words
        policy = self.text.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred if beside else QSizePolicy.Policy.Ignored)
        self.text.setSizePolicy(policy)
        self._row.setStretchFactor(self.text, 0 if beside else 1)
        self._row.setStretch(_BEHIND_OFFER, 1 if beside else 0)
        self.offer.setVisible(offer is not None)
        if offer:
            self.offer.setText(offer.text())
        self.retry.setVisible(kept)
        self.retry.setText(tr("Try again") if self._retryable else tr("Dismiss"))
        self._bar.setVisible(busy and self.width() >= _ROOM_FOR_BAR)
        changing = not busy and self._change is not None and working == self._change.text
        self.pause.setVisible(busy or changing)
        paused = self._change.paused if changing and self._change else self._progress.state == "paused"
        self.pause.setText(tr("Resume") if paused else tr("Pause"))
        self.pause.setIcon(icon("play" if paused else "pause", QPalette.ColorRole.Highlight))
        show_share(self._bar, progress)
        self.details.setVisible(bool(working))
        self.details.setText(tr("Details"))
        self.setVisible(bool(self._kept or passing))


def _of_all(progress: Progress, change: Change | None) -> Progress:
    """Progress as a change of model counts it: of all photos, not of those since the engine started."""
    if change is None or change.paused or progress.state != "indexing":
        return progress
    return msgspec.structs.replace(progress, done=change.done, total=change.total)
