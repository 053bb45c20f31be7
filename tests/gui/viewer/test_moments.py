"""A video in the viewer: opened where it answers, its frames in a row, played by another program."""

import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.core import messages, search_messages
from photosearch.core.photo import Confidence, Hit
from photosearch.gui.desktop import files
from photosearch.gui.library.places import ALL, Place
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.detail import DetailView
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.mouse import send_mouse, turn_wheel
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow


@pytest.fixture
def asked(engine: FakeEngine) -> list[messages.Preview]:
    """What the engine was asked to show."""
    made: list[messages.Preview] = []

    def preview(request: messages.Preview) -> messages.Previewed:
        made.append(request)
        jpeg = io.BytesIO()
        Image.new("RGB", (640, 360), "white").save(jpeg, "JPEG")
        return messages.Previewed(jpeg.getvalue(), 640, 360)

    engine.preview = preview
    return made


@pytest.fixture
def window(qtbot: QtBot, shelf: Shelf, asked: list[messages.Preview], make_window: MakeWindow) -> Window:
    """With a video, which comes first, and a photo."""
    photo = shelf.add(1)
    video = shelf.add_video(12.0, frames=4)
    window = make_window()
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == [video, *photo])
    window.grid.enter()
    return window


@pytest.fixture
def detail(qtbot: QtBot, window: Window) -> DetailView:
    """Open at the video."""
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: len(detail.moments.frames) == 4 and detail.picture.image.width() == 640)
    return detail


def test_it_is_opened_at_its_poster_with_its_frames(
    detail: DetailView, asked: list[messages.Preview]
) -> None:
    assert detail.moments.isVisible()
    assert [at_ms for at_ms, _ in detail.moments.frames] == [0, 3000, 6000, 9000]
    assert detail.moments.at_ms == 0
    assert {request.at_ms for request in asked} == {None}
    assert "0:00 of 0:12  ·  1 of 2" in detail.bar.place.text()
    QTest.keyClick(detail.picture, ".")
    assert "0:03 of 0:12" in detail.bar.place.text()


def test_keys_and_clicks_lead_through_its_frames(
    qtbot: QtBot, detail: DetailView, asked: list[messages.Preview]
) -> None:
    for key, at_ms in ((".", 3000), (".", 6000), (",", 3000), (",", 0), (",", 0)):
        QTest.keyClick(detail.picture, key)
        assert detail.moments.at_ms == at_ms
    strip = detail.moments.childAt(detail.moments.width() - 20, 20)
    send_mouse(strip, QEvent.Type.MouseButtonPress, QPoint(3 * 87 + 20, 20), held=True)
    assert detail.moments.at_ms == 9000
    send_mouse(strip, QEvent.Type.MouseMove, QPoint(10, 20), held=True)
    assert detail.moments.at_ms == 0
    send_mouse(strip, QEvent.Type.MouseButtonRelease, QPoint(10, 20))
    QTest.keyClick(detail.picture, ".")
    qtbot.waitUntil(lambda: 3000 in {request.at_ms for request in asked})
    assert detail.photo_id is not None
    qtbot.waitUntil(lambda: detail.picture.image.width() == 640)


def test_a_photo_has_no_frames(qtbot: QtBot, detail: DetailView) -> None:
    detail.walk(1)
    qtbot.waitUntil(lambda: detail.moments.isHidden())
    assert detail.moments.frames == []
    QTest.keyClick(detail.picture, ".")  # does nothing
    detail.walk(-1)
    qtbot.waitUntil(lambda: detail.moments.isVisible() and len(detail.moments.frames) == 4)


def test_nothing_stands_beside_it_in_full_screen(detail: DetailView) -> None:
    detail.set_bare(True)
    assert detail.moments.isHidden()
    detail.set_bare(False)
    assert detail.moments.isVisible()


