"""The models on offer in the settings: what is said of them, and how one is got, paused, measured, found."""

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.core.errors import Sentence
from photosearch.core.extra_messages import (
    AddExtra,
    Extra,
    ExtraChanged,
    ExtraStatus,
    FetchProgress,
    GetExtra,
    StopExtra,
)
from photosearch.core.model_messages import (
    Adding,
    AddingChanged,
    AddModel,
    GetModels,
    GetOffers,
    MeasureOffers,
    Measuring,
    MeasuringChanged,
    Model,
    ModelList,
    Offer,
    OfferList,
    PauseAdding,
    Recall,
    StopAdding,
    StopMeasuring,
)
from photosearch.gui.desktop import language
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.model_offers import OfferRow
from photosearch.gui.shell.settings_dialog import SettingsDialog
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets.model_text import recall_source, recall_text
from tests.helpers.fake_engine import FakeEngine

STRONG = Offer(
    "makers/strong@1",
    "Strong",
    Sentence("Good for English, and half the download of its successor."),
    ("*",),
    "apache-2.0",
    download_bytes=1_540_000_000,
    disk_bytes=1_500_000_000,
    recall=(
        Recall(52.1, "COCO R@1", "en", "its makers"),
        Recall(64.4, "XM3600 R@1, 5, 10", "zh", "Immich"),
    ),
    recommended=True,
)
ENGLISH = Offer("makers/english", "English", languages=("en",), licence="mit", download_bytes=9, disk_bytes=9)
RESEARCH = Offer("makers/research", "Research", languages=("en",), licence="nc", research_only=True)
CHINESE = Offer("makers/chinese", "Chinese", languages=("zh",))
REST = tuple(Offer(f"makers/{name}", name, languages=("en",)) for name in ("five", "six"))
ALL = (ENGLISH, STRONG, RESEARCH, *REST, CHINESE)


@pytest.fixture
def commands(engine: FakeEngine, make_window: Callable[[], Window]) -> Commands:
    engine.replies[GetOffers] = OfferList(ALL, 12_480)
    engine.replies[GetExtra] = ExtraStatus(Extra("installed", "2.9"))
    found = make_window().findChild(Commands)
    assert found is not None
    return found


@pytest.fixture
def dialog(qtbot: QtBot, commands: Commands) -> SettingsDialog:
    opened = commands.open_settings()
    qtbot.waitUntil(lambda: len(opened.models.offers.rows) == 4)
    qtbot.waitUntil(opened.models.offers.torch.isHidden)
    return opened


def order(dialog: SettingsDialog) -> list[str]:
    """The names of what is listed, from top to bottom."""
    rows = dialog.models.offers.rows.values()
    return [row.name.text() for row in sorted(rows, key=lambda row: row.y())]


def row_of(dialog: SettingsDialog, offer: Offer) -> OfferRow:
    return dialog.models.offers.rows[offer.source]


def change(engine: FakeEngine, offer: Offer, **changes: object) -> None:
    """Let the engine say something else of one offer."""
    changed = msgspec.structs.replace(offer, **changes)  # type: ignore[arg-type]
    offers = tuple(changed if each is offer else each for each in ALL)
    engine.replies[GetOffers] = OfferList(offers, 12_480)


@pytest.mark.usefixtures("qapp")
def test_scores_of_one_measure_alone_stand_beside_each_other() -> None:
    chinese = Recall(64.4, "XM3600 R@1, 5, 10", "zh", "Immich")
    assert recall_text((chinese,)) == ""
    assert "64.4" in recall_source((chinese,))
    language.change("zh_CN")
    assert "64.4" in recall_text((chinese,))
    assert recall_text((Recall(53.2, "COCO R@1", "en", "its makers"),)) == ""
    assert "62.7" in recall_text((Recall(62.7, "Flickr30k-CN R@1", "zh", "its makers"),))


