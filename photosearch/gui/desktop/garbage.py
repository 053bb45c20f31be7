"""Python's garbage is collected in the GUI thread alone.

Left to itself the collector runs in whichever thread allocates; a worker that destroys what is left of a
dialog waits for Qt, Qt waits for Python, and the program hangs.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1_000


class GarbageCollector(QObject):
    """Collects Python's garbage in the GUI thread alone, from now on until close()."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def close(self) -> None:
        """Give collecting back to Python."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        """The oldest generation that is due, by the thresholds that the collector would have gone by."""
        due = [
            age
            for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if count > most
        ]
        if due:
            gc.collect(due[-1])
