"""What torture counts: promises, how often each was looked at and broken, and figures beside them."""

import threading
from collections import Counter
from pathlib import Path


class Tally:
    """Of one part; safe to use from several threads.

    Args:
        kept: a folder for inputs that broke a promise; it is made when the first one comes.
    """

    def __init__(self, kept: Path) -> None:
        self.broken: list[str] = []
        self._kept = kept
        self._lock = threading.Lock()
        self._looked = Counter[str]()
        self._broke = Counter[str]()
        self._counts = Counter[str]()
        self._figures: dict[str, str] = {}

    def check(self, promise: str, holds: object, told: object = "") -> bool:
        """Count a look at a promise, and what is to be told where it does not hold; -> whether it does."""
        with self._lock:
            self._looked[promise] += 1
            if not holds:
                self._broke[promise] += 1
                self.broken.append(f"{promise}: {told}")
        return bool(holds)

    def count(self, what: str, by: int = 1) -> None:
        """Count what was done."""
        with self._lock:
            self._counts[what] += by

    def figure(self, what: str, value: str) -> None:
        """Note what was measured."""
        with self._lock:
            self._figures[what] = value

    def keep(self, name: str, data: bytes) -> Path:
        """Keep an input that broke a promise; -> where."""
        self._kept.mkdir(parents=True, exist_ok=True)
        path = self._kept / name
        path.write_bytes(data)
        return path

    def lines(self) -> list[str]:
        """The tally as lines of text: what was done, and each promise with how often it broke."""
        done = [f"  {self._counts[what]:>9,} {what}" for what in sorted(self._counts)]
        measured = [f"  {self._figures[what]:>9} {what}" for what in sorted(self._figures)]
        kept = [f"  {self._broke[p]:>9,} of {n:,} broken: {p}" for p, n in sorted(self._looked.items())]
        return [*done, *measured, *kept, *(f"  BROKEN {told}" for told in self.broken[:20])]