def test_what_is_recommended_stands_first_with_all_that_is_to_be_known_of_it(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    qtbot.waitUntil(lambda: order(dialog) == ["Strong", "English", "Research", "five"])
    row = row_of(dialog, STRONG)
    assert row.remark.text() == "Recommended for this computer and your language"
    assert row.about.text() == "Good for English, and half the download of its successor."
    assert row.facts.text() == ("Reads about a hundred languages  ·  1.5 GB to download, 1.5 GB on the disk")
    assert row.terms.text() == "Published score 52.1 of 100 (COCO R@1)  ·  licence apache-2.0"
    assert row.here.isHidden()
    assert "XM3600 R@1, 5, 10, Chinese: 64.4 (Immich)" in row.terms.toolTip()
    assert row.main.accessibleName() == "Get: Strong"
    assert row_of(dialog, RESEARCH).terms.text() == "licence nc, for research only"
    assert row_of(dialog, REST[0]).facts.text() == "Reads English"
    language.change("zh_CN")
    assert row.terms.text() == "公布的成绩：64.4 分，满分 100（XM3600 R@1, 5, 10）  ·  许可证 apache-2.0"


def test_all_others_are_one_press_away_and_the_keyboard_goes_on_there(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    more = dialog.models.offers.more
    assert more.text() == "Show 2 more"
    more.setFocus()
    QTest.keyClick(more, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: order(dialog)[4:] == ["six", "Chinese"])
    assert more.isHidden()
    assert dialog.focusWidget() is row_of(dialog, REST[1]).main


def test_one_is_got_paused_gone_on_with_and_given_up(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    row, other = row_of(dialog, STRONG), row_of(dialog, ENGLISH)
    row.main.setFocus()
    row.main.click()
    assert engine.orders.get(timeout=5) == AddModel(b"makers/strong@1")
    coming = Adding("adding", STRONG.source, "fetching", 500_000_000, 1_540_000_000, 4_000_000.0)
    engine.tell(AddingChanged(coming))
    qtbot.waitUntil(row.bar.isVisible)
    assert row.here.text() == "500.0 MB of 1.5 GB  ·  4.0 MB a second  ·  4 minutes left"
    assert (row.bar.value(), row.bar.maximum()) == (324, 1000)
    assert (row.main.text(), row.second.text()) == ("Pause", "Stop")
    assert dialog.focusWidget() is row.main
    assert not other.main.isEnabled() and "One model comes at a time" in other.main.toolTip()
    assert not dialog.models.adding.said.isVisible()
    row.main.click()
    assert engine.orders.get(timeout=5) == PauseAdding()
    change(engine, STRONG, state="paused", done=500_000_000)
    engine.tell(AddingChanged(msgspec.structs.replace(coming, phase="paused")))
    qtbot.waitUntil(lambda: row.here.text() == "Paused: 500.0 MB of 1.5 GB are here")
    assert (row.main.text(), row.second.text(), other.main.isEnabled()) == ("Resume", "Delete", True)
    row.main.click()
    assert engine.orders.get(timeout=5) == AddModel(b"makers/strong@1")
    row.second.click()
    assert engine.orders.get(timeout=5) == StopAdding(STRONG.source)
    engine.tell(AddingChanged(Adding("adding", STRONG.source, "exporting")))
    qtbot.waitUntil(lambda: row.here.text() == "preparing it for this computer…")
    row.second.click()
    assert engine.orders.get(timeout=5) == StopAdding()


def test_what_goes_wrong_is_said_in_the_row_that_can_be_tried_again(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    failure = Sentence("The disk is full.")
    engine.tell(AddingChanged(Adding(source=ENGLISH.source, sentence=failure)))
    row = row_of(dialog, ENGLISH)
    qtbot.waitUntil(row.fault.isVisible)
    assert (row.fault.text(), row.main.text()) == ("The disk is full.", "Try again")
    assert not dialog.models.adding.said.isVisible()
    row.main.click()
    assert engine.orders.get(timeout=5) == AddModel(b"makers/english")


def test_what_the_engine_refuses_is_said(qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog) -> None:
    engine.refusal = "Another model is being added; let that end first."
    row_of(dialog, ENGLISH).main.click()
    qtbot.waitUntil(lambda: dialog.models.said.text() == engine.refusal)


def test_one_that_is_here_leaves_the_list_and_is_told_of_among_the_models(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    change(engine, STRONG, state="here", model_id="s", ms=50.0, seconds=624.0)
    engine.replies[GetModels] = ModelList((Model("s", "strong", "", 1, True, "here", 0),), 12_480)
    engine.tell(AddingChanged(Adding(source=STRONG.source, added="strong")))
    qtbot.waitUntil(lambda: "s" in dialog.models.rows)
    qtbot.waitUntil(lambda: order(dialog) == ["English", "Research", "five", "six"])
    row = dialog.models.rows["s"]
    assert row.about.text().startswith("Good for English")
    assert row.here.text() == "“strong” was added. Use lets it read your photos."  # beside Use
    row.second.click()
    (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
    question.buttons()[0].click()
    assert row.here.text().endswith("your 12,480 photos in about 10 minutes")  # as something else is done


def test_for_research_only_is_asked_about_first(engine: FakeEngine, dialog: SettingsDialog) -> None:
    row_of(dialog, RESEARCH).main.click()
    (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
    assert "Its licence, nc, allows no other use." in question.informativeText()
    assert engine.orders.empty()
    question.buttons()[0].click()
    assert engine.orders.get(timeout=5) == AddModel(b"makers/research")


def test_speed_is_measured_before_anything_is_downloaded(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    offers = dialog.models.offers
    assert offers.measure.isVisible()
    offers.measure.click()
    assert engine.orders.get(timeout=5) == MeasureOffers()  # of those that are folded in, too
    measuring = Measuring(STRONG.source, 1, 4)
    engine.replies[GetOffers] = OfferList(ALL, 12_480, measuring)
    engine.tell(MeasuringChanged(measuring))
    qtbot.waitUntil(lambda: offers.measure.text() == "Stop")
    assert row_of(dialog, STRONG).here.text() == "Its speed here is being measured…"
    labels = [label.text() for label in offers.findChildren(QLabel)]
    assert "Measuring how fast they are here: 1 of 4, now Strong" in labels
    offers.measure.click()
    assert engine.orders.get(timeout=5) == StopMeasuring()
    change(engine, STRONG, ms=50.0, seconds=624.0)
    engine.tell(MeasuringChanged(Measuring()))
    said = "Here 20 photos a second: your 12,480 photos in about 10 minutes"
    qtbot.waitUntil(lambda: row_of(dialog, STRONG).here.text() == said)
    change(engine, STRONG, recommended=False)
    offers.refresh()
    qtbot.waitUntil(row_of(dialog, STRONG).remark.isHidden)
    assert order(dialog) == ["Strong", "English", "Research", "five"]  # nothing moves under the pointer


def test_where_torch_is_missing_it_is_said_and_offered_first(
    qtbot: QtBot, engine: FakeEngine, commands: Commands
) -> None:
    engine.replies[GetExtra] = ExtraStatus(Extra("missing"))
    dialog = commands.open_settings()
    offers = dialog.models.offers
    qtbot.waitUntil(lambda: offers.torch.isVisible() and STRONG.source in offers.rows)
    assert not offers.measure.isVisible()
    for button, model in ((offers.torch, b""), (row_of(dialog, STRONG).main, STRONG.source.encode())):
        button.click()
        (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
        assert question.text() == "Fetch torch?"
        question.buttons()[0].click()
        assert engine.orders.get(timeout=5) == AddExtra(model_bytes=model)
        qtbot.waitUntil(lambda: not any(box.isVisible() for box in dialog.findChildren(QMessageBox)))
    progress = FetchProgress("downloading", 100_000_000, 200_000_000)
    engine.tell(ExtraChanged(Extra("changing", progress=progress, model=STRONG.source)))
    qtbot.waitUntil(lambda: offers.torch.text() == "Stop")
    assert not row_of(dialog, STRONG).main.isEnabled()
    assert row_of(dialog, STRONG).here.text() == "Is downloaded once torch is here"
    assert row_of(dialog, ENGLISH).here.isHidden()
    offers.torch.click()
    assert engine.orders.get(timeout=5) == StopExtra()
    engine.tell(ExtraChanged(Extra("fetched", "2.9")))
    qtbot.waitUntil(offers.torch.isHidden)
    assert row_of(dialog, STRONG).main.isEnabled()
    assert row_of(dialog, STRONG).here.isHidden()
    assert engine.orders.empty()


def test_for_research_only_is_asked_about_before_torch(
    qtbot: QtBot, engine: FakeEngine, commands: Commands
) -> None:
    engine.replies[GetExtra] = ExtraStatus(Extra("missing"))
    dialog = commands.open_settings()
    qtbot.waitUntil(
        lambda: dialog.models.offers.torch.isVisible() and RESEARCH.source in dialog.models.offers.rows
    )
    row_of(dialog, RESEARCH).main.click()
    for asked in ("Get “Research”, for research only?", "Fetch torch?"):
        (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
        assert (question.text(), engine.orders.empty()) == (asked, True)
        question.buttons()[0].click()
        qtbot.waitUntil(lambda question=question: not question.isVisible())
    assert engine.orders.get(timeout=5) == AddExtra(model_bytes=RESEARCH.source.encode())


def test_who_typed_what_the_model_does_not_read_is_led_to_those_that_do(
    qtbot: QtBot, commands: Commands
) -> None:
    dialog = commands.open_models("海滩上的狗")
    qtbot.waitUntil(lambda: order(dialog)[:2] == ["Strong", "Chinese"])
    both = "Reads what you typed  ·  Recommended for this computer and your language"
    for offer, remark in ((STRONG, both), (CHINESE, "Reads what you typed"), (ENGLISH, "")):
        assert row_of(dialog, offer).remark.text() == remark
    assert dialog.focusWidget() is row_of(dialog, STRONG).main