def test_enter_and_the_button_play_it_and_space_leads_back(
    qtbot: QtBot, detail: DetailView, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[bytes] = []
    monkeypatch.setattr(files, "open_file", lambda path, _: played.append(path))
    QTest.keyClick(detail.picture, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: played == [b"/photos/1.mp4"])
    detail.moments.play.click()
    qtbot.waitUntil(lambda: len(played) == 2)
    assert detail.isVisible()
    QTest.keyClick(detail.picture, Qt.Key.Key_Space)
    assert detail.isHidden()


if sys.platform == "linux":

    def test_where_nothing_plays_it_its_folder_is_offered(
        qtbot: QtBot, window: Window, detail: DetailView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opener = tmp_path / "xdg-open"
        opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/asked\nexit 3\n')
        opener.chmod(0o700)
        monkeypatch.setenv("PATH", os.fspath(tmp_path), prepend=os.pathsep)
        detail.moments.play.click()
        sentence = "No program on this computer plays this video."
        qtbot.waitUntil(lambda: window.status.text.text() == sentence)
        assert detail.note.text.text() == sentence
        assert detail.note.button.text() == "Show in folder"
        assert (tmp_path / "asked").read_text() == "file:///photos/1.mp4\n"


def test_a_thing_is_shown_and_opened_where_it_is(qtbot: QtBot, library: Library, window: Window) -> None:
    video, photo = window.grid.ids.tolist()
    with Writer.open(library) as writer:
        writer.keep_tags([(video, ["dog"]), (photo, ["dog"])], 1, [("dog", video, 6000)])
    window.library.go(Place("tag", tag="dog"))
    qtbot.waitUntil(lambda: window.grid.facts.moment(video) == 6000)
    window.viewer.open(video)
    qtbot.waitUntil(lambda: len(window.viewer.detail.moments.frames) == 4)
    assert window.viewer.detail.moments.at_ms == 6000
    window.viewer.close_detail()
    window.library.go(ALL)
    qtbot.waitUntil(lambda: window.grid.facts.moment(video) is None)


def test_an_answer_is_opened_where_it_answers(
    qtbot: QtBot, window: Window, engine: FakeEngine, asked: list[messages.Preview]
) -> None:
    video, photo = window.grid.ids.tolist()

    def answer(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        hits = [
            Hit(video, b"/photos/1.mp4", 0.5, Confidence.STRONG, at_ms=6000),
            Hit(photo, b"/photos/0.jpg", 0.4, Confidence.STRONG),
        ]
        return search_messages.SearchResult("dogs", "model", 1.0, 1.0, searched=2, hits=hits)

    engine.search = answer
    window.header.field.setText("dogs")
    qtbot.waitUntil(lambda: window.grid.facts.moments == {video: 6000})
    window.viewer.open(video)
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: len(detail.moments.frames) == 4)
    assert detail.moments.at_ms == 6000
    qtbot.waitUntil(lambda: {request.at_ms for request in asked if request.photo_id == video} == {6000})


def test_in_little_room_the_present_frame_alone_is_shown_whole(detail: DetailView) -> None:
    moments = detail.moments
    moments.go_to(2)
    strip = moments.childAt(moments.width() - 20, 20)
    strip.resize(60, strip.height())
    shown = strip.grab().toImage()
    frame = moments.palette().color(QPalette.ColorRole.Highlight)
    assert [shown.pixelColor(x, 24) for x in (1, 58)] == [frame, frame]
    send_mouse(strip, QEvent.Type.MouseButtonPress, QPoint(30, 20), held=True)
    assert moments.at_ms == 6000


def test_of_many_frames_those_around_the_present_one_are_in_the_row(
    qtbot: QtBot, shelf: Shelf, asked: list[messages.Preview], make_window: MakeWindow
) -> None:
    shelf.add_video(4200.0, frames=60)
    window = make_window()
    qtbot.waitUntil(lambda: len(window.grid.ids) == 1)
    window.grid.enter()
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail, moments = window.viewer.detail, window.viewer.detail.moments
    qtbot.waitUntil(lambda: len(moments.frames) == 60)
    strip = moments.childAt(moments.width() - 20, 20)
    strip.resize(5 * 87, strip.height())
    highlight = moments.palette().color(QPalette.ColorRole.Highlight)

    def framed() -> list[int]:
        shown = strip.grab().toImage()
        return [cell for cell in range(5) if shown.pixelColor(cell * 87 + 1, 24) == highlight]

    assert framed() == [0]
    for place, cell in ((1, 1), (4, 3), (29, 3), (28, 2), (26, 1), (59, 4), (0, 0)):
        moments.go_to(place)
        assert framed() == [cell]
    moments.go_to(29)
    assert framed() == [3] and "33:50 of 1:10:00" in detail.bar.place.text()
    send_mouse(strip, QEvent.Type.MouseButtonPress, QPoint(2 * 87 + 20, 20), held=True)
    assert moments.place == 28
    send_mouse(strip, QEvent.Type.MouseButtonRelease, QPoint(2 * 87 + 20, 20))
    turn_wheel(strip, -2)
    assert moments.place == 30
