"""The engine killed at random moments of everything that it does; what lies on the disk is then looked at.

Each life of an engine ends by SIGKILL, amid work of one kind. What the person was told is done must be there;
what was under way is there whole or not at all; the next engine goes on.
"""

import itertools
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.torture.kept_library import KeptLibrary
from tests.torture.large_library import LargeLibrary
from tests.torture.tally import Tally

LANES = 2  # libraries at the same time, where there is time to make them
SHORT = 60.0  # seconds in which there is not
SETTLED_EACH = 16  # lives after which an engine is left alone until it has nothing to do


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """Kill engines until the time is over."""
    deadline = time.monotonic() + seconds
    count = 1 if seconds < SHORT else LANES
    with ThreadPoolExecutor(count) as threads:
        lanes = [
            threads.submit(_lane, tally, deadline, random.Random(f"{seed} {lane}"), place / str(lane), lane)
            for lane in range(count)
        ]
        for lane in lanes:
            lane.result()


def _lane(tally: Tally, deadline: float, rng: random.Random, place: Path, first: int) -> None:
    kept = KeptLibrary(tally, rng, place / "kept")
    large = LargeLibrary(tally, rng, place / "large")
    kinds: list[tuple[str, Callable[[], None]]] = [
        ("index", kept.index),
        ("notes", kept.write_notes),
        ("album writes", kept.change_albums),
        ("caption import", kept.import_captions),
        ("teaching", kept.teach),
        ("promotion", kept.change_model),
        ("start", kept.start),
        ("migration", large.migrate),
        ("backup", large.back_up),
        ("restore", large.restore),
    ]
    turns = itertools.cycle(kinds[first * 5 :] + kinds[: first * 5])  # each lane begins elsewhere
    for life, (kind, live) in enumerate(turns, 1):
        live()
        tally.count(f"kills amid {kind}")
        tally.count("kills in all")
        over = time.monotonic() > deadline
        if over or life % SETTLED_EACH == 0:
            kept.settle()
        if over:
            return
