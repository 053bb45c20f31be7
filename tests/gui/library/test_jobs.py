from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch import settings
from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.core.extra_messages import Extra, ExtraChanged, FetchProgress, StopExtra
from photosearch.core.model_messages import (
    Adding,
    AddingChanged,
    CancelChange,
    ChangeModel,
    GetModels,
    Model,
    ModelChanged,
    ModelList,
    ModelsChanged,
    PauseAdding,
    PauseChange,
    StopAdding,
)
from photosearch.core.progress import Progress
from photosearch.core.stage_messages import PauseStage, StagesChanged, StageState
from photosearch.gui.desktop import language
from photosearch.gui.library.jobs import JobPanel
from photosearch.gui.library.places import ALL
from photosearch.gui.library.problems import ProblemsPage
from photosearch.gui.library.sidebar_row import node_of
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.store.rows import Damaged, Failure
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine

RUNNING = messages.Job(1, (b"/photos/2024",), True)
WAITING = messages.Job(2, (b"/a", b"/b", b"/c", b"/d", b"/e"), False)


def failure(name: bytes) -> Failure:
    return Failure(1, b"/photos/" + name, "decode", Sentence("the file is truncated"), 1, 1)


def test_each_job_has_a_row_and_can_be_ended(qtbot: QtBot) -> None:
    panel = JobPanel()
    qtbot.addWidget(panel)
    panel.show_progress(Progress("indexing", 40, 100, 0, 20.0, 3.0))
    panel.show_jobs([RUNNING, WAITING])
    assert panel.rows[1].text.text() == "/photos/2024"  # the status line says how far it is
    assert panel.rows[2].text.text() == "Waits for its turn"
    with qtbot.waitSignal(panel.end_wanted) as ended:
        panel.rows[2].end.click()
    assert ended.args == [2]
    first = panel.rows[1]
    panel.show_jobs([RUNNING])
    assert list(panel.rows) == [1]
    assert panel.rows[1] is first


