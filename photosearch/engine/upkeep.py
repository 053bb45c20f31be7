"""What an engine does by the clock: mind the battery, back the library up, try failed files again."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import NamedTuple, Self

import psutil

from photosearch import settings
from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store import backup
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader, setting

SECONDS_BETWEEN_LOOKS = 20.0  # at the battery, and at how old the latest backup is
SECONDS_BETWEEN_RETRIES = 60.0

_log = logging.getLogger(__name__)


class Chore(NamedTuple):
    """What is done at once, and then again and again."""

    seconds: float  # between two times
    do: Callable[[], object]


class Upkeep:
    """Does chores from one thread of its own; one that fails is logged, and done again at its time.

    A context manager.
    """

    def __init__(self, *chores: Chore) -> None:
        self._due = dict.fromkeys(chores, 0.0)  # when each is to be done, by time.monotonic()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-upkeep", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            for chore, due in self._due.items():
                if due <= time.monotonic():
                    _do(chore)
                    self._due[chore] = time.monotonic() + chore.seconds
            if self._closing.wait(max(0.0, min(self._due.values()) - time.monotonic())):
                return


class BatteryWatch:
    """Where the person wants it, lets indexing wait while the computer runs on battery.

    Args:
        on_change: called with True when the computer went on battery, with False when it is plugged in again.
    """

    def __init__(
        self,
        library: Library,
        on_change: Callable[[bool], None],
        on_battery: Callable[[], bool] = lambda: runs_on_battery(),
    ) -> None:
        self._library = library
        self._on_change = on_change
        self._on_battery = on_battery
        self._told = False

    def look(self) -> None:
        """Tell `on_change` where the power supply has changed whether indexing waits.

        Raises:
            KnownError: the library cannot be read.
        """
        waits = self._on_battery() and setting(self._library, settings.PAUSE_ON_BATTERY) == settings.YES
        if waits != self._told:
            self._told = waits
            self._on_change(waits)


def runs_on_battery() -> bool:
    """Is this a computer with a battery that is not plugged in?"""
    if not hasattr(psutil, "sensors_battery"):
        return False
    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False


def back_up(library: Library) -> None:
    """Copy the library's database, if its latest copy is old enough and the person wants copies.

    Raises:
        KnownError: the library cannot be read.
        OSError: the copy cannot be written.
    """
    keep = int(setting(library, settings.BACKUPS))
    if keep and backup.due(library, time.time()):
        _log.info("Backed up to %s", backup.back_up(library, keep, time.time()))


def retry(library: Library, hint: Callable[[Collection[bytes]], None]) -> None:
    """Hint the folders that hold files which failed for a passing reason and whose time has come.

    Raises:
        KnownError: the library cannot be read.
    """
    with Reader.open(library) as reader:
        hint(reader.folders_to_retry(time.time()))


def _do(chore: Chore) -> None:
    try:
        chore.do()
    except NoLibrary:
        pass  # nothing to keep up yet
    except (KnownError, OSError) as error:
        _log.warning("Upkeep: %s", error)
    except Exception:  # noqa: BLE001  (the other chores go on)
        _log.exception("Upkeep failed")
