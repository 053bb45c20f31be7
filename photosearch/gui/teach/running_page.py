"""While it learns: the curve, where it stands, and how to end it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton

from photosearch.core.teaching import TeachingState, TeachProgress
from photosearch.gui.teach import wording
from photosearch.gui.teach.curve import Curve
from photosearch.gui.teach.teach_page import Remark, TeachPage, body, plain, quiet, title
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.flush import flush
from photosearch.i18n import tr


class RunningPage(TeachPage):
    """Shows learning as it goes: the stage, the curve, and how to end it."""

    stop_wanted = Signal(object)  # bool: keep the best so far

    def __init__(self) -> None:
        super().__init__()
        self._state = TeachingState()
        self._stopping = False
        self._here = True
        self._title, self.where, self._hint = title(), body(), quiet(0.9)
        self.remark = Remark()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self._curve_title = body()
        self._curve_title.setFont(theme.scaled_font(1.0, semibold=True))
        self.curve = Curve()
        self.loss = QPushButton()
        self.loss.setObjectName("quiet")
        self.loss.setCheckable(True)
        self.keep, self.cancel = plain(), plain()
        for widget, after in (
            (self._title, 8),
            (self.where, 12),
            (self.bar, 24),
            (self.remark, 0),
            (self._curve_title, 8),
        ):
            self.column.addWidget(widget)
            self.column.addSpacing(after)
        self.column.addWidget(self.curve, 1)
        self.column.addSpacing(4)
        self.column.addLayout(flush(self.loss))
        self.foot.addWidget(self._hint, 1)
        self.foot.addWidget(self.cancel)
        self.foot.addWidget(self.keep)
        self.loss.toggled.connect(self._show_loss)
        self.keep.clicked.connect(lambda: self._stop(keep=True))
        self.cancel.clicked.connect(lambda: self._stop(keep=False))
        self.retranslate()

    def show_state(self, state: TeachingState, *, here: bool) -> None:
        """Show how far teaching is."""
        self._stopping = self._stopping and state.phase == "running"
        self._state, self._here = state, here
        self.curve.show_points(state.curve)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Learning your words"))
        self.where.setText(tr("Stopping…") if self._stopping else wording.progress(self._state.progress))
        share(self.bar, self._state.progress)
        self._curve_title.setText(tr("Mistakes on the set-aside photos (lower is better)"))
        self.loss.setText(tr("Hide the loss") if self.loss.isChecked() else tr("Show the loss too"))
        self.loss.setToolTip(tr("What is made small while learning; on a scale of its own"))
        self.keep.setText(tr("Stop and keep the best so far"))
        self.cancel.setText(tr("Cancel"))
        self.keep.setEnabled(self._here and not self._stopping and bool(self._state.curve))
        self.cancel.setEnabled(self._here and not self._stopping)
        self._hint.setText(tr("You can close this window and go on searching meanwhile."))
        self.remark.say(
            "" if self._here else tr("The search engine is not running. Learning goes on once it is back."),
            "alert",
        )

    def _show_loss(self, shown: bool) -> None:
        self.curve.show_loss(shown)
        self.retranslate()

    def refused(self) -> None:
        """It could not be stopped: let it be tried again."""
        self._stopping = False
        self.retranslate()

    def _stop(self, *, keep: bool) -> None:
        self._stopping = True
        self.retranslate()
        self.stop_wanted.emit(keep)


def share(bar: QProgressBar, progress: TeachProgress | None) -> None:
    """Show how much of a stage is done in a bar, which wanders where that is not known."""
    total = progress.total if progress is not None else 0
    bar.setRange(0, total)
    bar.setValue(progress.done if progress is not None else 0)
