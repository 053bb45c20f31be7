"""What stages do behind the window: they go through all photos, and can be paused and switched off."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from photosearch import setting_kinds, settings
from photosearch.core import messages, stage_messages
from photosearch.core.stage_messages import StageState
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.library.jobs import JobPanel
from photosearch.gui.library.status import Offer, StatusLine
from photosearch.i18n import tr

_SHOWN = ("runs", "waits", "paused", "failed")


class StageWork(QObject):
    """Shows it in the status line and the panel behind it, and takes what is pressed there."""

    changed = Signal()  # `busy` may be another

    def __init__(self, link: EngineLink, jobs: JobPanel, status: StatusLine) -> None:
        super().__init__(jobs)
        self._link, self._jobs, self._status = link, jobs, status
        self._stages: tuple[StageState, ...] = ()
        jobs.stage_pause_wanted.connect(self._pause)
        jobs.stage_end_wanted.connect(self._switch_off)

    @property
    def busy(self) -> bool:
        """Whether there is something to show."""
        return any(stage.phase in _SHOWN for stage in self._stages)

    def show(self, stages: tuple[StageState, ...]) -> None:
        """Show how far each is; an engine that is lost has none."""
        self._stages = stages
        self._jobs.show_stages(stages)
        self._status.show_stages(stages)
        self.changed.emit()

    def _pause(self, key: str, paused: bool) -> None:
        """Shown at once: the engine tells of it when the work in hand is done."""
        self._link.order(self, stage_messages.PauseStage(key, paused))
        phase: Literal["paused", "waits"] = "paused" if paused else "waits"
        self.show(
            tuple(
                StageState(key, phase, stage.done, stage.total) if stage.key == key else stage
                for stage in self._stages
            )
        )

    def _switch_off(self, key: str) -> None:
        def switch(value: str) -> messages.ChangeSetting:
            return messages.ChangeSetting(key, value)

        setting = settings.SETTINGS[key]
        switched = isinstance(setting, setting_kinds.Switch)

        def say(_: object) -> None:
            undo = Offer(lambda: tr("Undo"), lambda: self._link.order(self, switch(settings.YES)))
            said = tr("“{name}” is switched off.", name=setting.title())
            self._status.show_message(said, undo if switched else None)

        self._link.order(self, switch(settings.NO if switched else setting.default), say)
