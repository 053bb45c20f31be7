"""Two models side by side, in a real window over an engine that answers as the test says."""

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from photosearch.core.model_messages import (
    ChangeModel,
    Compared,
    CompareModels,
    GetModels,
    Model,
    ModelChanged,
    ModelList,
    ModelsChanged,
)
from photosearch.gui.desktop import language
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.window import Window
from photosearch.gui.teach.compare_dialog import CompareDialog
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf

BEFORE = Model("a", "small", "", 1, False, "here", 4, before=True)
PRESENT = Model("b", "strong", "", 1, True, "answers", 4)


@pytest.fixture
def window(engine: FakeEngine, shelf: Shelf, library: Library, make_window: Callable[[], Window]) -> Window:
    photos = shelf.add(4)
    with Writer.open(library) as writer:
        writer.save_search("Dogs", "two dogs")
        writer.remember_search("a beach")
        writer.remember_search("two dogs")
    engine.replies[GetModels] = ModelList((BEFORE, PRESENT), 4)
    engine.replies[CompareModels] = Compared("small", "strong", tuple(photos[:3]), tuple(photos[1:]), 4)
    return make_window()


@pytest.fixture
def dialog(qtbot: QtBot, engine: FakeEngine, window: Window) -> CompareDialog:
    """Opened from what is said once another model has taken over."""
    engine.tell(ModelChanged("b", "strong", "a", "small"))
    qtbot.waitUntil(window.status.offer.isVisible)
    assert window.status.text.text() == "strong answers your searches now."
    window.status.offer.click()
    (opened,) = window.findChildren(CompareDialog)
    return opened


def asked(engine: FakeEngine, kind: type) -> list[msgspec.Struct]:
    orders = []
    while not engine.orders.empty():
        orders.append(engine.orders.get())
    return [order for order in orders if isinstance(order, kind)]


def test_saved_and_recent_searches_are_shown_by_both_and_marked(qtbot: QtBot, dialog: CompareDialog) -> None:
    qtbot.waitUntil(lambda: list(dialog.rows) == ["two dogs", "a beach"])
    first, second = dialog.rows.values()
    qtbot.waitUntil(lambda: len(first.before.images) == len(first.after.images) == 3)
    assert first.before.accessibleName() == "“two dogs” by small"
    assert first.after.accessibleName() == "“two dogs” by strong"
    assert dialog.counts.text() == ""
    first.buttons["better"].click()
    second.buttons["worse"].click()
    second.buttons["same"].click()
    assert (first.mark, second.mark) == ("better", "same")
    assert dialog.counts.text() == "Better 1  ·  Just as good 1  ·  Worse 0"
    assert dialog.keep.accessibleName() == "Keep strong"
    with qtbot.waitSignal(dialog.accepted):
        dialog.keep.click()


def test_in_a_narrow_window_the_strips_stand_one_above_the_other(qtbot: QtBot, dialog: CompareDialog) -> None:
    qtbot.waitUntil(lambda: bool(dialog.rows))
    row = dialog.rows["two dogs"]
    shown = {label.text() for label in row.findChildren(QLabel)}
    assert row.before.y() == row.after.y() and "At the right:" in shown
    dialog.resize(480, 600)
    qtbot.waitUntil(lambda: row.after.y() > row.before.geometry().bottom())
    assert row.after.width() / 4 >= 72  # four photos side by side
    assert "The lower one:" in {label.text() for label in row.findChildren(QLabel)}
    dialog.resize(860, 600)
    qtbot.waitUntil(lambda: row.before.y() == row.after.y())


def test_another_search_comes_first_and_enter_closes_nothing(
    qtbot: QtBot, engine: FakeEngine, dialog: CompareDialog
) -> None:
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)
    QTest.keyClicks(dialog.another, "a cat")
    QTest.keyClick(dialog.another, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "a cat" in dialog.rows)
    assert dialog.isVisible()
    assert dialog.another.text() == ""
    assert dialog.rows["a cat"].y() < dialog.rows["two dogs"].y()
    assert [order.text for order in asked(engine, CompareModels)] == ["two dogs", "a beach", "a cat"]
    engine.refusal = "This search has no words that rank photos."
    QTest.keyClicks(dialog.another, "rating:5")
    QTest.keyClick(dialog.another, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "no words" in dialog.remark.text.text())


def test_tab_leads_through_the_votes_before_what_ends_it(qtbot: QtBot, dialog: CompareDialog) -> None:
    qtbot.waitUntil(lambda: list(dialog.rows) == ["two dogs", "a beach"])
    # A row that a layout has taken in is shown, and so a stop of Tab's, only with Qt's next events.
    qtbot.waitUntil(lambda: all(row.isVisible() for row in dialog.rows.values()))
    dialog.another.setFocus()
    for row in dialog.rows.values():
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() in row.buttons.values()
        row.buttons["worse"].setFocus()
    for following in (dialog.back, dialog.keep):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is following


def test_the_link_goes_with_the_model_before(qtbot: QtBot, engine: FakeEngine, window: Window) -> None:
    engine.tell(ModelChanged("b", "strong", "a", "small"))
    qtbot.waitUntil(window.status.offer.isVisible)
    engine.replies[GetModels] = ModelList((PRESENT,), 4)
    engine.tell(ModelsChanged())
    qtbot.waitUntil(window.status.offer.isHidden)
    assert window.status.text.text() != "strong answers your searches now."


def test_going_back_is_one_click(qtbot: QtBot, engine: FakeEngine, dialog: CompareDialog) -> None:
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)
    assert dialog.back.accessibleName() == "Go back to small"
    with qtbot.waitSignal(dialog.accepted):
        dialog.back.click()
    assert asked(engine, ChangeModel) == [ChangeModel("a")]


def test_what_cannot_be_compared_is_said(qtbot: QtBot, engine: FakeEngine, window: Window) -> None:
    engine.replies[GetModels] = ModelList((PRESENT,), 4)
    window.library.models.compare_wanted.emit()
    (opened,) = window.findChildren(CompareDialog)
    qtbot.waitUntil(lambda: "no earlier model" in opened.remark.text.text())
    assert not opened.back.isVisible()
    opened.keep.click()


def test_the_settings_lead_there_where_there_is_a_model_before(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    commands = window.findChild(Commands)
    assert commands is not None
    models = commands.open_settings().models
    qtbot.waitUntil(models.compare.isVisible)
    models.compare.click()
    assert window.findChildren(CompareDialog)


def test_it_is_said_in_the_language_of_the_moment(qtbot: QtBot, dialog: CompareDialog) -> None:
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)
    language.use("zh_CN")
    dialog.retranslate()
    assert dialog.keep.accessibleName() == "保留 strong"
    assert dialog.rows["two dogs"].before.accessibleName() == "small：“two dogs”"
