"""What taking a model in goes through, and what it must have for that: room, and mostly torch."""

import shutil
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from photosearch.core.errors import KnownError
from photosearch.extras import GPU
from photosearch.models.loading import torch_is_here

Stage: TypeAlias = Literal[
    "copying", "fetching", "loading", "building", "calibrating", "exporting", "checking"
]

LEFT_FREE = 64 << 20  # bytes


class OnStage(Protocol):
    """Told what is done now, and of a download how many bytes are here and of how many."""

    def __call__(self, stage: Stage, done: int = 0, total: int = 0, /) -> object: ...


def check_room(folder: Path, needed: int) -> None:
    """Whether so many bytes have room beside `folder`.

    Raises:
        KnownError: they have not.
    """
    free = shutil.disk_usage(folder.parent).free
    if free < needed + LEFT_FREE:
        raise KnownError(
            "The model takes {needed:,.0f} MB of the disk with {folder}, which has {free:,.0f} MB left; make "
            "room first.",
            needed=(needed + LEFT_FREE) / 1e6,
            folder=folder.parent.parent,
            free=free / 1e6,
        )


def check_torch() -> None:
    """Let torch be imported, which makes a model of the hub one of ours.

    Raises:
        KnownError: it is not here.
    """
    if not torch_is_here():
        raise KnownError(
            "Taking in a model of the hub takes torch, which is not here: fetch it in the settings or by "
            "{command}.",
            command=GPU.add,
        )
    GPU.use()