def test_a_job_is_stopped_from_behind_the_status_line(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    window = make_window()
    engine.tell(messages.ProgressChanged(Progress("indexing", 1, 9)))
    engine.tell(messages.JobsChanged((RUNNING,)))
    qtbot.waitUntil(window.status.details.isVisible)
    assert window.library.jobs.isHidden()
    QTest.mouseClick(window.status.details, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: 1 in window.library.jobs.rows and window.library.jobs.isVisible())
    window.library.jobs.rows[1].end.click()
    assert engine.orders.get(timeout=5) == messages.CancelJob(1)
    engine.tell(messages.ProgressChanged(Progress("idle")))
    qtbot.waitUntil(window.library.jobs.isHidden)


def test_a_stage_is_among_the_jobs_and_can_be_paused_and_switched_off(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    window, key = make_window(), settings.STACK
    name = settings.SETTINGS[key].title()
    engine.tell(StagesChanged((StageState(key, "runs", 312, 7000),)))
    qtbot.waitUntil(window.status.details.isVisible)
    assert window.status.text.text() == f"{name}  ·  312 of 7,000"
    window.status.details.click()
    row = window.library.jobs.stages[key]
    assert row.isVisible() and row.text.text() == "312 of 7,000"
    engine.tell(StagesChanged((StageState(key, "runs", 400, 7000, images_per_second=0.5),)))
    qtbot.waitUntil(lambda: row.text.text() == "400 of 7,000  ·  0.5 a second  ·  4 hours left")
    engine.tell(StagesChanged((StageState(key, "runs", 0, 7000, prepared=0.25),)))
    qtbot.waitUntil(lambda: row.text.text() == "getting ready: 25 %")
    at = row.mapTo(window, row.pause.pos()).y()
    row.pause.click()
    assert row.pause.text() == "Resume"  # at once
    assert engine.orders.get(timeout=5) == PauseStage(key, paused=True)
    qtbot.wait(1)
    assert row.mapTo(window, row.pause.pos()).y() == at and "paused" in window.status.text.text()
    row.pause.click()
    assert row.pause.text() == "Pause"
    assert engine.orders.get(timeout=5) == PauseStage(key, paused=False)
    qtbot.wait(1)
    assert row.mapTo(window, row.pause.pos()).y() == at
    engine.tell(StagesChanged((StageState(key, "paused", 312, 7000),)))
    qtbot.waitUntil(lambda: row.pause.text() == "Resume")
    row.end.click()
    assert engine.orders.get(timeout=5) == messages.ChangeSetting(key, settings.NO)
    engine.tell(StagesChanged((StageState(key, "off", 312, 7000),)))
    qtbot.waitUntil(window.library.jobs.isHidden)
    assert window.status.text.text() == f"“{name}” is switched off."
    window.status.offer.click()
    assert engine.orders.get(timeout=5) == messages.ChangeSetting(key, settings.YES)


def test_a_stage_that_cannot_go_on_says_why_in_its_row(qtbot: QtBot) -> None:
    panel = JobPanel()
    qtbot.addWidget(panel)
    why = Sentence("There is no room.")
    panel.show_stages([StageState(settings.STACK, "failed", 3, 9, why)])
    row = panel.stages[settings.STACK]
    assert row.text.text() == "There is no room." and row.pause.isHidden()
    panel.show_stages([])
    assert not panel.stages


@pytest.mark.parametrize(("name", "said"), [("gpu", "torch"), ("video", "PyAV")])
def test_an_extra_on_its_way_is_among_the_jobs_and_can_be_stopped(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window], name: str, said: str
) -> None:
    window = make_window()
    progress = FetchProgress("downloading", said, 2, 9, 530_000_000, 3_000_000_000)
    engine.tell(ExtraChanged(Extra("changing", progress=progress, name=name)))
    qtbot.waitUntil(window.status.details.isVisible)
    window.status.details.click()
    row = window.library.jobs.fetches[name]
    assert said in window.status.text.text() and said in row.text.text()
    assert row.isVisible() and "530.0 MB of 3.0 GB" in row.text.text()
    row.end.click()
    assert engine.orders.get(timeout=5) == StopExtra(name)
    engine.tell(messages.ProgressChanged(Progress("indexing", 1, 9)))
    engine.tell(messages.ProgressChanged(Progress("idle")))
    engine.tell(ExtraChanged(Extra("changing", progress=FetchProgress("removing"), name=name)))
    qtbot.waitUntil(lambda: not row.end.isEnabled())
    assert row.isVisible()  # though no photo is read any more
    engine.tell(ExtraChanged(Extra("missing", name=name)))
    qtbot.waitUntil(window.library.jobs.isHidden)


def test_a_model_that_comes_in_is_among_the_jobs_and_can_be_stopped(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    window = make_window()
    engine.tell(AddingChanged(Adding("adding", "tiny/clip", "fetching", 1_000_000, 4_000_000)))
    qtbot.waitUntil(window.status.details.isVisible)
    window.status.details.click()
    row = window.library.jobs.add
    assert row.isVisible() and row.text.text() == "Downloading tiny/clip: 1.0 MB of 4.0 MB"
    row.pause.click()
    assert engine.orders.get(timeout=5) == PauseAdding()
    row.end.click()
    assert engine.orders.get(timeout=5) == StopAdding()
    engine.tell(AddingChanged(Adding("adding", "tiny/clip", "building")))
    qtbot.waitUntil(row.pause.isHidden)
    engine.tell(AddingChanged(Adding()))
    qtbot.waitUntil(window.library.jobs.isHidden)


OWN = Model("b", "bundled", "", 1, False, "answers", 120)


def test_a_change_of_model_is_told_of_paused_gone_on_with_and_ended(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    window = make_window()
    status, row = window.status, window.library.jobs.change
    for state, said, button in (
        ("reading", "clip reads your photos: 30 of 120", "Pause"),
        ("paused", "clip waits at 30 of 120 photos", "Resume"),
    ):
        clip = Model("c", "clip", "", 1, True, state, 30)  # type: ignore[arg-type]
        engine.replies[GetModels] = ModelList((OWN, clip), 120)
        engine.tell(ModelsChanged())
        said += "  ·  PhotoSearch's own model answers meanwhile"
        qtbot.waitUntil(lambda said=said: status.text.text() == said)  # type: ignore[misc]
        assert (status.pause.text(), status.pause.isVisible()) == (button, True)
        status.pause.click()
        assert engine.orders.get(timeout=5) == PauseChange(state == "reading")
        status.details.setChecked(True)
        assert (row.isVisible(), row.text.text(), row.pause.text()) == (True, said, button)
        row.pause.click()
        assert engine.orders.get(timeout=5) == PauseChange(state == "reading")
    row.end.click()
    assert engine.orders.get(timeout=5) == CancelChange(keep=True)
    engine.replies[GetModels] = ModelList((OWN,), 120)
    engine.tell(ModelsChanged())
    qtbot.waitUntil(window.library.jobs.isHidden)
    assert not status.pause.isVisible()


def test_while_photos_are_read_the_line_says_for_which_model(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    clip = Model("c", "clip", "", 1, True, "reading", 30)
    engine.replies[GetModels] = ModelList((OWN, clip), 120)
    window = make_window()
    engine.tell(messages.ProgressChanged(Progress("indexing", 0, 90)))  # as of an engine that was killed
    qtbot.waitUntil(lambda: window.status.text.text() == "Reading photos: 30 of 120  ·  for clip")
    window.status.pause.click()
    assert engine.orders.get(timeout=5) == messages.SetPaused(True)


def test_the_model_that_took_over_is_told_of_with_what_it_does_not_know(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    engine.replies[GetModels] = ModelList((msgspec.structs.replace(OWN, beside=2, before=True),), 120)
    window = make_window()
    engine.tell(ModelChanged("c", "clip", "b", "bundled", 2))
    said = (
        "clip answers your searches now. 2 photos that it cannot read now are still answered by "
        "PhotoSearch's own model."
    )
    qtbot.waitUntil(lambda: window.status.text.text() == said)
    language.change("zh_CN")
    assert "现在由 clip 回答搜索。还有 2 张" in window.status.text.text()
    engine.replies[GetModels] = ModelList((OWN,), 120)
    engine.tell(ModelsChanged())  # their drive is back
    qtbot.waitUntil(window.status.isHidden)


def test_a_model_that_could_not_come_is_told_of_until_it_comes_and_then_may_be_used(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    window = make_window()
    shown = window.status.text
    failure = Sentence("The hub cannot be reached.")
    engine.tell(AddingChanged(Adding("paused", "tiny/clip", sentence=failure)))
    engine.tell(messages.Problem(failure))
    qtbot.waitUntil(lambda: shown.text() == str(failure))
    engine.tell(AddingChanged(Adding("adding", "tiny/clip", "loading")))
    qtbot.waitUntil(lambda: shown.text() == "Adding tiny/clip: loading it…")
    engine.tell(AddingChanged(Adding(source="tiny/clip", added="clip")))
    qtbot.waitUntil(lambda: shown.text() == "“clip” was added. Use lets it read your photos.")
    window.status.offer.click()
    assert engine.orders.get(timeout=5) == ChangeModel("clip")


def test_problems_can_be_tried_again_all_or_some(qtbot: QtBot) -> None:
    page = ProblemsPage()
    qtbot.addWidget(page)
    assert not page.again.isEnabled()
    page.show_problems([failure(b"a.jpg"), failure(b"b.jpg")])
    with qtbot.waitSignal(page.retry_wanted) as wanted:
        page.again.click()
    assert wanted.args == [None]
    page.list.setCurrentIndex(page.list.model().index(1, 0))
    assert page.again.text() == "Try 1 file again"
    with qtbot.waitSignal(page.retry_wanted) as wanted:
        page.again.click()
    assert wanted.args == [(b"/photos/b.jpg",)]


def test_a_problem_is_lit_where_tab_leads_to_the_list(qtbot: QtBot) -> None:
    page = ProblemsPage()
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.show_problems([failure(b"a.jpg"), failure(b"b.jpg")])
    page.again.setFocus()
    assert page.again.text() == "Try all again"
    QTest.keyClick(page.again, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: page.again.text() == "Try 1 file again")


def test_damaged_photos_are_listed_after_the_failures_and_not_tried_again(qtbot: QtBot) -> None:
    page = ProblemsPage()
    qtbot.addWidget(page)
    cut = Damaged(1, b"/photos/c.jpg", Sentence("the file is truncated"))
    page.show_problems([], [cut])
    assert page._title.text() == "1 file is damaged"
    assert not page.again.isEnabled()
    page.show_problems([failure(b"a.jpg")], [cut, msgspec.structs.replace(cut, path=b"/photos/d.jpg")])
    assert page._title.text() == "1 file could not be read  ·  2 files are damaged"
    model = page.list.model()
    assert [model.index(row, 0).data() for row in range(3)] == ["a.jpg", "c.jpg", "d.jpg"]
    assert model.index(1, 1).data() == "Damaged, shown as far as it goes: the file is truncated"
    page.list.setCurrentIndex(model.index(1, 0))
    assert (page.again.isEnabled(), page.reveal.isEnabled()) == (False, True)
    page.list.selectAll()
    with qtbot.waitSignal(page.retry_wanted) as wanted:
        page.again.click()
    assert wanted.args == [(b"/photos/a.jpg",)]
    language.change("zh_CN")
    assert model.index(1, 1).data() == "已损坏，仅显示可读部分：文件不完整"


@pytest.mark.parametrize("width", [248, 480, 700, 1200])
def test_what_is_wrong_with_a_file_is_in_view_however_narrow_the_page(qtbot: QtBot, width: int) -> None:
    page = ProblemsPage()
    qtbot.addWidget(page)
    page.show_problems([failure(b"a.jpg")])
    page.resize(width, 600)
    page.show()
    why = page.list.visualRect(page.list.model().index(0, 1))
    assert why.width() > 100 and page.list.viewport().rect().contains(why)
    assert page.list.horizontalScrollBar().maximum() == 0 or width > 800


def test_reasons_are_told_in_the_language_of_the_window_with_their_values(qtbot: QtBot) -> None:
    page = ProblemsPage()
    qtbot.addWidget(page)
    large = Sentence("{megapixels} megapixels, the limit is {limit:g}", megapixels=412, limit=300.0)
    page.show_problems([msgspec.structs.replace(failure(b"a.jpg"), reason=large)])
    assert page.list.model().index(0, 1).data() == "412 megapixels, the limit is 300"
    language.change("zh_CN")
    assert page.list.model().index(0, 1).data() == "有 412 百万像素，上限为 300"


def test_problems_are_a_page_that_photos_coming_in_leave_alone(
    qtbot: QtBot, engine: FakeEngine, library: Library, shelf, make_window: Callable[[], Window]
) -> None:
    shelf.add(3)
    with Writer.open(library) as writer:
        writer.fail([failure(b"bad.jpg")])
    window = make_window()
    tree, page = window.library.sidebar.tree, window.library.problems
    qtbot.waitUntil(lambda: tree.item_of("problems") is not None)
    tree.chosen.emit("problems")
    qtbot.waitUntil(lambda: window.pages.currentWidget() is page)
    qtbot.waitUntil(page.again.isEnabled)
    shelf.add(2)
    engine.tell(messages.PhotosChanged(5))
    qtbot.waitUntil(lambda: node_of(tree.item_of(ALL)).count == "5")
    assert window.pages.currentWidget() is page
    page.again.click()
    assert engine.orders.get(timeout=5) == messages.RetryFailures(None)
    window.step_back()
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.grid and len(window.grid.ids) == 5)
