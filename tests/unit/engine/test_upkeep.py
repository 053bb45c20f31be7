import queue
from pathlib import Path

from photosearch import settings
from photosearch.engine.upkeep import Upkeep, on_battery
from photosearch.paths import Library
from photosearch.store import backup
from photosearch.store.writer import Writer


class Plug:
    """A computer's, and what was made of it."""

    def __init__(self) -> None:
        self.out = False
        self.looks: queue.Queue[None] = queue.Queue()
        self.paused: queue.Queue[bool] = queue.Queue()

    def __call__(self) -> bool:
        self.looks.put(None)
        return self.out

    def upkeep(self, library: Library) -> Upkeep:
        return Upkeep(library, self.paused.put, on_battery=self, seconds=0.01)


def library_with(root: Path, key: str, value: str) -> Library:
    with Writer.open(Library(root)) as writer:
        writer.set_setting(key, value)
    return Library(root)


def test_this_computer_can_be_asked() -> None:
    assert on_battery() in (True, False)


def test_reading_waits_on_battery_and_goes_on_when_plugged_in(tmp_path: Path) -> None:
    plug = Plug()
    plug.out = True
    library = library_with(tmp_path, settings.PAUSE_ON_BATTERY, settings.YES)
    with plug.upkeep(library):
        assert plug.paused.get(timeout=10) is True
        for _ in range(3):
            plug.looks.get(timeout=10)
        assert plug.paused.empty()  # whoever resumes is not paused again
        plug.out = False
        assert plug.paused.get(timeout=10) is False


def test_neither_happens_where_it_is_switched_off(tmp_path: Path) -> None:
    library = library_with(tmp_path, settings.BACKUPS, "0")
    plug = Plug()
    plug.out = True
    with plug.upkeep(library):
        for _ in range(3):
            plug.looks.get(timeout=10)
    assert plug.paused.empty()
    assert backup.kept(library) == []


def test_a_library_is_backed_up_at_the_start(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library), Upkeep(library, lambda paused: None, on_battery=lambda: False, seconds=60):
        pass  # the first look is before the wait
    assert len(backup.kept(library)) == 1
