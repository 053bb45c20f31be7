"""The panel behind the status line: what the engine works on and what waits, each of which can be ended."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch import settings
from photosearch.core.extra_messages import Extra, FetchProgress
from photosearch.core.messages import Job
from photosearch.core.model_messages import Adding
from photosearch.core.progress import Progress
from photosearch.core.stage_messages import StageState
from photosearch.extras import BY_NAME, Fetchable
from photosearch.gui.desktop import files
from photosearch.gui.library.model_change import Change
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.progress_text import (
    adding_text,
    extra_title,
    fetch_text,
    show_added,
    show_fetched,
    show_share,
    show_stage,
    stage_text,
)
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr, tr_n

_NAMED = 3  # folders of a job


class WorkRow(QWidget):
    """Shows one piece of work: what it is, where it stands, buttons to pause and end it."""

    def __init__(self) -> None:
        super().__init__()
        self._name = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.text.setFont(theme.scaled_font(0.9))
        self.text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(4)
        self.pause, self.end = QPushButton(), QPushButton()
        for button in (self.pause, self.end):
            button.setObjectName("quiet")
        self.pause.hide()
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self._name)
        left.addWidget(self.text)
        left.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 8, 8, 8)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(self.pause)
        row.addWidget(self.end)

    def offer_pause(self, *, paused: bool) -> None:
        """Let it be paused, or go on."""
        text = tr("Resume") if paused else tr("Pause")
        self.pause.setText(text)
        self.pause.setAccessibleName(f"{text}: {self._name.text()}")
        self.pause.show()


class JobRow(WorkRow):
    """Shows one job of reading photos, by its folders."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job, self._progress = job, Progress("idle")
        self.retranslate()

    def show_job(self, job: Job, progress: Progress) -> None:
        """Show a job and how far it is."""
        self._job, self._progress = job, progress
        self.retranslate()

    def retranslate(self) -> None:
        job, running = self._job, self._job.running
        names = [files.shown(os.path.basename(path) or path) for path in job.folders[:_NAMED]]  # noqa: PTH119
        more = len(job.folders) - len(names)
        if more > 0:
            names.append(tr_n("{n} more", "{n} more", more))
        self._name.setText(", ".join(names))
        self._name.setToolTip(tip("\n".join(files.shown(path) for path in job.folders)))
        # How far it is stands in the status line, just below; here it is where the folders lie.
        places = ", ".join(files.shown(path) for path in job.folders[:_NAMED])
        self.text.setText(places if running else tr("Waits for its turn"))
        self._bar.setVisible(running)
        show_share(self._bar, self._progress)
        self.end.setText(tr("Stop"))
        self.end.setToolTip(
            tr("What was read stays. The rest is read when the folder is looked through again.")
        )
        self.end.setAccessibleName(f"{tr('Stop')}: {self._name.text()}")


class FetchRow(WorkRow):
    """Shows the fetching or removing of an extra; hidden while there is none."""

    def __init__(self, extra: Fetchable) -> None:
        super().__init__()
        self._extra = extra
        self._progress: FetchProgress | None = None
        self.retranslate()

    def show_progress(self, progress: FetchProgress | None) -> None:
        """Show how far it is; None: it has ended."""
        self._progress = progress
        self.retranslate()

    def retranslate(self) -> None:
        self.setVisible(self._progress is not None)
        self._name.setText(extra_title(self._extra))
        if self._progress:
            self.text.setText(fetch_text(self._progress, self._extra.said))
            show_fetched(self._bar, self._progress)
            self.end.setEnabled(self._progress.stage != "removing")
        self.end.setText(tr("Stop"))
        self.end.setToolTip(tr("What was downloaded is deleted."))
        self.end.setAccessibleName(f"{tr('Stop')}: {self._name.text()}")


class AddRow(WorkRow):
    """Shows how a model comes in; hidden while none does."""

    def __init__(self) -> None:
        super().__init__()
        self._adding = Adding()
        self.retranslate()

    def show_adding(self, adding: Adding) -> None:
        """Show how far it is."""
        self._adding = adding
        self.retranslate()

    def retranslate(self) -> None:
        self.setVisible(self._adding.phase == "adding")
        self._name.setText(tr("A new model"))
        self.text.setText(adding_text(self._adding))
        show_added(self._bar, self._adding)
        if self._adding.total:
            self.offer_pause(paused=False)
        else:
            self.pause.hide()
        self.end.setText(tr("Stop"))
        self.end.setAccessibleName(f"{tr('Stop')}: {self._name.text()}")


class ChangeRow(WorkRow):
    """Shows how far another model reads the photos; hidden while none does."""

    def __init__(self) -> None:
        super().__init__()
        self.change: Change | None = None
        self.retranslate()

    def show_change(self, change: Change | None) -> None:
        """Show how far it is; None: there is none."""
        self.change = change
        self.retranslate()

    def retranslate(self) -> None:
        self.setVisible(self.change is not None)
        self._name.setText(tr("A change of model"))
        if self.change:
            self.text.setText(self.change.text)
            self._bar.setRange(0, max(1, self.change.total))
            self._bar.setValue(self.change.done)
            self.offer_pause(paused=self.change.paused)
        self.end.setText(tr("Stop"))
        self.end.setToolTip(tr("What was read stays, so that a later change goes on there."))
        self.end.setAccessibleName(f"{tr('Stop')}: {self._name.text()}")


