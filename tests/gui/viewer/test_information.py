"""What is told of a photo leads to the photos that share it."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.core.lines import Line
from photosearch.core.photo import DateSource, Facts
from photosearch.core.tags import shipped
from photosearch.core.towns import Town
from photosearch.gui.library.places import Place
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.fact import Fact
from photosearch.gui.viewer.information import InformationPanel
from photosearch.gui.widgets import theme
from photosearch.search.query import parse
from photosearch.store.rows import Details, PhotoFile, ShownVideo
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow

DETAILS = Details(
    photo_id=7,
    facts=Facts(
        "JPEG",
        4000,
        3000,
        taken_at="2023-12-24T13:24:00",
        taken_from="exif",
        utc_offset="+09:00",
        camera="Canon EOS R6",
        latitude=35.005,
        longitude=135.7647,
        title="A walk",
        keywords=("spring", "Clover <i>Meadow</i>"),
        people=("Ana", "Béla"),
    ),
    dated_at="2023-12-24T13:24:00",
    dated_from="exif",
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
    return {" ".join(fact.name.text().split()): fact for fact in panel.findChildren(Fact) if fact.isVisible()}


def follow(qtbot: QtBot, fact: Fact) -> object:
    """By the keyboard, as a person would who has none of a mouse."""
    fact.value.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(fact.followed) as followed:
        QTest.keyClick(fact.value, Qt.Key.Key_Return)
    return followed.args[0]


@pytest.mark.parametrize(
    ("taken_at", "dated_at", "source", "name", "shown"),
    [
        (
            "2023-12-24T13:24:00",
            None,
            "exif",
            "Taken · EXIF",
            "Sunday, December 24, 2023 1:24 PM · UTC+09:00",
        ),
        ("2023-12-24", None, "xmp", "Taken · XMP", "Sunday, December 24, 2023 · UTC+09:00"),
        ("1965-08", "1965-08-01", "iptc", "Taken · IPTC", "August 1965 · UTC+09:00"),
        ("1965", "1965-01-01", "xmp", "Taken · XMP", "1965 · UTC+09:00"),
        (None, "2023-12-24", "name", "Taken · by the file's name", "Sunday, December 24, 2023"),
        (
            None,
            "2023-12-24T13:24:00",
            "file",
            "Taken · by the file's earliest time",
            "Sunday, December 24, 2023 1:24 PM",
        ),
    ],
)
def test_a_date_says_what_it_was_taken_from(
    panel: InformationPanel,
    taken_at: str | None,
    dated_at: str | None,
    source: DateSource,
    name: str,
    shown: str,
) -> None:
    known = replace(DETAILS.facts, taken_at=taken_at, utc_offset="+09:00" if taken_at else None)
    panel.show_details(replace(DETAILS, facts=known, dated_at=dated_at or taken_at, dated_from=source))
    value = QTextDocumentFragment.fromHtml(facts(panel)[name].value.text()).toPlainText()
    assert " ".join(value.split()) == shown


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("Folder", Place("folder", path=b"/photos/At home")),
        ("Taken · EXIF", "date:2023-12-24"),
        ("Camera", 'camera:"Canon EOS R6"'),
        ("Place", "near:35.005,135.7647,5"),
        ("Keywords", '"spring"'),
        ("People", '"Ana"'),
        ("Albums", Place("album", 3)),
    ],
)
def test_a_fact_leads_to_the_photos_that_share_it(
    qtbot: QtBot, panel: InformationPanel, name: str, to: object
) -> None:
    assert follow(qtbot, facts(panel)[name]) == to
    if isinstance(to, str):
        parse(to)


@pytest.mark.parametrize(("language", "to"), [("en", 'place:"Kyoto, Japan"'), ("zh_CN", "place:日本京都")])
def test_the_town_is_said_in_the_window_s_language_and_leads_to_its_photos(
    qtbot: QtBot, panel: InformationPanel, language: str, to: str
) -> None:
    i18n.use(language)
    town = Town(1857910, "Kyoto", "京都", "Japan", "日本")
    panel.show_details(replace(DETAILS, town=town))
    place = facts(panel)[i18n.tr("Place")]
    assert town.said(language) in QTextDocumentFragment.fromHtml(place.value.text()).toPlainText()
    assert follow(qtbot, place) == to
    parse(to)


def test_what_leads_nowhere_is_plain_and_marks_are_shown_as_they_are(panel: InformationPanel) -> None:
    shown = facts(panel)
    assert "href" not in shown["Size"].value.text()
    said = QTextDocumentFragment.fromHtml(shown["Keywords"].value.text()).toPlainText()
    assert said.replace("\u200b", "") == "spring, Clover <i>Meadow</i>"


def test_a_link_that_was_clicked_is_not_marked(qtbot: QtBot, panel: InformationPanel) -> None:
    panel.show_details(DETAILS)
    fact = facts(panel)["Camera"]
    with qtbot.waitSignal(fact.followed):
        QTest.mouseClick(fact.value, Qt.MouseButton.LeftButton, pos=QPoint(8, fact.value.height() // 2))
    assert not fact.value.hasSelectedText()


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


def test_what_is_written_in_a_photo_is_told_and_copied(panel: InformationPanel) -> None:
    assert "Text" not in facts(panel)
    box = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    panel.show_details(replace(DETAILS, lines=(Line("No <b>parking", box, 0.9), Line("禁止停车", box, 0.9))))
    value = QTextDocumentFragment.fromHtml(facts(panel)["Text"].value.text()).toPlainText()
    assert value == "No <b>parking\n禁止停车"
    QTest.mouseClick(facts(panel)["Text"].findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "No <b>parking\n禁止停车"


def test_an_album_that_fills_itself_is_led_to_as_any(qtbot: QtBot, panel: InformationPanel) -> None:
    panel.show_details(replace(DETAILS, albums={}, live_albums={7: "Dogs"}))
    assert follow(qtbot, facts(panel)["Albums"]) == Place("live", search_id=7)


def test_a_tag_leads_to_its_photos_and_the_mark_behind_it_takes_it_away(
    qtbot: QtBot, panel: InformationPanel
) -> None:
    dog, snow = (tag for tag in shipped() if tag.name in ("dog", "snow"))
    panel.show_details(replace(DETAILS, tags=(dog, snow)))
    fact = facts(panel)["Things"]
    assert QTextDocumentFragment.fromHtml(fact.value.text()).toPlainText().split() == [
        "dog",
        "✕",
        "snow",
        "✕",
    ]
    with qtbot.waitSignal(panel.followed) as followed:
        fact.value.linkActivated.emit("0")
    assert followed.args == [Place("tag", tag="dog")]
    assert 'title="This is not “snow”"' in fact.value.text()
    with qtbot.waitSignal(panel.denied) as denied:
        fact.value.linkActivated.emit("6")
    assert denied.args == [7, "snow"]


def test_the_keyboard_goes_home_with_the_last_tag(panel: InformationPanel) -> None:
    (dog,) = (tag for tag in shipped() if tag.name == "dog")
    panel.home = panel.close_button
    panel.show_details(replace(DETAILS, tags=(dog,)))
    value = facts(panel)["Things"].value
    value.setFocus()
    panel.show_details(replace(DETAILS, tags=()))
    assert value.isHidden() or not value.isVisible()
    assert panel.focusWidget() is panel.home


def test_a_video_is_called_one_and_has_its_length(panel: InformationPanel) -> None:
    assert panel.caption.placeholderText() == "Say what this photo shows"
    assert "Length" not in facts(panel)
    panel.show_details(replace(DETAILS, photo_id=8, video=ShownVideo(83.0, 0, ())))
    assert panel.caption.placeholderText() == "Say what this video shows"
    assert "1:23" in facts(panel)["Length"].value.text()
