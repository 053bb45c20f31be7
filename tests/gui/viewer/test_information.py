"""What is told of a photo leads to the photos that share it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.core.photo import Facts
from photosearch.gui.library.places import Place
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.fact import Fact
from photosearch.gui.viewer.information import InformationPanel
from photosearch.gui.widgets import theme
from photosearch.search.query import parse
from photosearch.store.rows import Details, PhotoFile
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow

DETAILS = Details(
    photo_id=7,
    facts=Facts(
        "JPEG",
        4000,
        3000,
        taken_at="2023-12-24T13:24:00",
        camera="Canon EOS R6",
        latitude=35.005,
        longitude=135.7647,
        keywords=("spring", "Clover <i>Meadow</i>"),
    ),
    dated_at="2023-12-24T13:24:00",
    files=[PhotoFile(b"/photos/At home/a.jpg", 9, 9, False)],
    caption=None,
    favourite=False,
    rating=None,
    albums={3: "Best of 2024"},
)


@pytest.fixture
def panel(qtbot: QtBot) -> InformationPanel:
    panel = InformationPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show()
    panel.show_details(DETAILS)
    return panel


def facts(panel: InformationPanel) -> dict[str, Fact]:
    return {fact.name.text(): fact for fact in panel.findChildren(Fact) if fact.isVisible()}


def follow(qtbot: QtBot, fact: Fact) -> object:
    """By the keyboard, as a person would who has none of a mouse."""
    fact.value.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(fact.followed) as followed:
        QTest.keyClick(fact.value, Qt.Key.Key_Return)
    return followed.args[0]


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("Folder", Place("folder", path=b"/photos/At home")),
        ("Taken", "date:2023-12-24"),
        ("Camera", 'camera:"Canon EOS R6"'),
        ("Place", "near:35.005,135.7647,5"),
        ("Keywords", '"spring"'),
        ("Albums", Place("album", 3)),
    ],
)
def test_a_fact_leads_to_the_photos_that_share_it(
    qtbot: QtBot, panel: InformationPanel, name: str, to: object
) -> None:
    assert follow(qtbot, facts(panel)[name]) == to
    if isinstance(to, str):
        parse(to)


def test_what_leads_nowhere_is_plain_and_marks_are_shown_as_they_are(panel: InformationPanel) -> None:
    shown = facts(panel)
    assert "href" not in shown["Size"].value.text()
    said = QTextDocumentFragment.fromHtml(shown["Keywords"].value.text()).toPlainText()
    assert said.replace("\u200b", "") == "spring, Clover <i>Meadow</i>"


def test_links_have_the_colour_of_where_they_stand(panel: InformationPanel) -> None:
    theme.dress(panel, theme.DARKROOM)
    assert theme.DARKROOM.accent.lower() in facts(panel)["Camera"].value.text()


def test_a_link_leads_from_the_photo_to_the_folder(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(3)
    window: Window = make_window()
    qtbot.waitUntil(lambda: len(window.grid.ids) == len(ids))
    window.viewer.open(ids[0])
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: detail.details is not None)
    QTest.keyClick(detail.picture, Qt.Key.Key_I)
    follow(qtbot, facts(detail.panel)["Folder"])
    assert detail.isHidden()
    qtbot.waitUntil(lambda: window.library.place == Place("folder", path=b"/photos"))
