"""What several photos share, in words."""

from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.gui.library.places import Place
from photosearch.gui.viewer.information import Fact, InformationPanel
from photosearch.gui.viewer.shared_text import facts
from photosearch.store.shared import Shared

SHARED = Shared(
    photos=3,
    first="2023-12-24T13:24:00",
    last="2024-04-03T08:00:00",
    size=2_500_000,
    folders=[(b"/home/ana", 3)],
    cameras=[("Canon EOS R6", 2), *((f"Phone {number}", 1) for number in range(6))],
    caption=None,
    stars=[(5, 2), (0, 1)],
    favourites=0,
    albums=[],
)


def told(shared: Shared) -> dict[str, str]:
    return {name: "".join(piece.text for piece in pieces) for name, pieces in facts(shared)}


def test_what_all_have_stands_alone_and_the_rest_says_how_many() -> None:
    assert told(SHARED) == {
        "Dates": "Sunday, December 24, 2023 – Wednesday, April 3, 2024",
        "Size": "2.5 MB",
        "Folder": "/home/ana",
        "Camera": "Canon EOS R6: 2 of 3\nPhone 0: 1 of 3\nPhone 1: 1 of 3\nPhone 2: 1 of 3\nPhone 3: 1 of 3\n"
        "and 2 more",
        "Rating": "5 stars: 2 of 3\nNo stars: 1 of 3",
        "Favourites": "",
        "Albums": "",
    }
    same = SHARED._replace(last=SHARED.first, favourites=3)
    assert told(same)["Dates"] == "Sunday, December 24, 2023"
    assert told(same)["Favourites"] == "Favourite"


def test_what_they_share_leads_to_the_photos_that_have_it(qtbot: QtBot) -> None:
    panel = InformationPanel()
    qtbot.addWidget(panel)
    several = SHARED._replace(
        last=SHARED.first,
        folders=[(b"/home/ana/Lake", 2), (b"/home/ana", 1)],
        cameras=[("Canon EOS R6", 3)],
        albums=[(7, "Summer", 1)],
    )
    panel.show_shared(several, [1, 2, 3])
    shown = {fact.name.text(): fact.value for fact in panel.findChildren(Fact)}
    for name, link, to in (
        ("Dates", 0, "date:2023-12-24"),
        ("Folder", 0, Place("folder", path=b"/home/ana/Lake")),
        ("Folder", 2, Place("folder", path=b"/home/ana")),
        ("Camera", 0, 'camera:"Canon EOS R6"'),
        ("Albums", 0, Place("album", 7)),
    ):
        assert f'<a href="{link}"' in shown[name].text()
        with qtbot.waitSignal(panel.followed) as followed:
            shown[name].linkActivated.emit(str(link))
        assert followed.args == [to]
    panel.show_shared(several._replace(last="2024-04-03T08:00:00"), [1, 2, 3])
    assert "<a" not in shown["Dates"].text() and "<a" not in shown["Rating"].text()


def test_the_panel_shows_the_stars_and_the_caption_that_all_have(qtbot: QtBot) -> None:
    panel = InformationPanel()
    qtbot.addWidget(panel)
    panel.show_shared(SHARED._replace(stars=[(4, 3)], caption="Rusty"), [1, 2, 3])
    assert panel.stars.rating == 4
    assert panel.caption.toPlainText() == "Rusty"
    with qtbot.waitSignal(panel.captioned) as captioned:
        panel.caption.setPlainText("Bella")
        panel.show_shared(SHARED, [4, 5, 6])  # others are selected: it is saved first
    assert captioned.args == [(1, 2, 3), "Bella", None]
    assert (panel.stars.rating, panel.stars.accessibleDescription()) == (0, "Different stars")
    assert panel.caption.toPlainText() == ""


def test_the_panel_shows_it_and_goes_back_to_one(qtbot: QtBot) -> None:
    panel = InformationPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_shared(SHARED, [1, 2, 3])
    assert panel.stars.isVisible() and panel.caption.isVisible()
    shown = [fact for fact in panel.findChildren(Fact) if fact.isVisible()]
    assert [fact.name.text() for fact in shown] == ["Dates", "Size", "Folder", "Camera", "Rating"]
    i18n.use("zh_CN")
    panel.retranslate()
    assert shown[4].value.accessibleName() == "评分: 5 星：3 张中的 2 张\n无星级：3 张中的 1 张"
    panel.show_details(None)
    assert panel.shared is None and not shown[0].isVisible()
    assert not panel.stars.isVisible() and not panel.caption.isVisible()
