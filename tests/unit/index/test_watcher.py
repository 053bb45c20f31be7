import errno
import os
import queue
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirModifiedEvent,
    FileClosedEvent,
    FileClosedNoWriteEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileOpenedEvent,
)

from photosearch.core.errors import Sentence
from photosearch.index.watcher import News, Watcher, is_news

PATIENCE = 20  # seconds, for a machine that is busy


class Watched:
    """A watcher whose calls can be awaited."""

    def __init__(self, *roots: Path, **options) -> None:
        self._calls: queue.Queue[set[bytes]] = queue.Queue()
        self.problems: queue.Queue[Sentence] = queue.Queue()
        self.watcher = Watcher(
            self._calls.put, on_problem=self.problems.put, quiet=0.05, maximum=1.0, **options
        )
        for root in roots:
            self.watcher.watch(os.fsencode(root))
            assert self.next() == root  # once, when it is watched

    def next(self) -> Path:
        [root] = self._calls.get(timeout=PATIENCE)
        return Path(os.fsdecode(root))

    def nothing_waits(self) -> bool:
        return self._calls.empty()


@pytest.fixture
def watched():
    all_watched = []

    def watch(*roots, **options) -> Watched:
        all_watched.append(Watched(*roots, **options))
        return all_watched[-1]

    yield watch
    for each in all_watched:
        each.watcher.close()


@pytest.fixture
def root(tmp_path) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    return root


@pytest.mark.parametrize("name", ["a.jpg", "sub/a.jpg", "line\nbreak 🏖.jpg", os.fsdecode(b"caf\xe9.jpg")])
def test_a_new_photo_is_news(watched, root, name):
    (root / "sub").mkdir()
    watching = watched(root)
    (root / name).write_bytes(b"photo")
    assert watching.next() == root


def test_a_changed_a_moved_and_a_deleted_photo_are_news(watched, root):
    (root / "a.jpg").write_bytes(b"photo")
    watching = watched(root)
    (root / "a.jpg").write_bytes(b"another photo")
    assert watching.next() == root
    (root / "a.jpg").rename(root / "b.jpg")
    assert watching.next() == root
    (root / "b.jpg").unlink()
    assert watching.next() == root


@pytest.mark.parametrize("name", [".photosearchignore", "a.jpg.xmp", "a.jpg.supplemental-metadata.json"])
def test_what_is_left_out_and_what_stands_beside_photos_is_news(watched, root, name):
    (root / "trip").mkdir()
    watching = watched(root)
    (root / "trip" / name).write_text("*.gif")
    assert watching.next() == root


def test_a_folder_that_is_moved_in_is_news_and_is_watched_from_then_on(watched, root, tmp_path):
    (tmp_path / "trip" / "day one").mkdir(parents=True)
    watching = watched(root)
    (tmp_path / "trip").rename(root / "trip")
    assert watching.next() == root
    (root / "trip" / "day one" / "a.jpg").write_bytes(b"photo")
    assert watching.next() == root


