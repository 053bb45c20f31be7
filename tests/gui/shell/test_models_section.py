"""The models in the settings: what is listed, what its buttons ask the engine for, and how one comes in."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QStyle, QStyleOptionButton
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.core.extra_messages import AddExtra, Extra, ExtraChanged, FetchProgress
from photosearch.core.file_names import uri_of
from photosearch.core.model_messages import (
    Adding,
    AddingChanged,
    AddModel,
    AskModel,
    CancelChange,
    ChangeModel,
    GetModels,
    GetOffers,
    Model,
    ModelChanged,
    ModelList,
    ModelsChanged,
    Offer,
    OfferList,
    PauseAdding,
    PauseChange,
    StopAdding,
)
from photosearch.gui.desktop import language
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.settings_dialog import SettingsDialog
from photosearch.gui.shell.window import Window
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf

BUNDLED = Model("b", "bundled", "Apache-2.0", 112_300_000, False, "answers", 90)
CLIP = Model("c", "clip", "", 1_240_000_000, True, "here", 0)
HUB_ID = "google/siglip-base"


@pytest.fixture
def dialog(qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]) -> SettingsDialog:
    engine.replies[GetModels] = ModelList((BUNDLED, CLIP), 120)
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    qtbot.waitUntil(lambda: set(opened.models.rows) == {"b", "c"})
    return opened


def answer(dialog: SettingsDialog, *, yes: bool) -> str:
    """What the question said that is open."""
    (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
    said = f"{question.text()} {question.informativeText()}"
    question.buttons()[0 if yes else 1].click()
    return said


def told(engine: FakeEngine, adding: Adding) -> None:
    engine.tell(AddingChanged(adding))


def state_of(model: Model, **changes: object) -> Model:
    return msgspec.structs.replace(model, **changes)  # type: ignore[arg-type]


def test_each_model_says_what_it_is_and_what_can_be_done(dialog: SettingsDialog) -> None:
    bundled, clip = dialog.models.rows["b"], dialog.models.rows["c"]
    assert bundled.name.text() == "PhotoSearch's own model"
    assert bundled.remark.text() == "Answers your searches"
    assert bundled.facts.text() == "licence Apache-2.0  ·  112.3 MB"
    assert clip.facts.text() == "licence unknown  ·  1.2 GB"
    assert not any(part.isVisible() for part in (bundled.main, bundled.second, bundled.bar, clip.remark))
    assert (clip.main.accessibleName(), clip.second.accessibleName()) == ("Use: clip", "Delete…: clip")


def test_tab_leads_from_model_to_model_and_on_to_the_ways_to_add_one(dialog: SettingsDialog) -> None:
    clip, box = dialog.models.rows["c"], dialog.models.adding
    clip.second.setFocus()
    for following in (clip.main, box.folder, box.file, box.other):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is following
    QTest.keyClick(box.other, Qt.Key.Key_Space)
    assert dialog.focusWidget() is box.hub_id


def test_a_change_is_begun_paused_gone_on_with_and_ended(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    row = dialog.models.rows["c"]
    row.main.setFocus()
    row.main.click()
    assert engine.orders.get(timeout=5) == ChangeModel("c")
    reading = state_of(CLIP, state="reading", photos=30)
    engine.replies[GetModels] = ModelList((BUNDLED, reading), 120)
    engine.tell(ModelsChanged())
    qtbot.waitUntil(row.bar.isVisible)
    assert row.facts.text().startswith(
        "Reads your photos: 30 of 120; until it knows them, PhotoSearch's own model answers"
    )
    assert (row.bar.value(), row.bar.maximum()) == (30, 120)
    assert (row.main.text(), row.second.text()) == ("Pause", "Stop")
    assert dialog.focusWidget() is row.main  # one can go on by the keyboard
    row.main.click()
    assert engine.orders.get(timeout=5) == PauseChange(True)
    engine.replies[GetModels] = ModelList((BUNDLED, state_of(reading, state="paused", photos=40)), 120)
    engine.tell(ModelsChanged())
    qtbot.waitUntil(lambda: row.facts.text().startswith("Paused at 40 of 120 photos"))
    row.main.click()
    assert engine.orders.get(timeout=5) == PauseChange(False)
    row.second.click()
    assert engine.orders.get(timeout=5) == CancelChange(keep=True)
    assert dialog.restart.isHidden()


def test_how_far_reading_is_follows_the_photos_that_come(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    engine.replies[GetModels] = ModelList((BUNDLED, state_of(CLIP, state="reading", photos=50)), 120)
    engine.tell(messages.PhotosChanged(120))
    qtbot.waitUntil(lambda: dialog.models.rows["c"].bar.value() == 50)


def test_what_was_used_before_is_one_press_away_and_photos_that_only_it_knows_are_told_of(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    clip = state_of(CLIP, state="answers", photos=118)
    before = state_of(BUNDLED, state="beside", photos=120, beside=2, before=True)
    engine.replies[GetModels] = ModelList((before, clip), 120)
    engine.tell(ModelChanged("c", "clip", "b", "bundled", 2))
    row = dialog.models.rows["b"]
    qtbot.waitUntil(lambda: row.main.text() == "Change back")
    assert row.facts.text().startswith("Answers for 2 photos that clip cannot read now")
    row.main.click()
    assert engine.orders.get(timeout=5) == ChangeModel("b")


def test_a_model_is_deleted_only_once_it_was_said_what_goes(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    delete = dialog.models.rows["c"].second
    delete.click()
    assert "Delete the model “clip”?" in answer(dialog, yes=False)
    delete.click()
    assert "(1.2 GB) are deleted, and what it knew of your photos" in answer(dialog, yes=True)
    assert engine.orders.get(timeout=5) == messages.ForgetModel("c")
    engine.replies[GetModels] = ModelList((BUNDLED,), 120)
    dialog.models.refresh()
    qtbot.waitUntil(lambda: set(dialog.models.rows) == {"b"})
    assert engine.orders.empty()


def test_what_the_engine_refuses_is_said_in_place(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    engine.refusal = "This model is in use; choose another one first."
    dialog.models.rows["c"].second.click()
    answer(dialog, yes=True)
    said = dialog.models.said
    qtbot.waitUntil(lambda: said.isVisible() and said.text() == engine.refusal)


def test_a_folder_or_file_is_chosen_or_dropped(
    engine: FakeEngine, dialog: SettingsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = dialog.models.adding
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: os.fspath(tmp_path))
    box.folder.click()
    assert engine.orders.get(timeout=5) == AddModel(os.fsencode(tmp_path))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    box.folder.click()
    weights = tmp_path / "model.safetensors"
    began: list[object] = []
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *asked: (began.append(asked[2]), (os.fspath(weights), ""))[1]
    )
    box.file.click()
    assert began == [os.fspath(tmp_path.parent)]  # where the folder was
    assert engine.orders.get(timeout=5) == AddModel(os.fsencode(weights))
    (tmp_path / "a file").touch()
    odd = Path(os.fsdecode(b"/my\xff.safetensors"))  # a file is not looked at, so it need not be there
    for carried, taken in ((tmp_path / "a file", False), (weights, True), (tmp_path, True), (odd, True)):
        data = QMimeData()
        data.setUrls([QUrl.fromEncoded(uri_of(os.fspath(carried)).encode())])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
        entering.setAccepted(False)
        QApplication.sendEvent(dialog.models, entering)
        assert entering.isAccepted() == taken
        if taken:
            dropped = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
            QApplication.sendEvent(dialog.models, dropped)
            assert engine.orders.get(timeout=5) == AddModel(os.fsencode(carried))
    assert engine.orders.empty()


def test_the_path_of_a_folder_in_the_place_of_an_id_is_not_asked_of_the_hub(
    engine: FakeEngine, dialog: SettingsDialog, tmp_path: Path
) -> None:
    box = dialog.models.adding
    box.hub_id.setText(f" {tmp_path} ")
    QTest.keyClick(box.hub_id, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == AddModel(os.fsencode(tmp_path))
    assert engine.orders.empty()


def test_an_id_of_the_hub_is_downloaded_once_it_was_said_how_much_that_is(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    box = dialog.models.adding
    box.other.click()
    assert not box.ask.isEnabled()
    QTest.keyClicks(box.hub_id, HUB_ID)
    QTest.keyClick(box.hub_id, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert engine.orders.get(timeout=5) == AskModel(HUB_ID)
    told(engine, Adding("asking", HUB_ID))
    qtbot.waitUntil(box.stop.isVisible)
    assert box.said.text() == f"Asking the hub for {HUB_ID}…"
    for agreed in (False, True):
        told(engine, Adding("asked", HUB_ID, total=812_700_000))
        qtbot.waitUntil(lambda: any(found.isVisible() for found in dialog.findChildren(QMessageBox)))
        said = answer(dialog, yes=agreed)
        assert f"Download {HUB_ID}?" in said and "812.7 MB come from the hub" in said
        wanted = AddModel(HUB_ID.encode()) if agreed else StopAdding()
        assert engine.orders.get(timeout=5) == wanted
        told(engine, Adding())
        qtbot.waitUntil(box.ask.isVisible)
        if not agreed:
            QTest.keyClick(box.hub_id, Qt.Key.Key_Return)
            assert engine.orders.get(timeout=5) == AskModel(HUB_ID)
    assert engine.orders.empty()


def test_why_an_id_is_refused_is_said_below_its_field(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    box = dialog.models.adding
    box.other.click()
    QTest.keyClicks(box.hub_id, HUB_ID)
    QTest.keyClick(box.hub_id, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == AskModel(HUB_ID)
    told(engine, Adding(source=HUB_ID, sentence=Sentence("The hub has no such model.")))
    qtbot.waitUntil(box.refused.isVisible)
    assert box.refused.text() == "The hub has no such model."
    qtbot.waitUntil(lambda: box.refused.geometry().top() >= box.hub_id.geometry().bottom())  # laid out
    assert not box.said.isVisible()


def test_an_id_that_is_on_offer_is_asked_for_too_and_its_card_is_scrolled_to(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    offers, box = dialog.models.offers, dialog.models.adding
    names = ("a", "b", "c", "d", "e", "timm/PE-Core-T-16-384")
    engine.replies[GetOffers] = OfferList(tuple(Offer(name, name) for name in names), 120)
    offers.refresh()
    qtbot.waitUntil(lambda: len(offers.rows) == 4)
    box.other.click()
    QTest.keyClicks(box.hub_id, names[-1])
    QTest.keyClick(box.hub_id, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == AskModel(names[-1])
    row = offers.rows[names[-1]]
    qtbot.waitUntil(lambda: not row.main.visibleRegion().isEmpty())
    told(engine, Adding("asking", names[-1]))
    qtbot.waitUntil(lambda: box.said.text().startswith("Asking the hub for PE-Core T/16"))
    told(engine, Adding("asked", names[-1], total=12_100_000))
    qtbot.waitUntil(lambda: any(found.isVisible() for found in dialog.findChildren(QMessageBox)))
    assert "12.1 MB come from the hub" in answer(dialog, yes=True)
    assert engine.orders.get(timeout=5) == AddModel(names[-1].encode())
    told(engine, Adding("adding", names[-1], "fetching", 5, 9))
    qtbot.waitUntil(lambda: row.main.text() == "Pause")
    assert dialog.focusWidget() is row.main


def test_the_keyboard_stays_with_an_id_through_its_download(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    offers, box = dialog.models.offers, dialog.models.adding
    box.other.click()
    QTest.keyClicks(box.hub_id, HUB_ID)
    assert dialog.focusWidget() is box.hub_id
    told(engine, Adding("asking", HUB_ID))
    qtbot.waitUntil(lambda: dialog.focusWidget() is box.stop)
    told(engine, Adding("asked", HUB_ID, total=9))
    qtbot.waitUntil(lambda: dialog.focusWidget() is box.hub_id)
    told(engine, Adding("adding", HUB_ID))
    qtbot.waitUntil(lambda: dialog.focusWidget() is box.stop)
    told(engine, Adding("adding", HUB_ID, "fetching", 3, 9))
    qtbot.waitUntil(lambda: dialog.focusWidget() is box.pause)
    engine.replies[GetOffers] = OfferList((Offer(HUB_ID, HUB_ID, state="coming", done=3),), 120)
    offers.refresh()
    qtbot.waitUntil(lambda: HUB_ID in offers.rows)
    assert dialog.focusWidget() is offers.rows[HUB_ID].main
    engine.replies[GetOffers] = OfferList((), 120)
    told(engine, Adding())
    qtbot.waitUntil(lambda: dialog.focusWidget() is box.hub_id)


@pytest.mark.parametrize("takes_torch", [True, False])
def test_where_torch_is_missing_it_is_fetched_first_for_an_id_that_takes_it(
    takes_torch: bool, qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    box = dialog.models.adding
    box.other.click()
    engine.tell(ExtraChanged(Extra("missing")))
    qtbot.waitUntil(lambda: not dialog.models.offers.torch.isHidden())
    box.hub_id.setText(HUB_ID)
    box.ask.click()
    assert engine.orders.get(timeout=5) == AskModel(HUB_ID)
    told(engine, Adding("asked", HUB_ID, total=812_700_000, takes_torch=takes_torch))
    qtbot.waitUntil(lambda: any(found.isVisible() for found in dialog.findChildren(QMessageBox)))
    answer(dialog, yes=True)
    if not takes_torch:
        assert engine.orders.get(timeout=5) == AddModel(HUB_ID.encode())
        return
    assert "Fetch torch?" in answer(dialog, yes=True)
    assert engine.orders.get(timeout=5) == AddExtra(model_bytes=HUB_ID.encode())
    engine.tell(ExtraChanged(Extra("changing", progress=FetchProgress("finding"), model=HUB_ID)))
    qtbot.waitUntil(lambda: box.said.text() == f"“{HUB_ID}” is downloaded once torch is here.")
    assert not box.ask.isEnabled()
    engine.tell(ExtraChanged(Extra("fetched", "2.9")))
    qtbot.waitUntil(box.said.isHidden)
    assert engine.orders.empty()


def test_nobody_is_asked_for_what_another_face_wants(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    told(engine, Adding("asking", HUB_ID))
    qtbot.waitUntil(dialog.models.adding.stop.isVisible)
    told(engine, Adding("asked", HUB_ID, total=1))
    qtbot.waitUntil(dialog.models.adding.folder.isVisible)
    assert not dialog.findChildren(QMessageBox)


def test_progress_stop_failure_and_success_are_shown_where_it_was_asked_for(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    box, window = dialog.models.adding, dialog.parent()
    assert isinstance(window, Window)
    told(engine, Adding("adding", HUB_ID, "fetching", 213_000_000, 812_000_000))
    said = f"Downloading {HUB_ID}: 213.0 MB of 812.0 MB"
    qtbot.waitUntil(lambda: box.said.text() == window.status.text.text() == said)
    assert not box.folder.isVisible()
    box.pause.click()
    assert engine.orders.get(timeout=5) == PauseAdding()
    told(engine, Adding("adding", "/downloads/clip", "checking"))
    qtbot.waitUntil(lambda: box.said.text() == "Adding clip: checking that it works…")
    assert box.pause.isHidden()
    box.stop.click()
    assert engine.orders.get(timeout=5) == StopAdding()
    failure = Sentence(
        "{source} is neither a folder nor the id of a model of the hub; write it as owner/name.", source="x/y"
    )
    told(engine, Adding(source="x/y", sentence=failure))
    qtbot.waitUntil(lambda: box.said.text() == str(failure))
    assert box.folder.isVisible()
    language.change("zh_CN")
    assert box.said.text() == "x/y 既不是文件夹，也不是 Hub 上模型的 ID；请写成 owner/name。"
    language.change("en")
    note = Sentence(
        "How sure it is of a hit was not calibrated on known answers; it is fitted on your photos, once it "
        "has read some."
    )
    added = Adding(source=HUB_ID, added="new", notes=(note,))
    new = Model("n", "new", "", 1, True, "here", 0)
    engine.replies[GetModels] = ModelList((BUNDLED, CLIP, new), 120, added)
    told(engine, added)
    qtbot.waitUntil(lambda: "n" in dialog.models.rows)
    said = "“new” was added. Use lets it read your photos. How sure it is"
    qtbot.waitUntil(lambda: box.said.text().startswith(said))
    dialog.models.rows["c"].main.click()
    assert box.said.isHidden()  # as something else is done
    told(engine, Adding("adding", HUB_ID))
    told(engine, added)
    qtbot.waitUntil(lambda: box.said.text().startswith(said))
    engine.replies[GetModels] = ModelList((BUNDLED, CLIP, state_of(new, photos=120, before=True)), 120, added)
    engine.tell(ModelsChanged())  # it was used, and left again
    qtbot.waitUntil(box.said.isHidden)


def test_where_the_model_does_not_read_what_was_typed_one_press_leads_to_the_models(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, make_window: Callable[[], Window]
) -> None:
    ids = shelf.add(2)
    caveat = Sentence("This model reads English; describe the photo in English, or choose another model.")
    engine.search = lambda question: msgspec.structs.replace(
        result(ids), caveat=caveat if "狗" in getattr(question, "text", "") else None
    )
    window = make_window()
    header = window.header
    for typed, offered in (("dogs", False), ("狗", True)):
        header.field.setText(typed)
        QTest.keyClick(header.field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.search.shown == window.search.runner.question)
        assert header.models.isVisible() == offered
    header.models.click()
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.isVisible() and not dialog.models.visibleRegion().isEmpty())
    dialog.accept()
    window.search.clear()
    qtbot.waitUntil(header.models.isHidden)


def test_a_quiet_button_below_text_begins_where_the_text_does(dialog: SettingsDialog) -> None:
    adding = dialog.models.adding
    button, edge = adding.other, adding.folder.mapTo(dialog, QPoint(0, 0)).x()
    option = QStyleOptionButton()
    button.initStyleOption(option)
    within = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
    assert button.mapTo(dialog, within.topLeft()).x() == edge
    around = button.parentWidget()
    while around is not None and around is not dialog:  # nothing cuts its ring off
        assert button.mapTo(around, QPoint(0, 0)).x() >= 0
        around = around.parentWidget()
