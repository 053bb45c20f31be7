from typing import Literal

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch import i18n, settings
from photosearch.core import messages, note_messages
from photosearch.core.errors import Sentence
from photosearch.core.progress import Progress
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell.notifications import Notifications


class Link(QObject):
    event_received = Signal(object)


class Desk:
    """A window that is looked away from, and what the desktop was told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window, self.link, self.preferences = QWidget(), Link(), Preferences()
        qtbot.addWidget(self.window)
        self.told: list[tuple[str, str]] = []
        self.now = 0.0
        Notifications(
            self.window,
            self.link,  # type: ignore[arg-type]
            self.preferences,
            lambda title, text: self.told.append((title, text)),
            lambda: self.now,
        )

    def work(self, seconds: float, done: int = 1200, failed: int = 0) -> None:
        self.link.event_received.emit(messages.ProgressChanged(Progress("scanning")))
        self.now += seconds
        self.link.event_received.emit(
            messages.ProgressChanged(Progress("indexing", done=done, total=done, failed=failed))
        )
        self.link.event_received.emit(messages.ProgressChanged(Progress("idle")))

    def folders(self, *states: Literal["here", "away", "gone"]) -> None:
        rows = [messages.FolderStatus(b"/d/%d" % n, 1, state) for n, state in enumerate(states)]
        self.link.event_received.emit(messages.FoldersChanged(rows))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_the_end_of_long_work_is_told(desk: Desk) -> None:
    desk.work(61, done=1204, failed=4)
    assert desk.told == [("Your photos can be searched", "1,200 photos were read.")]


@pytest.mark.parametrize(("seconds", "done"), [(59, 1200), (600, 0)])
def test_short_work_and_a_look_that_found_nothing_new_are_not(desk: Desk, seconds: float, done: int) -> None:
    desk.work(seconds, done)
    assert desk.told == []


def test_new_photos_of_albums_are_told_in_one_message(desk: Desk) -> None:
    for photos in ({"Dogs": 1}, {"Dogs": 12, "Cats": 2}):
        desk.link.event_received.emit(note_messages.NewInAlbums(photos))
    assert desk.told == [
        ("“Dogs” has new photos", "1 photo came."),
        ("Albums have new photos", "“Dogs”: 12 photos came.\n“Cats”: 2 photos came."),
    ]


def test_a_drive_that_goes_is_told_once_and_one_that_was_away_before_is_not(desk: Desk) -> None:
    desk.folders("away", "here", "here")
    assert desk.told == []
    for _ in range(2):
        desk.folders("away", "away", "gone")
    assert [title for title, _ in desk.told] == ["“1” is away", "“2” is away"]
    assert [text.partition(".")[0] for _, text in desk.told] == [
        "Its drive is not connected",
        "It is not there any more: renamed, moved or deleted",
    ]


def test_a_problem_is_told(desk: Desk) -> None:
    desk.link.event_received.emit(messages.Problem(Sentence("The disk is full.")))
    assert desk.told == [("PhotoSearch", "The disk is full.")]


def test_a_problem_is_told_in_the_language_of_the_window_with_its_reason(desk: Desk) -> None:
    i18n.use("zh_CN")
    reason = Sentence("No space left on device")
    unwatched = Sentence(
        "{folder} cannot be watched ({reason}); it is looked at every 10 minutes instead.",
        folder="/照片",
        reason=reason,
    )
    desk.link.event_received.emit(messages.Problem(unwatched))
    assert desk.told == [("PhotoSearch", "无法监视 /照片（磁盘空间不足）；因此改为每 10 分钟查看一次。")]


def test_nothing_is_told_to_whoever_looks_at_the_window_or_wants_quiet(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.window, "isActiveWindow", lambda: True)
    desk.work(100)
    monkeypatch.setattr(desk.window, "isActiveWindow", lambda: False)
    desk.preferences.change(settings.NOTIFY, settings.NO)
    desk.work(100)
    assert desk.told == []
