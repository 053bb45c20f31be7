"""What torch could run on in this computer, told without torch: what is there to be chosen."""

import platform
import sys
from collections.abc import Collection
from pathlib import Path

_INTEL = "0x8086"  # as the bus calls the maker
_CARDS = Path("/sys/class/drm")  # of Linux


def conceivable() -> frozenset[str]:
    """What may be in a computer of this system, by torch's names, whether or not its driver is here."""
    return conceivable_in(sys.platform, platform.machine(), _makers())


def conceivable_in(system: str, machine: str, makers: Collection[str]) -> frozenset[str]:
    """The same of another computer.

    Args:
        system, machine: as Python calls them
        makers: of its graphics processors, where the system is Linux: "0x8086"
    """
    if system == "darwin":
        return frozenset({"mps"} if machine == "arm64" else ())
    if system == "linux" and _INTEL not in makers:
        return frozenset({"cuda"})
    return frozenset({"cuda", "xpu"})


def _makers() -> set[str]:
    """Of the graphics processors that Linux knows of."""
    found = set()
    for vendor in _CARDS.glob("card*/device/vendor"):
        try:
            found.add(vendor.read_text().strip())
        except OSError:
            continue
    return found
