"""Every screen of docs/interface.md: how a window comes to show it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from photosearch.core import extra_messages, history_messages, messages
from photosearch.core.errors import Sentence
from photosearch.core.extra_messages import Extra
from photosearch.core.model_messages import (
    Adding,
    AddingChanged,
    Compared,
    CompareModels,
    GetModels,
    GetOffers,
    ModelList,
)
from photosearch.core.progress import Progress
from photosearch.gui.desktop.crash import CrashDialog
from photosearch.gui.grid.justified_view import LOWEST
from photosearch.gui.grid.scrubber import Scrubber
from photosearch.gui.grid.spots import SpotKind, corners, stack_badge
from photosearch.gui.library.places import Place
from photosearch.gui.library.sidebar_row import node_of
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.restore_dialog import RestoreDialog
from photosearch.gui.shell.settings_dialog import SettingsDialog
from photosearch.gui.shell.window import Window
from photosearch.gui.teach.compare_dialog import CompareDialog
from photosearch.store import backup
from photosearch.store.stacking import Stacked
from photosearch.updates import Release
from tests.helpers import gallery
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.gallery import Gallery
from tests.helpers.grids import middle_of, point_at

_CALM_MS = 30  # after which nothing is under way any more


class Stage:
    """A window, what it shows, and hands."""

    def __init__(self, window: Window, gallery: Gallery, engine: FakeEngine, qtbot: QtBot) -> None:
        self.window, self.gallery, self.engine, self.qtbot = window, gallery, engine, qtbot
        self.grid, self.field = window.grid, window.header.field
        self.detail = window.viewer.detail

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def settle(self) -> None:
        """Until all thumbnails in view are there."""
        QApplication.processEvents()
        ids = [int(self.grid.ids[index]) for index in self.grid.visible()] if self.grid.isVisible() else []
        self.wait(lambda: all(self.grid.thumbnails.get(photo_id) for photo_id in ids))
        self.qtbot.wait(_CALM_MS)

    def tell(self, event: messages.AnyEvent) -> None:
        self.engine.tell(event)

    def browse(self) -> None:
        self.wait(lambda: len(self.grid.ids) == len(self.gallery.ids))
        self.settle()

    def search(self, text: str) -> None:
        self.field.setFocus()
        self.field.setText(text)
        QTest.keyClick(self.field, Qt.Key.Key_Return)
        self.wait(lambda: self.window.search.shown == self.window.search.runner.question)
        self.settle()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifiers)

    def look_at(self, photo_id: int) -> None:
        self.window.viewer.open(photo_id)
        self.wait(lambda: self.detail.details is not None and self.detail.details.photo_id == photo_id)
        if photo_id != self.gallery.away:
            self.wait(lambda: self.window.viewer.previews.get(photo_id))

    def index(self, progress: Progress, *jobs: messages.Job) -> None:
        self.tell(messages.JobsChanged(jobs))
        self.tell(messages.ProgressChanged(progress))
        self.wait(self.window.status.pause.isVisible)

    @property
    def commands(self) -> Commands:
        found = self.window.findChild(Commands)
        assert isinstance(found, Commands)
        return found


Made = QWidget | None  # another window than the main one, which is the screen


class Screen(NamedTuple):
    name: str
    show: Callable[[Stage], Made]
    photos: bool  # False: on a library without any
    walked: bool  # by Tab; and seen in a large window too
    narrow: bool  # seen in the narrowest window, too


SCREENS: list[Screen] = []


def screen(
    *, photos: bool = True, walked: bool = False, narrow: bool = False
) -> Callable[[Callable[[Stage], Made]], Any]:
    def register(show: Callable[[Stage], Made]) -> Callable[[Stage], Made]:
        SCREENS.append(Screen(show.__name__.replace("_", "-"), show, photos, walked, narrow))
        return show

    return register


@screen(photos=False, walked=True, narrow=True)
def welcome(stage: Stage) -> Made:
    stage.wait(stage.window.pages.welcome.isVisible)
    return None


@screen(photos=False, walked=True)
def first_run(stage: Stage) -> Made:
    """Where the system knows a folder of pictures, and there are some in it."""
    stage.wait(stage.window.pages.welcome.isVisible)
    stage.window.pages.welcome.offer_pictures(os.fsdecode(gallery.HOME), 1_234, True)
    return None


@screen(photos=False)
def drop(stage: Stage) -> Made:
    stage.wait(stage.window.pages.welcome.isVisible)
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(os.fsdecode(gallery.HOME))])
    QApplication.sendEvent(
        stage.window,
        QDragEnterEvent(
            QPoint(640, 400),
            Qt.DropAction.CopyAction,
            carried,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    return None


@screen(photos=False)
def looking_for_photos(stage: Stage) -> Made:
    stage.index(Progress("scanning", 0, 1_200), messages.Job(1, (gallery.HOME,), True))
    stage.wait(stage.window.pages.message.isVisible)
    return None


@screen()
def filling(stage: Stage) -> Made:
    stage.browse()
    progress = Progress("indexing", 41_200, 100_000, 3, 28.4, 2_070.0)
    stage.index(progress, messages.Job(1, (gallery.FOLDERS[0],), True))
    return None


@screen(walked=True)
def timeline(stage: Stage) -> Made:
    stage.browse()
    stage.grid.enter()
    return None


@screen()
def timeline_further_down(stage: Stage) -> Made:
    """With photos so large that there is far to go, and the years stand at the side."""
    stage.browse()
    stage.grid.set_row_height(2 * stage.grid.row_height)
    stage.wait(lambda: stage.window.findChild(Scrubber).isVisible())
    bar = stage.grid.verticalScrollBar()
    bar.setValue(round(bar.maximum() * 0.4))
    return None


@screen(walked=True)
def months(stage: Stage) -> Made:
    stage.browse()
    stage.grid.set_row_height(LOWEST)
    stage.grid.enter()
    stage.press(Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    stage.wait(stage.grid.overview.isVisible)
    return None


@screen()
def stacks(stage: Stage) -> Made:
    """One that is folded, whose badge is pointed at; one that is unfolded; what is selected is said."""
    stage.browse()
    ids = stage.gallery.ids
    stacks = ((ids[1], ids[2], ids[3]), (ids[5], ids[4]), (ids[6], *ids[7:]))
    rows = sorted((one, number, place) for number, of in enumerate(stacks) for place, one in enumerate(of))
    stage.grid.show_stacks(Stacked(*np.array(rows, dtype=np.int64).T))
    stage.grid.enter()
    stage.grid.set_current(ids[1])
    stage.press(Qt.Key.Key_Period)
    stage.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    stage.wait(stage.window.selection.isVisible)
    stage.settle()
    places = corners(stage.grid.cell_of(4), stack_badge(stage.grid.folding, 4))
    point_at(stage.grid, places[SpotKind.STACK].center().toPoint())
    return None


@screen(walked=True)
def results(stage: Stage) -> Made:
    stage.browse()
    stage.search(gallery.QUERY)
    return None


@screen(walked=True)
def results_with_chips(stage: Stage) -> Made:
    stage.browse()
    stage.search(gallery.WITH_CHIPS)
    stage.tell(messages.PhotosChanged(len(stage.gallery.ids)))
    stage.window.header.new_matches(12)
    return None


@screen()
def results_by_day(stage: Stage) -> Made:
    stage.browse()
    stage.window.header.order.take("date", "day")
    stage.window.search.runner.set_order("date", "day")
    stage.search(gallery.QUERY)
    return None


@screen()
def less_likely(stage: Stage) -> Made:
    stage.browse()
    stage.search(gallery.QUERY)
    stage.wait(lambda: len(stage.grid.ids) == len(stage.gallery.ids))
    stage.grid.verticalScrollBar().setValue(300)
    return None


@screen()
def similar(stage: Stage) -> Made:
    stage.browse()
    stage.grid.enter()
    stage.press(Qt.Key.Key_S)
    stage.wait(lambda: stage.window.header.chips.chips)
    return None


@screen()
def marked(stage: Stage) -> Made:
    stage.browse()
    stage.search("cats")
    stage.grid.enter()
    stage.press(Qt.Key.Key_Plus)
    stage.wait(lambda: stage.window.header.chips.chips)
    return None


@screen()
def nothing_sure(stage: Stage) -> Made:
    stage.browse()
    stage.search(gallery.NOTHING_SURE)
    return None


@screen(walked=True)
def nothing_matches_the_filters(stage: Stage) -> Made:
    stage.browse()
    stage.search(gallery.TOO_NARROW)
    stage.wait(stage.window.search.nothing.isVisible)
    return None


@screen(narrow=True)
def error_in_the_query(stage: Stage) -> Made:
    stage.browse()
    stage.search("cats")
    stage.field.setText(gallery.WRONG)
    stage.press(Qt.Key.Key_Return)
    stage.wait(lambda: stage.field.underlined)
    return None


@screen()
def suggestions(stage: Stage) -> Made:
    stage.browse()
    stage.field.setFocus()
    stage.press(Qt.Key.Key_Down)
    stage.wait(stage.window.search.suggestions.isVisible)
    stage.press(Qt.Key.Key_Down)
    return None


@screen()
def menu_of_pictures(stage: Stage) -> Made:
    stage.browse()
    menu = stage.field.picture_menu()
    menu.popup(stage.field.mapToGlobal(stage.field.rect().bottomLeft()))
    return menu


@screen(walked=True, narrow=True)
def why(stage: Stage) -> Made:
    stage.browse()
    stage.search(f"{gallery.QUERY} -people")
    stage.grid.enter()
    stage.press(Qt.Key.Key_W)
    stage.wait(lambda: stage.window.search.why.words.isVisible())
    return None


@screen(walked=True)
def detail(stage: Stage) -> Made:
    stage.browse()
    stage.look_at(stage.gallery.ids[0])
    return None


@screen(walked=True, narrow=True)
def information(stage: Stage) -> Made:
    stage.browse()
    stage.look_at(stage.gallery.named("chelsea.png"))
    stage.press(Qt.Key.Key_I)
    return None


@screen()
def caption(stage: Stage) -> Made:
    stage.browse()
    stage.look_at(stage.gallery.named("chelsea.png"))
    stage.press(Qt.Key.Key_C)
    stage.detail.panel.caption.setPlainText(
        "The cat sleeps in the sun by the window of the old house all afternoon"
    )
    return None


@screen()
def zoomed(stage: Stage) -> Made:
    stage.browse()
    stage.look_at(stage.gallery.ids[0])
    for _ in range(4):
        stage.press(Qt.Key.Key_Plus)
    assert stage.detail.picture.zoom.movable
    _tell_a_change(stage)
    stage.wait(stage.detail.note.button.isVisible)
    return None


@screen()
def away(stage: Stage) -> Made:
    stage.browse()
    stage.look_at(stage.gallery.away)
    stage.detail.picture.pointer_moved.emit(QPoint(10, 10))
    return None


@screen()
def menu_of_a_photo(stage: Stage) -> Made:
    stage.browse()
    stage.grid.enter()
    menu = stage.window.viewer.actions.menu()
    menu.popup(stage.grid.mapToGlobal(QPoint(200, 80)))
    return menu


@screen(walked=True, narrow=True)
def selection(stage: Stage) -> Made:
    stage.browse()
    stage.grid.enter()
    for _ in range(4):
        stage.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    stage.press(Qt.Key.Key_I)
    stage.wait(lambda: stage.window.viewer.panel.shared is not None)
    stage.wait(stage.window.selection.isVisible)
    return None


@screen()
def pointed(stage: Stage) -> Made:
    stage.browse()
    point_at(stage.grid, middle_of(stage.grid, 4))
    assert stage.grid.pointer.hover is not None
    stage.grid.facts.show_thumbs(stage.grid.ids[:1].tolist(), stage.grid.ids[2:3].tolist())
    return None


@screen()
def undo(stage: Stage) -> Made:
    stage.browse()
    _tell_a_change(stage)
    stage.wait(stage.window.status.offer.isVisible)
    return None


def _tell_a_change(stage: Stage) -> None:
    stars, photos = Sentence("{n} stars", n=5), Sentence("{n:,} photos", n=51)
    stage.tell(history_messages.HistoryChanged())
    stage.tell(
        history_messages.HistoryChanged(
            history_messages.Change(1, Sentence("{stars} for {photos}", stars=stars, photos=photos))
        )
    )


@screen()
def albums(stage: Stage) -> Made:
    stage.browse()
    stage.grid.enter()
    stage.press(Qt.Key.Key_A)
    menu = stage.window.viewer.actions.albums
    stage.wait(menu.isVisible)
    return menu


@screen()
def trash(stage: Stage) -> Made:
    stage.browse()
    stage.grid.enter()
    stage.press(Qt.Key.Key_Delete)
    return stage_dialog(stage)


@screen()
def folder(stage: Stage) -> Made:
    stage.browse()
    tree = stage.window.library.sidebar.tree
    for row in range(tree.topLevelItemCount()):
        top = tree.topLevelItem(row)
        assert top is not None
        for child in range(top.childCount()):
            top.child(child).setExpanded(True)
    place = Place("folder", path=gallery.FOLDERS[1])
    item = tree.item_of(place)
    assert item is not None and node_of(item).name == "2023 At home"
    stage.tell(messages.JobsChanged((messages.Job(1, (gallery.HOME,), True),)))
    tree.setCurrentItem(item)
    stage.wait(lambda: 0 < len(stage.grid.ids) < 30)
    return None


@screen()
def album(stage: Stage) -> Made:
    stage.browse()
    stage.window.library.go(Place("album", stage.gallery.album))
    stage.wait(lambda: len(stage.grid.ids) == gallery.ALBUM)
    return None


@screen(walked=True)
def nothing_sure_in_an_album(stage: Stage) -> Made:
    album(stage)
    stage.search(gallery.NOTHING_SURE)
    return None


@screen(walked=True)
def nothing_in_an_album(stage: Stage) -> Made:
    album(stage)
    stage.search(gallery.TOO_NARROW)
    stage.wait(stage.window.search.nothing.isVisible)
    return None


@screen()
def empty_album(stage: Stage) -> Made:
    stage.browse()
    stage.window.library.go(Place("album", stage.gallery.empty_album))
    stage.wait(stage.window.pages.message.isVisible)
    return None


@screen()
def menu_of_a_folder(stage: Stage) -> Made:
    stage.browse()
    bar = stage.window.library.sidebar
    menu = bar.menu(Place("folder", path=gallery.HOME))
    assert menu is not None
    menu.popup(bar.mapToGlobal(QPoint(80, 200)))
    return menu


@screen()
def new_album(stage: Stage) -> Made:
    stage.browse()
    stage.window.library.edits.ask_for_album()
    return stage_dialog(stage)


@screen()
def save_search(stage: Stage) -> Made:
    if stage.window.search.shown is None:
        stage.browse()
        stage.search("cats window")
    stage.window.search.ask_for_name()
    return stage_dialog(stage)


@screen(walked=True)
def jobs(stage: Stage) -> Made:
    stage.browse()
    stage.index(
        Progress("indexing", 41_200, 100_000, 3, 28.4, 2_070.0),
        messages.Job(1, (gallery.FOLDERS[0], gallery.FOLDERS[1]), True),
        messages.Job(2, (gallery.FOLDERS[3],), False),
    )
    stage.window.status.details.click()
    stage.wait(lambda: len(stage.window.library.jobs.rows) == 2)
    return None


@screen(walked=True, narrow=True)
def letters_that_the_model_does_not_read(stage: Stage) -> Made:
    stage.browse()
    answer = stage.engine.search
    caveat = Sentence("This model reads English; describe the photo in English, or choose another model.")
    stage.engine.search = lambda question: msgspec.structs.replace(answer(question), caveat=caveat)
    stage.search("窗边的猫")
    stage.wait(stage.window.header.models.isVisible)
    return None


@screen(walked=True)
def problems(stage: Stage) -> Made:
    stage.browse()
    stage.window.library.sidebar.page_chosen.emit("problems")
    stage.wait(stage.window.library.problems.isVisible)
    return None


@screen(walked=True, narrow=True)
def map_of_photos(stage: Stage) -> Made:
    stage.browse()
    stage.window.library.sidebar.page_chosen.emit("map")
    view = stage.window.library.map.view
    stage.wait(lambda: len(view.clusters) > 1)
    stage.wait(lambda: all(stage.grid.thumbnails.get(mark.newest) for mark in view.clusters))
    return None


@screen()
def duplicates(stage: Stage) -> Made:
    stage.browse()
    stage.window.library.sidebar.page_chosen.emit("duplicates")
    page = stage.window.library.duplicates
    stage.wait(page.move_ticked.isEnabled)
    stage.wait(lambda: not page.list.topLevelItem(0).child(0).icon(0).isNull())
    return None


@screen()
def engine_gone(stage: Stage) -> Made:
    stage.browse()
    stage.engine.unreachable = "The search engine stopped."
    stage.engine.die()
    stage.wait(stage.window.status.retry.isVisible)
    return None


@screen(walked=True)
def settings(stage: Stage) -> Made:
    stage.browse()
    return stage.commands.open_settings()


@screen(walked=True)
def models(stage: Stage) -> Made:
    """One answers, one reads the photos, one only came in; the last that was wanted could not be had."""
    stage.engine.replies[GetModels] = gallery.MODELS
    stage.browse()
    dialog = stage.commands.open_settings()
    assert isinstance(dialog, SettingsDialog)
    stage.wait(lambda: len(dialog.models.rows) == len(gallery.MODELS.models))
    _scroll_to(dialog.models)
    return dialog


@screen(walked=True, narrow=True)
def models_to_download(stage: Stage) -> Made:
    """One is recommended, a part of one is here, one comes, and getting another one went wrong."""
    found = gallery.offers()
    stage.engine.replies[GetOffers] = found
    stage.engine.replies[GetModels] = msgspec.structs.replace(gallery.MODELS, adding=Adding())
    stage.engine.replies[extra_messages.GetExtra] = extra_messages.ExtraStatus(Extra("installed", "2.9"))
    stage.browse()
    dialog = stage.commands.open_settings()
    stage.wait(lambda: len(dialog.models.offers.rows) >= 4)
    source = found.offers[0].source
    coming = Adding("adding", source, "fetching", 213_400_000, 1_546_000_000, 4_100_000.0)
    stage.tell(AddingChanged(coming))
    stage.wait(dialog.models.offers.rows[source].bar.isVisible)
    _scroll_to(dialog.models.offers)
    return dialog


@screen()
def a_model_that_could_not_be_had(stage: Stage) -> Made:
    found = gallery.offers()
    stage.engine.replies[GetOffers] = found
    sentence = Sentence(
        "The model takes {needed:,.0f} MB of the disk with {folder}, which has {free:,.0f} MB left; make "
        "room first.",
        needed=3_200.0,
        folder="/home/ana",
        free=1_100.0,
    )
    failed = Adding(source=found.offers[0].source, sentence=sentence)
    stage.engine.replies[GetModels] = msgspec.structs.replace(gallery.MODELS, adding=failed)
    stage.browse()
    dialog = stage.commands.open_models("窗边的猫")
    stage.wait(lambda: len(dialog.models.offers.rows) >= 4)
    stage.wait(dialog.models.offers.rows[failed.source].fault.isVisible)
    _scroll_to(dialog.models.offers)
    return dialog


@screen(walked=True, narrow=True)
def comparing_models(stage: Stage) -> Made:
    before = msgspec.structs.replace(gallery.MODELS.models[1], state="here", before=True)
    stage.engine.replies[GetModels] = ModelList((gallery.MODELS.models[0], before), gallery.SEARCHED)
    ids = stage.gallery.ids
    compared = Compared(before.name, "bundled", tuple(ids[:8]), tuple(ids[2:10]), gallery.SEARCHED)
    stage.engine.replies[CompareModels] = compared
    stage.browse()
    stage.window.library.models.compare_wanted.emit()
    dialog = stage_dialog(stage)
    assert isinstance(dialog, CompareDialog)
    stage.wait(lambda: dialog.rows)
    (row,) = dialog.rows.values()
    stage.wait(lambda: len(row.before.images) == len(row.after.images) == 8)
    row.buttons["better"].click()
    return dialog


@screen()
def adding_a_model(stage: Stage) -> Made:
    adding = Adding("adding", "google/siglip-base-patch16-224", "fetching", 213_400_000, 812_700_000)
    stage.engine.replies[GetModels] = msgspec.structs.replace(gallery.MODELS, adding=adding)
    stage.browse()
    dialog = stage.commands.open_settings()
    assert isinstance(dialog, SettingsDialog)
    stage.wait(dialog.models.adding.stop.isVisible)
    _scroll_to(dialog.models)
    return dialog


def _scroll_to(part: QWidget) -> None:
    """As far as it goes, so that the part stands at the top of its scroll area."""
    QApplication.processEvents()
    parent = part.parentWidget()
    while not isinstance(parent, QScrollArea):
        assert parent is not None
        parent = parent.parentWidget()
    content = parent.widget()
    assert content is not None
    parent.verticalScrollBar().setValue(part.mapTo(content, QPoint()).y() - 40)


@screen()
def teach(stage: Stage) -> Made:
    """With too few captions to learn from."""
    stage.browse()
    stage.window.library.sidebar.teach.click()
    return stage_dialog(stage)


@screen()
def shortcuts(stage: Stage) -> Made:
    stage.browse()
    return stage.commands.show_shortcuts()


@screen(walked=True)
def how_to_search(stage: Stage) -> Made:
    stage.browse()
    made = stage.commands.show_how_to_search()
    stage.settle()
    return made


@screen()
def help_menu(stage: Stage) -> Made:
    stage.browse()
    menu = stage.commands.help_menu()
    menu.popup(stage.window.mapToGlobal(QPoint(40, 600)))
    return menu


@screen(walked=True)
def go_back_to_a_copy(stage: Stage) -> Made:
    library = stage.gallery.library
    for when in (1_764_000_000, 1_764_100_000):
        copy = backup.back_up(library, 3, when)
        os.utime(copy, (when, when))
    stage.browse()
    dialog = stage.commands.open_restore()
    assert isinstance(dialog, RestoreDialog)
    stage.wait(dialog.go_back.isEnabled)
    return dialog


@screen()
def new_version(stage: Stage) -> Made:
    stage.browse()
    stage.commands.update_check.show_release(Release("99.1", "https://photos.example/", ""))
    return stage_dialog(stage)


@screen()
def about(stage: Stage) -> Made:
    stage.browse()
    return stage.commands.show_about()


@screen()
def crash(stage: Stage) -> Made:
    """Its report is English, as it is for who mends the program."""
    stage.browse()
    dialog = CrashDialog("PhotoSearch\n\nValueError\n", None)
    dialog.setParent(stage.window, Qt.WindowType.Dialog)
    dialog.show()
    return dialog


def stage_dialog(stage: Stage) -> QWidget:
    """The one that is open."""

    def opened() -> list[QDialog]:
        return [dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible()]

    stage.wait(opened)
    return opened()[0]
