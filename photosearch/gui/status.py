"""The line at the window's foot: what the engine is busy with; gone when there is nothing to say."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from photosearch.core.progress import Progress
from photosearch.gui import theme
from photosearch.gui.icons import icon
from photosearch.i18n import tr, tr_n


class StatusLine(QWidget):
    pause_wanted = Signal(bool)
    retry_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._progress = Progress("idle")
        self._note = ""
        self._problem = ""
        self._retryable = False
        self._alert = QLabel()
        self.text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedSize(160, 4)
        self.pause = QPushButton()
        self.pause.setObjectName("quiet")
        self.pause.setIconSize(QSize(16, 16))
        self.pause.clicked.connect(lambda: self.pause_wanted.emit(self._progress.state != "paused"))
        self.retry = QPushButton()
        self.retry.setObjectName("quiet")
        self.retry.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self._alert)
        row.addWidget(self.text, 1)
        row.addWidget(self._bar)
        row.addWidget(self.pause)
        row.addWidget(self.retry)
        self.retranslate()

    def progress(self, progress: Progress) -> None:
        self._progress = progress
        self.retranslate()

    def note(self, text: str) -> None:
        """Something of less weight than progress: the model warms. Empty takes it away."""
        self._note = text
        self.retranslate()

    def problem(self, sentence: str, *, retry: bool = False) -> None:
        """Stays until it is dismissed or tried again. Empty takes it away."""
        self._problem, self._retryable = sentence, retry
        self.retranslate()

    def _act(self) -> None:
        retryable = self._retryable
        self.problem("")
        if retryable:
            self.retry_wanted.emit()

    def retranslate(self) -> None:
        busy = self._progress.state != "idle"
        problem = bool(self._problem)
        self.text.setText(self._problem or (progress_text(self._progress) if busy else self._note))
        self.text.setToolTip(self._problem)
        self._alert.setVisible(problem)
        if problem:
            self._alert.setPixmap(icon("alert", QPalette.ColorRole.BrightText).pixmap(18, 18))
        self.retry.setVisible(problem)
        self.retry.setText(tr("Try again") if self._retryable else tr("Dismiss"))
        self._bar.setVisible(busy and not problem)
        self.pause.setVisible(busy and not problem)
        paused = self._progress.state == "paused"
        self.pause.setText(tr("Resume") if paused else tr("Pause"))
        self.pause.setIcon(icon("play" if paused else "pause", QPalette.ColorRole.Highlight))
        # While folders are still being walked the total grows, and a share of it would run backwards.
        self._bar.setRange(0, 0 if self._progress.state == "scanning" else max(self._progress.total, 1))
        self._bar.setValue(self._progress.done)
        self.setVisible(busy or problem or bool(self._note))


def progress_text(progress: Progress) -> str:
    if progress.state == "scanning" and not progress.total:
        return tr("Looking through your folders…")
    parts = [tr("Reading photos: {done} of {total}", done=progress.done, total=progress.total)]
    if progress.state == "paused":
        parts.append(tr("paused"))
    else:
        if progress.images_per_second >= 0.05:
            parts.append(tr("{rate} a second", rate=_rate(progress.images_per_second)))
        if progress.seconds_left is not None:
            parts.append(time_left(progress.seconds_left))
    if progress.failed:
        parts.append(tr("{n} could not be read", n=progress.failed))
    return "  ·  ".join(parts)


def _rate(images_per_second: float) -> str:
    return f"{images_per_second:,.0f}" if images_per_second >= 10 else f"{images_per_second:.1f}"


def time_left(seconds: float) -> str:
    if seconds < 45:
        return tr("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr_n("{n} minute left", "{n} minutes left", max(1, minutes))
    return tr_n("{n} hour left", "{n} hours left", round(minutes / 60))