class StageRow(WorkRow):
    """Shows how far a stage is that goes through all photos; hidden where it is off, or done."""

    def __init__(self, stage: StageState) -> None:
        super().__init__()
        self.stage = stage
        self.retranslate()

    def show_stage(self, stage: StageState) -> None:
        """Show how far it is."""
        self.stage = stage
        self.retranslate()

    def retranslate(self) -> None:
        self.setVisible(self.stage.phase not in ("off", "done"))
        self._name.setText(settings.SETTINGS[self.stage.key].title())
        self.text.setText(stage_text(self.stage))
        show_stage(self._bar, self.stage)
        self.offer_pause(paused=self.stage.phase == "paused")
        self.pause.setVisible(self.stage.phase != "failed")
        self.end.setText(tr("Switch off"))
        self.end.setToolTip(tr("What was read stays. The settings switch it on again."))
        self.end.setAccessibleName(f"{tr('Switch off')}: {self._name.text()}")


class JobPanel(QWidget):
    """Lists jobs that run and wait, extras that are fetched, models that come in or take over, and stages."""

    end_wanted = Signal(object)  # int: the job's id
    fetch_end_wanted = Signal(str)  # the extra's name
    add_end_wanted = Signal()
    add_pause_wanted = Signal()
    change_end_wanted = Signal()
    change_pause_wanted = Signal(bool)
    stage_end_wanted = Signal(str)  # the key of its switch
    stage_pause_wanted = Signal(str, bool)
    problems_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows: dict[int, JobRow] = {}
        self.stages: dict[str, StageRow] = {}  # by the keys of their switches
        self._jobs: Sequence[Job] = ()
        self._progress = Progress("idle")
        self._title = QLabel()
        self._title.setFont(theme.scaled_font(1.0, semibold=True))
        self._title.setContentsMargins(theme.MARGIN, 8, 0, 0)
        self._nothing = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._nothing.setContentsMargins(theme.MARGIN, 4, 0, 8)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.problems = QPushButton()
        self.problems.setObjectName("quiet")
        self.problems.clicked.connect(self.problems_wanted)
        self._failures = 0
        self.fetches = {name: FetchRow(extra) for name, extra in BY_NAME.items()}
        for name, row in self.fetches.items():
            row.end.clicked.connect(lambda _=False, name=name: self.fetch_end_wanted.emit(name))
        self.add = AddRow()
        self.add.end.clicked.connect(self.add_end_wanted)
        self.add.pause.clicked.connect(self.add_pause_wanted)
        self.change = ChangeRow()
        self.change.end.clicked.connect(self.change_end_wanted)
        self.change.pause.clicked.connect(self._pause_change)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.MARGIN - theme.QUIET_INSET, 0, 8, 8)
        foot.addWidget(self.problems)
        foot.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._title)
        self._column.addWidget(self._nothing)
        for work in (*self.fetches.values(), self.add, self.change):
            self._column.addWidget(work)
        self._column.addLayout(foot)
        self.hide()
        self.retranslate()

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these jobs, each in a row of its own that it keeps."""
        self._jobs = jobs
        for gone in set(self.rows) - {job.job_id for job in jobs}:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        for place, job in enumerate(jobs):
            if job.job_id not in self.rows:
                row = self.rows[job.job_id] = JobRow(job)
                row.end.clicked.connect(lambda _=False, job=job: self.end_wanted.emit(job.job_id))
            self._column.insertWidget(2 + place, self.rows[job.job_id])
        self._show()

    def show_fetching(self, extra: Extra) -> None:
        """Show how far one is fetched or removed, where it is."""
        self.fetches[extra.name].show_progress(extra.progress)
        self._show()

    def show_adding(self, adding: Adding) -> None:
        """Show how far a model is that comes in."""
        self.add.show_adding(adding)
        self._show()

    def show_change(self, change: Change | None) -> None:
        """Show how far the change to another model is; None: there is none."""
        self.change.show_change(change)
        self._show()

    def show_stages(self, stages: Sequence[StageState]) -> None:
        """Show how far each stage is."""
        for gone in self.stages.keys() - {stage.key for stage in stages}:
            row = self.stages.pop(gone)
            row.hide()
            row.deleteLater()
        for stage in stages:
            if stage.key not in self.stages:
                row = self.stages[stage.key] = StageRow(stage)
                row.end.clicked.connect(lambda _=False, key=stage.key: self.stage_end_wanted.emit(key))
                row.pause.clicked.connect(lambda _=False, row=row: self._pause_stage(row.stage))
                self._column.insertWidget(self._column.count() - 1, row)
            self.stages[stage.key].show_stage(stage)
        self._show()

    def _pause_stage(self, stage: StageState) -> None:
        self.stage_pause_wanted.emit(stage.key, stage.phase != "paused")

    def _pause_change(self) -> None:
        if self.change.change:
            self.change_pause_wanted.emit(not self.change.change.paused)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the present job is."""
        self._progress = progress
        self._show()

    def show_failures(self, count: int) -> None:
        """Show how many files cannot be read."""
        self._failures = count
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Work in the background"))
        self._title.setText(tr("Work in the background"))
        self._nothing.setText(tr("All photos are read. New ones are noticed by themselves."))
        self.problems.setText(
            tr_n(
                "Show {n} file that could not be read",
                "Show {n} files that could not be read",
                self._failures,
            )
        )
        self.problems.setVisible(self._failures > 0)

    def _show(self) -> None:
        self._nothing.setVisible(
            not self._jobs
            and all(
                row.isHidden()
                for row in (*self.fetches.values(), self.add, self.change, *self.stages.values())
            )
        )
        for job in self._jobs:
            self.rows[job.job_id].show_job(job, self._progress)
