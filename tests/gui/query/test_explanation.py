"""Why this photo, asked where one looks at it."""

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.core import search_messages
from photosearch.core.photo import Confidence, Hit
from photosearch.gui.query.why_panel import WhyPanel
from photosearch.gui.shell.window import Window
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf


@pytest.fixture
def window(qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: Callable[[], Window]) -> Window:
    """With an answer of three photos, the first of them in the detail view."""
    ids = shelf.add(3)
    hits = [Hit(photo_id, b"/photos/%d.jpg" % photo_id, 0.3, Confidence.STRONG) for photo_id in ids]
    engine.search = lambda asked: search_messages.SearchResult(asked.text, "m", 0, 0, 3, hits)
    engine.replies[search_messages.Explain] = search_messages.Explanation(
        0.3, 0.0, Confidence.STRONG, 2, 3, (), (), (1, 4, 7), 0.0, 0.4
    )
    made = make_window()
    made.search.submit("two dogs")
    qtbot.waitUntil(lambda: made.search.shown is not None and made.grid.ids.tolist() == ids)
    made.grid.enter()
    QTest.keyClick(made.grid, Qt.Key.Key_Space)
    return made


def test_it_opens_above_the_photo_and_follows_it(qtbot: QtBot, window: Window) -> None:
    detail = window.viewer.detail
    QTest.keyClick(detail.picture, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: detail.why.verdict.text() == "Strong match, number 2 of 3 photos")
    assert detail.why.isVisible() and not window.search.why.isVisible()
    detail.why.say("")
    QTest.keyClick(detail.picture, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: detail.why.verdict.text() != "")
    QTest.keyClick(detail.picture, Qt.Key.Key_W)
    assert detail.why.isHidden()


@pytest.fixture
def panel(qtbot: QtBot) -> WhyPanel:
    panel = WhyPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_one_sentence_says_how_well_and_for_which_word(panel: WhyPanel) -> None:
    words = (
        search_messages.Pull("old", -0.01),
        search_messages.Pull("walls", 0.06),
        search_messages.Pull("tower", 0.02),
    )
    panel.explain(
        search_messages.Explanation(0.3, 0.0, Confidence.STRONG, 2, 3, (), words, (1, 4, 7), 0.0, 0.4)
    )
    assert panel.verdict.text() == "Strong match, number 2 of 3 photos, above all for “walls”"
    assert panel.words.isVisible()


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (search_messages.Naming("caption", "dog"), "It comes first as its caption or keywords say “dog”."),
        (
            search_messages.Naming("folder", "Dogs and cats"),
            "It comes first as it is in the folder “Dogs and cats”.",
        ),
    ],
)
def test_what_put_a_photo_first_is_all_that_is_said_of_it(
    panel: WhyPanel, named: search_messages.Naming, said: str
) -> None:
    pulls, words = (
        (search_messages.Pull("dog", 0.3),),
        (search_messages.Pull("dog", 0.1), search_messages.Pull("old", 0.2)),
    )
    by_words = search_messages.Explanation(
        0.3, 0.0, Confidence.LIKELY, 9, 1464, pulls, words, (1, 4), 0.0, 0.4, named=named
    )
    panel.explain(by_words)
    assert panel.verdict.text() == said
    assert not panel.words.isVisible() and not panel.histogram.isVisible()
    panel.explain(msgspec.structs.replace(by_words, rank=None))  # what is left out comes nowhere
    assert panel.verdict.text() == "Likely match, but the filters leave this photo out."
    assert panel.histogram.isVisible()


def test_a_single_word_needs_no_chart(panel: WhyPanel) -> None:
    pulls = (search_messages.Pull("tower", 0.3),)
    panel.explain(
        search_messages.Explanation(0.3, 0.0, Confidence.LIKELY, 1, 3, pulls, (), (1, 4, 7), 0.0, 0.4)
    )
    assert not panel.words.isVisible() and not panel.parts.isVisible()
    assert panel.verdict.text() == "Likely match, number 1 of 3 photos"
    alone = panel.histogram.mapTo(panel, QPoint(0, 0)).y() - panel.verdict.geometry().bottom()
    assert 0 < alone < 120  # no room is left where the charts would be


def test_what_is_to_keep_away_is_marked(panel: WhyPanel) -> None:
    pulls = (
        search_messages.Pull("tower", 0.3),
        search_messages.Pull("people", 0.01, away=True),
        search_messages.Pull("-", -0.1),
    )
    panel.explain(
        search_messages.Explanation(0.3, 0.0, Confidence.WEAK, 1, 3, pulls, (), (1, 4, 7), 0.0, 0.4)
    )
    assert panel.parts.accessibleName().split("; ") == [
        "tower: +0.300",
        "away from: people: +0.010",
        "marked as wrong: -0.100",
    ]


def test_who_asks_why_without_a_search_is_told_what_is_lacking(qtbot: QtBot, window: Window) -> None:
    sentence = "Search for something first; then Why says what speaks for a photo."
    window.viewer.close_detail()
    window.search.clear()
    qtbot.waitUntil(lambda: window.search.shown is None)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_W)
    assert window.search.why.isHidden() and window.status.text.text() == sentence
    window.viewer.open(int(window.grid.ids[0]))
    detail = window.viewer.detail
    QTest.keyClick(detail.picture, Qt.Key.Key_W)
    assert detail.why.isHidden()
    assert detail.note.text.text() == sentence
