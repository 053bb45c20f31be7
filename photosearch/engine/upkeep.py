"""What an engine does by the clock: it waits while the computer runs on battery, and backs the library up."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Self

import psutil

from photosearch import settings
from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store import backup
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import setting

SECONDS_BETWEEN_LOOKS = 20.0

_log = logging.getLogger(__name__)


def on_battery() -> bool:
    """Is this a computer with a battery that is not plugged in?"""
    if not hasattr(psutil, "sensors_battery"):
        return False
    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False


class Upkeep:
    """Looks at once and then now and again, from a thread of its own. A context manager.

    Args:
        pause: True when the computer went on battery, False when it is plugged in again. Whoever resumes
            meanwhile is not paused again before it was plugged in.
    """

    def __init__(
        self,
        library: Library,
        pause: Callable[[bool], None],
        *,
        on_battery: Callable[[], bool] = on_battery,
        seconds: float = SECONDS_BETWEEN_LOOKS,
    ) -> None:
        self._library = library
        self._pause = pause
        self._on_battery = on_battery
        self._seconds = seconds
        self._paused = False  # by us
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._look, name="engine-upkeep", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            try:
                self._mind_the_battery()
                self._back_up()
            except NoLibrary:
                pass  # nothing to keep up yet
            except (KnownError, OSError) as error:
                _log.warning("Upkeep: %s", error)
            if self._closing.wait(self._seconds):
                return

    def _mind_the_battery(self) -> None:
        wanted = self._on_battery() and setting(self._library, settings.PAUSE_ON_BATTERY) == settings.YES
        if wanted != self._paused:
            self._paused = wanted
            self._pause(wanted)

    def _back_up(self) -> None:
        keep = int(setting(self._library, settings.BACKUPS))
        if keep and backup.due(self._library, time.time()):
            _log.info("Backed up to %s", backup.back_up(self._library, keep, time.time()))
