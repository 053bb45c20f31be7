"""The parts of torture, and each part's share of the time."""

import importlib
from pathlib import Path
from typing import Any

from tests.torture.tally import Tally

PARTS = {
    "kills": 0.38,
    "pictures": 0.1,
    "files": 0.1,
    "disks": 0.08,
    "burst": 0.09,
    "many": 0.15,
    "window": 0.05,
    "stages": 0.05,
}


def run(part: str, seconds: float, seed: int, place: Path, kept: Path, **of_its_own: Any) -> Tally:
    """Run a part for about so long; what it meets that nobody foresaw is a broken promise too.

    Args:
        place: an empty folder for what it makes
        kept: a folder for inputs that broke a promise
        of_its_own: what this part takes besides
    """
    tally = Tally(kept)
    try:
        importlib.import_module(f"tests.torture.{part}").torture(tally, seconds, seed, place, **of_its_own)
    except Exception as error:  # noqa: BLE001  (the other parts go on, and what was counted is told)
        tally.check("nothing that nobody foresaw", False, repr(error))
    return tally