def test_only_the_folder_that_changed_is_named(watched, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    watching = watched(one, other)
    (other / "a.jpg").write_bytes(b"photo")
    assert watching.next() == other


def test_reading_hidden_files_and_our_library_are_no_news(watched, tmp_path):
    root, marker = tmp_path / "root", tmp_path / "marker"
    (root / "library" / "thumbnails").mkdir(parents=True)
    (root / ".cache").mkdir()
    marker.mkdir()
    (root / "a.jpg").write_bytes(b"photo")
    watching = watched(root, marker, ignored=root / "library")
    (root / "a.jpg").read_bytes()
    list(root.iterdir())
    (root / ".hidden.jpg").write_bytes(b"photo")
    (root / ".cache" / "b.jpg").write_bytes(b"photo")
    (root / "library" / "thumbnails" / "c.jpg").write_bytes(b"photo")
    (root / "notes.txt").write_text("no photo")
    (marker / "a.jpg").write_bytes(b"photo")  # reported after all of these
    assert watching.next() == marker
    assert watching.nothing_waits()


def test_a_root_behind_a_link_is_watched(watched, root, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(root)
    watching = watched(link)
    (root / "a.jpg").write_bytes(b"photo")
    assert watching.next() == link


def test_a_root_that_vanishes_and_comes_back_is_watched_again(watched, root, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.05)
    watching = watched(root)
    shutil.rmtree(root)
    assert watching.next() == root
    root.mkdir()
    assert watching.next() == root
    while not watching.nothing_waits():
        assert watching.next() == root  # it left and came, which may be news three times
    (root / "a.jpg").write_bytes(b"photo")
    assert watching.next() == root


def test_a_root_that_is_renamed_beside_where_it_was_is_told(watched, root, tmp_path, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.05)
    monkeypatch.setattr("photosearch.index.watcher.RENAMED_AFTER", 0.0)
    (tmp_path / "other").mkdir()
    renamed = queue.Queue()
    watching = watched(root, on_renamed=lambda old, new: renamed.put((old, new)))
    root.rename(tmp_path / "summer")
    assert renamed.get(timeout=PATIENCE) == (os.fsencode(root), os.fsencode(tmp_path / "summer"))
    assert watching.next() == root


def test_a_root_that_is_replaced_or_moved_elsewhere_was_not_renamed(watched, root, tmp_path, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.05)
    monkeypatch.setattr("photosearch.index.watcher.RENAMED_AFTER", 0.0)
    moved = tmp_path / "moved"
    moved.mkdir()
    renamed = []
    watching = watched(root, moved, on_renamed=lambda old, new: renamed.append(new))
    (tmp_path / "away").mkdir()
    moved.rename(tmp_path / "away" / "moved")
    assert watching.next() == moved
    new = tmp_path / "new"
    new.mkdir()
    (new / "a.jpg").write_bytes(b"photo")
    root.rename(tmp_path / "old")
    new.rename(root)
    while watching.next() != root:
        pass
    watching.watcher.close()
    assert renamed == []


def test_a_root_that_is_not_there_yet_is_watched_when_it_comes(watched, root, tmp_path, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.05)
    watching = watched(root)
    watching.watcher.watch(os.fsencode(tmp_path / "usb"))
    assert watching.next() == tmp_path / "usb"  # somebody has to find that it is not there
    (tmp_path / "usb").mkdir()
    assert watching.next() == tmp_path / "usb"


def test_an_unwatched_root_is_named_no_more(watched, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    watching = watched(one, other)
    watching.watcher.unwatch(os.fsencode(one))
    (one / "a.jpg").write_bytes(b"photo")
    (other / "a.jpg").write_bytes(b"photo")
    assert watching.next() == other
    assert watching.nothing_waits()


def test_what_the_system_will_not_watch_is_said_once_and_looked_at_now_and_then(watched, root, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.02)
    monkeypatch.setattr("photosearch.index.watcher.RESCAN_EVERY", 0.2)

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr("watchdog.observers.api.BaseObserver.schedule", full)
    watching = watched(root)
    for _ in range(3):
        assert watching.next() == root
    sentence = str(watching.problems.get(timeout=PATIENCE))
    assert sentence.startswith(f"{root} has more folders than the system will watch")
    assert watching.problems.empty()
    assert not watching.watcher.watching


def test_a_limit_met_later_is_said_and_the_folder_looked_at_now_and_then(watched, root, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.02)
    monkeypatch.setattr("photosearch.index.watcher.RESCAN_EVERY", 0.2)
    watching = watched(root)
    assert watching.watcher.watching

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr("photosearch.index.watcher.Watcher._probe", full)  # as new folders find it
    for _ in range(3):
        assert watching.next() == root
    assert "fs.inotify.max_user_watches=" in str(watching.problems.get(timeout=PATIENCE))
    assert watching.problems.empty()
    assert not watching.watcher.watching


def test_a_limit_that_was_raised_is_noticed(watched, root, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.LOOK_EVERY", 0.02)
    monkeypatch.setattr("photosearch.index.watcher.RESCAN_EVERY", 0.05)
    with monkeypatch.context() as limited:
        limited.setattr("photosearch.index.watcher.Watcher._probe", _full)
        watching = watched(root)
        told = watching.problems.get(timeout=PATIENCE)
        assert watching.watcher.problem(os.fsencode(root)) == told
    assert watching.problems.get(timeout=PATIENCE) is None
    assert watching.watcher.problem(os.fsencode(root)) is None
    assert watching.watcher.watching


def _full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "inotify watch limit reached")


def test_a_network_drive_is_watched_and_looked_at_now_and_then(watched, root, monkeypatch):
    monkeypatch.setattr("photosearch.index.watcher.is_remote", lambda path: True)
    watching = watched(root)
    assert "network drive" in str(watching.problems.get(timeout=PATIENCE))
    assert not watching.watcher.watching
    (root / "a.jpg").write_bytes(b"photo")
    assert watching.next() == root


def test_no_thread_stays_behind(root):
    Watched(root).watcher.close()  # the observer keeps one thread for the whole process
    before = set(threading.enumerate())
    Watched(root).watcher.close()
    assert set(threading.enumerate()) == before


def test_it_may_be_closed_from_its_own_call(root):
    closed = threading.Event()

    def close(roots):
        watcher.close()
        closed.set()

    watcher = Watcher(close, quiet=0.01)
    watcher.watch(os.fsencode(root))
    assert closed.wait(PATIENCE)


@pytest.mark.parametrize(
    ("event", "news"),
    [
        (FileCreatedEvent("/r/a.jpg"), True),
        (FileClosedEvent("/r/sub/a.JPG"), True),
        (FileMovedEvent("/r/a.tmp", "/r/a.jpg"), True),
        (FileMovedEvent("/r/.a.jpg.part", "/r/a.jpg"), True),
        (DirCreatedEvent("/r/2026"), True),
        (DirDeletedEvent("/r/2026"), True),
        (FileOpenedEvent("/r/a.jpg"), False),
        (FileClosedNoWriteEvent("/r/a.jpg"), False),
        (DirModifiedEvent("/r"), False),
        (FileModifiedEvent("/r/notes.txt"), False),
        (FileModifiedEvent("/r/.thumbs/a.jpg"), False),
        (FileModifiedEvent("/r/@eaDir/a.jpg"), False),
        (DirCreatedEvent("/r/.git"), False),
        (FileCreatedEvent("/r/lib/thumbnails/a.jpg"), False),
        (FileCreatedEvent("/private/r/a.jpg"), True),
    ],
)
def test_which_events_are_news(event, news):
    assert is_news(event, b"/r", b"/r/lib") is news


def test_a_folder_inside_the_library_that_was_added_all_the_same_is_watched():
    assert is_news(FileCreatedEvent("/lib/photos/a.jpg"), b"/lib/photos", b"/lib")
    assert is_news(FileCreatedEvent("/r/a.jpg"), b"/r", b"/r")


@given(
    gaps=st.lists(st.floats(min_value=0.001, max_value=2.0), min_size=1, max_size=40),
    quiet=st.floats(min_value=0.1, max_value=1.0),
    factor=st.floats(min_value=1.0, max_value=10.0),
)
def test_news_waits_for_quiet_but_never_longer_than_the_maximum(gaps, quiet, factor):
    maximum = quiet * factor
    news = News(quiet, maximum)
    now, first, last = 0.0, None, 0.0
    for gap in gaps:
        due = news.next_due()
        if first is not None and due <= now + gap:
            assert due == min(last + quiet, first + maximum)
            assert not news.take(due - 1e-6)
            assert news.take(due) == {b"root"}
            assert news.next_due() == float("inf")
            first = None
        now += gap
        assert news.note(b"root", now) is (first is None)
        first, last = now if first is None else first, now
    assert news.take(now + maximum) == {b"root"}
