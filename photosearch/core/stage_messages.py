"""What faces and the engine say to each other of stages: work on all photos that can be switched off."""

from typing import Literal

import msgspec

from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Event, Reply, Request


class StageState(msgspec.Struct, frozen=True):
    """How a stage stands."""

    key: str  # of the switch in the settings, which names it
    # waits: for other work to end, or for the computer to be plugged in; failed: until the next start
    phase: Literal["off", "waits", "runs", "paused", "done", "failed"]
    done: int = 0  # photos that it has been through
    total: int = 0  # photos that it is to go through, those that are done included
    sentence: Sentence | None = None  # why it failed
    images_per_second: float = 0.0  # while it runs, once that can be told
    prepared: float = 1.0  # while it runs: below 1 it still gets ready, by this share, and takes no photo yet
    away: int = 0  # once it is done: photos that are left, as their files are not here

    @property
    def seconds_left(self) -> float | None:
        """None where it cannot be told."""
        return (self.total - self.done) / self.images_per_second if self.images_per_second else None


class GetStages(Request["StageList"], frozen=True, tag="get_stages"):
    """Answered with StageList."""


class PauseStage(Request[Done], frozen=True, tag="pause_stage"):
    """Let a stage wait until it is to go on."""

    key: str
    paused: bool
    lasts: bool = True  # over a restart of the engine


class FinishStage(Request[Done], frozen=True, tag="finish_stage"):
    """Take a stage through all photos; Done when it has been. Failed where it is off, or cannot go on."""

    key: str


class ReadText(Request[Done], frozen=True, tag="read_text"):
    """Read what is written in these photos before all others; Done when it has been.

    No others are read for it, and whether text is switched on is not asked. Failed where it cannot go on.
    """

    photo_ids: tuple[int, ...]


class StageList(Reply, frozen=True, tag="stages"):
    """All stages, in the order in which they run."""

    stages: tuple[StageState, ...]


class StagesChanged(Event, frozen=True, tag="stages_changed"):
    """At most a few a second; the last is never lost."""

    stages: tuple[StageState, ...]


AnyRequest = GetStages | PauseStage | FinishStage | ReadText
AnyReply = StageList
AnyEvent = StagesChanged
