import queue
import threading
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from photosearch import settings
from photosearch.core.errors import Sentence
from photosearch.engine.upkeep import BatteryWatch, Chore, Upkeep, back_up, retry, runs_on_battery
from photosearch.paths import Library
from photosearch.store import backup
from photosearch.store.reader import Reader
from photosearch.store.rows import Failure
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
        return Upkeep(Chore(0.01, BatteryWatch(library, self.paused.put, self).look))


def library_with(root: Path, key: str, value: str) -> Library:
    with Writer.open(Library(root)) as writer:
        writer.set_setting(key, value)
    return Library(root)


def test_this_computer_can_be_asked() -> None:
    assert runs_on_battery() in (True, False)


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
    with plug.upkeep(library), Upkeep(Chore(60, lambda: back_up(library))):
        for _ in range(3):
            plug.looks.get(timeout=10)
    assert plug.paused.empty()
    assert backup.kept(library, time.time()) == []


def test_a_library_is_backed_up_at_the_start(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library), Upkeep(Chore(60, lambda: back_up(library))):
        pass  # the first look is before the wait
    assert len(backup.kept(library, time.time())) == 1


def failure(folder_id: int, path: bytes, retry_at: float | None) -> Failure:
    return Failure(folder_id, path, "read", Sentence("the drive was busy"), 1, 1, retry_at=retry_at)


def test_folders_with_due_failures_are_hinted_and_no_others(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        due, broken, later, away = (
            writer.add_folder(path, "") for path in (b"/due", b"/broken", b"/later", b"/away")
        )
        writer.set_away(away.folder_id, True)
        writer.fail(
            [
                failure(due.folder_id, b"/due/1.jpg", 1.0),
                failure(due.folder_id, b"/due/2.jpg", 2.0),
                failure(broken.folder_id, b"/broken/1.jpg", None),
                failure(later.folder_id, b"/later/1.jpg", 1e12),
                failure(away.folder_id, b"/away/1.jpg", 1.0),
            ]
        )
    with Reader.open(library) as reader:
        assert reader.folders_to_retry(0.0) == []

    hinted: list[list[bytes]] = []
    heard = threading.Event()

    def hint(folders: Collection[bytes]) -> None:
        hinted.append(list(folders))
        heard.set()

    with Upkeep(Chore(60, lambda: retry(library, hint))):
        assert heard.wait(10)
    assert hinted[0] == [b"/due"]


def test_a_chore_that_fails_ends_neither_itself_nor_the_others(caplog: pytest.LogCaptureFixture) -> None:
    failed, done = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        failed.release()
        raise ZeroDivisionError("a fault")

    with Upkeep(Chore(0.01, fail), Chore(0.01, done.release)):
        for _ in range(2):
            assert failed.acquire(timeout=10)
            assert done.acquire(timeout=10)
    assert "a fault" in caplog.text
