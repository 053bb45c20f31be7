"""Looking at photos in the real window: opening, walking, zooming, noting, captions, away."""

import errno
import io
import os
import threading

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeySequence, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.core.history_messages import RecordTrash
from photosearch.core.lines import Box, Line
from photosearch.core.note_messages import NotesChanged, SetCaption, SetFavourite, SetRating
from photosearch.gui.desktop import trash
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.viewer.picture import PictureView
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.floating import StepButton
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.mouse import send_mouse
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow

FULL = (1200, 800)


def preview(request: messages.Preview) -> messages.Previewed:
    """Every photo is FULL, and white."""
    scale = min(1.0, request.longest_edge / max(FULL))
    jpeg = io.BytesIO()
    Image.new("RGB", (round(FULL[0] * scale), round(FULL[1] * scale)), "white").save(jpeg, "JPEG")
    return messages.Previewed(jpeg.getvalue(), *FULL)


@pytest.fixture
def ids(shelf: Shelf) -> list[int]:
    """As the grid shows them: newest first."""
    return shelf.add(6)[::-1]


@pytest.fixture
def window(qtbot: QtBot, ids: list[int], engine: FakeEngine, make_window: MakeWindow) -> Window:
    engine.preview = preview
    window = make_window()
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == ids)
    window.grid.enter()
    return window


@pytest.fixture
def detail(qtbot: QtBot, window: Window, ids: list[int]) -> DetailView:
    """Open at the first photo, with all that is known of it."""
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: detail.details is not None and detail.picture.image.width() == FULL[0])
    return detail


def key(detail: DetailView, key: Qt.Key) -> None:
    QTest.keyClick(detail.picture, key)


def orders(engine: FakeEngine, kind: type) -> list[object]:
    return [order for order in list(engine.orders.queue) if isinstance(order, kind)]


def test_its_keys_count_wherever_in_it_the_keyboard_is_but_where_one_writes(
    window: Window, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    for widget in (detail.filmstrip, detail.bar.more, detail.bar.stars):
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        before, shown = detail.details, detail.filmstrip.wanted
        QTest.keyClick(widget, Qt.Key.Key_F)
        assert before is not None and detail.details is not None
        assert detail.details.favourite is not before.favourite
        QTest.keyClick(widget, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
        assert window.changes.undo.text() == "Undo: view turned"
        scale = detail.picture.zoom.scale
        QTest.keyClick(widget, Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier)
        assert detail.picture.zoom.scale > scale
        assert detail.isVisible() and detail.filmstrip.wanted is shown
    detail.write_caption()
    favourite = detail.details and detail.details.favourite
    QTest.keyClicks(detail.panel.caption, "f")
    assert detail.panel.caption.toPlainText() == "f"
    assert detail.details is not None and detail.details.favourite is favourite


def test_enter_presses_the_button_that_has_the_keyboard(detail: DetailView) -> None:
    detail.toggle_information()
    cross = detail.panel.close_button
    cross.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(cross, Qt.Key.Key_Return)
    assert detail.panel.isHidden() and detail.isVisible()


def test_the_thumbnail_comes_first_and_the_picture_when_it_is_decoded(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    def refuses(request: messages.Preview) -> messages.Previewed:
        raise KnownError("/photos/5.jpg cannot be shown: the file is damaged.")

    engine.preview = refuses
    QTest.keyClick(window.grid, Qt.Key.Key_Return)
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: detail.picture.image.height() == 96)  # of the library
    qtbot.waitUntil(lambda: detail.note.text.text() == "/photos/5.jpg cannot be shown: the file is damaged.")
    engine.preview = preview
    window.viewer.on_photos_changed()  # whatever failed may succeed now
    detail.walk(1)
    detail.walk(-1)
    qtbot.waitUntil(lambda: detail.picture.image.width() == FULL[0])
    assert detail.note.isHidden()


def test_one_walks_in_the_order_shown_and_ends_in_the_grid_where_one_was(
    qtbot: QtBot, window: Window, detail: DetailView, ids: list[int]
) -> None:
    assert detail.photo_id == ids[0]
    key(detail, Qt.Key.Key_Left)
    assert detail.photo_id == ids[0]
    for _ in range(2):
        key(detail, Qt.Key.Key_Right)
    assert detail.photo_id == ids[2]
    qtbot.waitUntil(lambda: "3 of 6" in detail.bar.place.text())
    key(detail, Qt.Key.Key_End)
    assert detail.photo_id == ids[-1]
    key(detail, Qt.Key.Key_Escape)
    assert detail.isHidden()
    assert window.grid.current_id == ids[-1]
    assert window.focusWidget() is window.grid


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_the_photo_stands_on_near_black_in_either_theme(
    qapp: QApplication, detail: DetailView, colours: theme.Theme
) -> None:
    theme.apply(qapp, colours)
    picture, bar = detail.grab().toImage(), detail.bar
    for place in (QPoint(2, 2), detail.picture.geometry().bottomLeft()):
        assert picture.pixelColor(place).lightnessF() < 0.1
    icon = bar.back.icon().pixmap(20).toImage()
    assert max(icon.pixelColor(x, 10).lightnessF() for x in range(20)) > 0.8
    assert bar.name.palette().color(bar.name.foregroundRole()).lightnessF() > 0.8


def test_a_photo_smaller_than_the_view_fills_it(detail: DetailView) -> None:
    detail.picture.show_photo(QImage(30, 20, QImage.Format.Format_RGB32), 30, 20)
    _, _, width, height = detail.picture.zoom.rect
    view = detail.picture.size()
    assert width == pytest.approx(view.width()) or height == pytest.approx(view.height())


def test_the_bar_says_how_large_the_photo_is_and_leads_to_its_own_pixels_and_back(detail: DetailView) -> None:
    figure = detail.bar.scale
    whole = f"{round(100 * detail.picture.zoom.fit_scale)} %"
    assert figure.text() == whole
    figure.click()
    assert figure.text() == "100 %"
    key(detail, Qt.Key.Key_Plus)
    assert figure.text() == "125 %"
    key(detail, Qt.Key.Key_Z)
    assert figure.text() == whole


def red_quarter(picture: PictureView) -> str:
    """Which quarter of the photo in view is red."""
    left, top, width, height = picture.zoom.rect
    shot = picture.grab().toImage()
    (found,) = (
        f"{vertical} {across}"
        for y, vertical in ((top + height / 4, "upper"), (top + height * 3 / 4, "lower"))
        for x, across in ((left + width / 4, "left"), (left + width * 3 / 4, "right"))
        if shot.pixelColor(round(x), round(y)) == QColor("red")
    )
    return found


def test_a_turned_view_stays_turned_until_another_photo_is_shown(detail: DetailView) -> None:
    picture = detail.picture
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("blue"))
    with QPainter(image) as painter:
        painter.fillRect(0, 0, 200, 100, QColor("red"))
    picture.show_photo(image, 400, 200)
    assert red_quarter(picture) == "upper left"
    key(detail, Qt.Key.Key_R)
    assert red_quarter(picture) == "upper right"
    assert picture.zoom.rect[2] * 2 == picture.zoom.rect[3]
    picture.toggle(QPointF(picture.rect().center()))
    assert red_quarter(picture) == "upper right"
    key(detail, Qt.Key.Key_R)
    assert red_quarter(picture) == "lower right"
    QTest.keyClick(picture, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert red_quarter(picture) == "upper right"
    picture.show_photo(image, 400, 200)
    assert red_quarter(picture) == "upper left"


def test_neighbours_are_fetched_ahead(
    qtbot: QtBot, window: Window, detail: DetailView, ids: list[int]
) -> None:
    qtbot.waitUntil(lambda: all(window.viewer.previews.get(photo_id) for photo_id in ids[:3]))
    assert window.viewer.previews.get(ids[4]) is None


def test_the_wheel_zooms_at_the_pointer_and_a_double_click_returns(detail: DetailView) -> None:
    picture = detail.picture
    at = QPointF(200, 150)
    event = QWheelEvent(
        at,
        picture.mapToGlobal(at),
        QPoint(),
        QPoint(0, 1200),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(picture, event)
    assert picture.zoom.scale > 1
    before = picture.zoom.rect
    QTest.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    send_mouse(picture, QEvent.Type.MouseMove, QPoint(180, 140), held=True)
    QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=QPoint(180, 140))
    assert picture.zoom.rect != before
    QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(180, 140))
    assert picture.zoom.fitted
    key(detail, Qt.Key.Key_Plus)
    assert not picture.zoom.fitted


def test_favourite_and_stars_show_at_once_and_reach_the_engine(
    qtbot: QtBot, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    key(detail, Qt.Key.Key_F)
    key(detail, Qt.Key.Key_4)
    assert detail.bar.favourite.isChecked()
    assert detail.bar.stars.rating == 4
    qtbot.waitUntil(lambda: len(orders(engine, SetRating)) == 1)
    assert orders(engine, SetFavourite) == [SetFavourite((ids[0],), True)]
    assert orders(engine, SetRating) == [SetRating((ids[0],), 4)]


def test_a_refused_note_is_taken_back_and_told(qtbot: QtBot, detail: DetailView, engine: FakeEngine) -> None:
    engine.refusal = "The disk is full."
    key(detail, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: not detail.bar.favourite.isChecked())
    assert detail.note.text.text() == "The disk is full."


def test_a_caption_is_written_in_place(
    qtbot: QtBot, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    key(detail, Qt.Key.Key_C)
    field = detail.panel.caption
    assert detail.window().focusWidget() is field
    QTest.keyClicks(field, "A dog, f5 / ?")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "on a beach")
    assert detail.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert detail.window().focusWidget() is detail.picture
    qtbot.waitUntil(lambda: len(orders(engine, SetCaption)) == 1)
    assert orders(engine, SetCaption) == [SetCaption((ids[0],), "A dog, f5 / ?\non a beach", "")]
    assert orders(engine, SetRating) == []


def test_a_caption_belongs_to_the_photo_in_view_before_that_is_read(
    qtbot: QtBot, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    key(detail, Qt.Key.Key_Right)
    key(detail, Qt.Key.Key_C)  # no event is heeded meanwhile
    QTest.keyClicks(detail.panel.caption, "Bella")
    qtbot.waitUntil(lambda: detail.details is not None and detail.details.photo_id == ids[1])
    QTest.keyClicks(detail.panel.caption, " sleeps")
    QTest.keyClick(detail.panel.caption, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: orders(engine, SetCaption) == [SetCaption((ids[1],), "Bella sleeps", "")])


def test_a_caption_that_is_written_elsewhere_meanwhile_is_told_and_can_be_kept(
    qtbot: QtBot, detail: DetailView, engine: FakeEngine, library: Library, ids: list[int]
) -> None:
    def said(text: str) -> bool:
        return any(text in label.text() for label in detail.panel.findChildren(QLabel) if label.isVisible())

    field = detail.panel.caption
    key(detail, Qt.Key.Key_C)
    QTest.keyClicks(field, "Mine")
    with Writer.open(library) as writer:
        writer.set_captions((ids[0],), "Theirs")
    engine.tell(NotesChanged((ids[0],)))
    qtbot.waitUntil(lambda: said("“Theirs”. Enter keeps what you wrote"))
    assert field.toPlainText() == "Mine"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.toPlainText() == "Theirs" and not said("Theirs")

    key(detail, Qt.Key.Key_C)
    QTest.keyClicks(field, "Ours")
    engine.refusal = "The caption was changed elsewhere meanwhile; it stays as it is."
    with Writer.open(library) as writer:
        writer.set_captions((ids[0],), "")
    QTest.keyClick(field, Qt.Key.Key_Return)  # before that is known here
    qtbot.waitUntil(lambda: said("By now it has no caption"))
    assert field.toPlainText() == "Ours"
    engine.refusal = None
    QTest.keyClick(field, Qt.Key.Key_Return)
    asked = [SetCaption((ids[0],), "Ours", was) for was in ("Theirs", "")]
    qtbot.waitUntil(lambda: orders(engine, SetCaption) == asked)
    assert not said("By now")


def test_escape_reverts_a_caption_and_walking_on_saves_it(
    qtbot: QtBot, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    key(detail, Qt.Key.Key_C)
    field = detail.panel.caption
    QTest.keyClicks(field, "wrong")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.toPlainText() == ""
    assert detail.isVisible()
    key(detail, Qt.Key.Key_C)
    QTest.keyClicks(field, "kept")
    detail.walk(1)
    qtbot.waitUntil(lambda: orders(engine, SetCaption) == [SetCaption((ids[0],), "kept", "")])


def test_a_photo_of_a_drive_that_is_away_says_which_to_connect(
    qtbot: QtBot, window: Window, library: Library, engine: FakeEngine, ids: list[int]
) -> None:
    with Writer.open(library) as writer:
        writer.set_away(writer.add_folder(b"/photos", "a volume").folder_id, True)
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: "small picture is here: /photos is not." in detail.note.text.text())
    assert detail.picture.image.height() == 96


def test_the_panel_tells_what_is_known_and_copies_nothing_by_itself(
    qtbot: QtBot, window: Window, ids: list[int]
) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    panel = window.viewer.panel
    assert panel.isVisible()
    qtbot.waitUntil(lambda: panel.details is not None and panel.details.photo_id == ids[0])
    QTest.keyClick(window.grid, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: panel.details is not None and panel.details.photo_id == ids[1])
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    assert panel.isHidden()


def test_a_caption_is_written_beside_the_grid(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_C)
    field = window.viewer.panel.caption
    qtbot.waitUntil(lambda: window.focusWidget() is field)
    QTest.keyClicks(field, "A dog")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.focusWidget() is window.grid
    qtbot.waitUntil(lambda: orders(engine, SetCaption) == [SetCaption((ids[0],), "A dog", "")])


def test_captions_and_stars_beside_the_grid_are_of_all_that_are_selected(
    qtbot: QtBot, window: Window, engine: FakeEngine, library: Library, ids: list[int]
) -> None:
    with Writer.open(library) as writer:
        writer.set_caption(ids[0], "Rusty")
    panel = window.viewer.panel
    field = panel.caption

    def said() -> list[str]:
        labels = window.viewer.panel.findChildren(QLabel)
        return [label.text() for label in labels if label.buddy() is field]

    QTest.keyClick(window.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.grid, Qt.Key.Key_C)
    qtbot.waitUntil(field.hasFocus)
    of_all = f"The same caption for {len(ids)} photos. Shift+C captions one after another."
    assert said() == [field.accessibleDescription()] == [of_all]
    assert field.toPlainText() == ""
    assert field.placeholderText() == "Their captions differ. What is written here replaces each."
    QTest.keyClick(field, Qt.Key.Key_Return)  # nothing was written: each keeps its own
    QTest.keyClick(window.grid, Qt.Key.Key_C)
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "A dog")
    QTest.keyClick(field, Qt.Key.Key_Return)
    shown = tuple(sorted(ids, key=ids.index))
    qtbot.waitUntil(lambda: orders(engine, SetCaption) == [SetCaption(shown, "A dog")])
    panel.stars.setFocus()
    QTest.keyClick(panel.stars, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: orders(engine, SetRating) == [SetRating(shown, 4)])
    window.grid.clear_selection()
    QTest.keyClick(window.grid, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: said() == ["Caption"])


def test_a_caption_field_takes_no_keyboard_from_a_photo_opened_meanwhile(
    qtbot: QtBot, window: Window, ids: list[int]
) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_C)
    QTest.keyClick(window.grid, Qt.Key.Key_Space)  # before the photo's caption is read
    panel = window.viewer.panel
    qtbot.waitUntil(lambda: panel.details is not None and panel.details.photo_id == ids[0])
    assert window.viewer.detail.isVisible()
    assert window.focusWidget() is window.viewer.detail.picture


def test_several_photos_are_rated_in_the_grid(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.grid, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: orders(engine, SetRating) == [SetRating(tuple(ids), 3)])


def test_the_picture_is_copied(qtbot: QtBot, detail: DetailView) -> None:
    key_with = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(detail.picture, Qt.Key.Key_C, key_with)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().image().width() == FULL[0])


def test_full_screen_shows_the_photo_alone_and_escape_returns(window: Window, detail: DetailView) -> None:
    key(detail, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert detail.bar.isHidden()
    key(detail, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert detail.isVisible()
    key(detail, Qt.Key.Key_Escape)
    assert detail.isHidden()


def test_the_search_field_takes_over(window: Window, detail: DetailView) -> None:
    QTest.keyClick(detail.picture, Qt.Key.Key_Slash)
    assert window.focusWidget() is window.header.field
    assert detail.isHidden()


def test_photos_that_go_make_room_for_the_next(
    qtbot: QtBot, window: Window, detail: DetailView, library: Library, engine: FakeEngine, ids: list[int]
) -> None:
    with Writer.open(library) as writer:
        writer.forget([os.fsencode("/photos/5.jpg")])
    engine.tell(messages.PhotosChanged(5))
    qtbot.waitUntil(lambda: detail.photo_id == ids[1])
    with Writer.open(library) as writer:
        writer.forget([b"/photos/%d.jpg" % number for number in range(5)])
    engine.tell(messages.PhotosChanged(0))
    qtbot.waitUntil(detail.isHidden)


class Bin:
    """A trash that takes a file when it may."""

    def __init__(self) -> None:
        self.may_take = threading.Event()
        self.error: OSError | None = None
        self.room = 0  # files that it takes before the error

    def send(self, path: bytes) -> bytes:
        self.may_take.wait(10)
        if self.error is not None:
            self.room -= 1
            if self.room < 0:
                raise self.error
        return b"/trash" + path


@pytest.fixture
def bin_(monkeypatch: pytest.MonkeyPatch) -> Bin:
    """To be named before `window`, which takes it over."""
    bin_ = Bin()
    monkeypatch.setattr(trash, "send_to_trash", bin_.send)
    return bin_


def throw_away(qtbot: QtBot, detail: DetailView) -> None:
    key(detail, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: detail.window().findChild(QMessageBox) is not None)
    box = detail.window().findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    next(button for button in box.buttons() if button.text() == "Move to trash").click()


def test_a_photo_that_went_to_the_trash_leads_to_the_next(
    qtbot: QtBot, bin_: Bin, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    bin_.may_take.set()
    throw_away(qtbot, detail)
    qtbot.waitUntil(lambda: detail.photo_id == ids[1])
    qtbot.waitUntil(lambda: orders(engine, messages.Rescan) == [messages.Rescan()])


def test_a_photo_that_cannot_go_stays_in_view_and_says_why(
    qtbot: QtBot, bin_: Bin, detail: DetailView, ids: list[int]
) -> None:
    bin_.error = OSError(errno.EACCES, "Permission denied")
    bin_.may_take.set()
    throw_away(qtbot, detail)
    qtbot.waitUntil(lambda: "Permission denied" in detail.note.text.text())
    assert detail.photo_id == ids[0]
    assert detail.note.isVisible()


def test_a_photo_of_which_one_file_went_is_looked_for_again(
    qtbot: QtBot, bin_: Bin, detail: DetailView, library: Library, engine: FakeEngine, ids: list[int]
) -> None:
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "")
        writer.link(folder.folder_id, b"/photos/copy.jpg", 1, 1, ids[0])
    bin_.error, bin_.room = OSError(errno.EACCES, "Permission denied"), 1
    bin_.may_take.set()
    throw_away(qtbot, detail)
    qtbot.waitUntil(lambda: "Permission denied" in detail.note.text.text())
    qtbot.waitUntil(lambda: orders(engine, messages.Rescan) == [messages.Rescan()])
    assert detail.photo_id == ids[0]


def test_whoever_walked_on_while_a_photo_went_skips_none(
    qtbot: QtBot, bin_: Bin, window: Window, detail: DetailView, ids: list[int]
) -> None:
    throw_away(qtbot, detail)
    detail.walk(1)
    with qtbot.waitSignal(window.viewer.trash.moved):
        bin_.may_take.set()
    assert detail.photo_id == ids[1]


def test_tab_stays_in_the_view(window: Window, detail: DetailView) -> None:
    for _ in range(12):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert detail.isVisible() and detail.isAncestorOf(window.focusWidget())
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)
    assert detail.isVisible()


def test_what_goes_to_the_trash_as_the_window_closes_is_in_the_history(
    qtbot: QtBot, bin_: Bin, window: Window, detail: DetailView, engine: FakeEngine
) -> None:
    throw_away(qtbot, detail)
    bin_.may_take.set()
    window.close()
    assert len(orders(engine, RecordTrash)) == 1


def test_arrows_make_way_for_a_long_note_in_a_small_window(
    qtbot: QtBot, window: Window, detail: DetailView
) -> None:
    window.resize(480, 360)
    QTest.keyClick(detail.picture, Qt.Key.Key_Right)
    QTest.keyClick(detail.picture, Qt.Key.Key_I)
    qtbot.waitUntil(detail.panel.isVisible)
    detail.picture.pointer_moved.emit(QPoint(10, 10))
    arrows = detail.picture.findChildren(StepButton)
    middle = {arrow.y() for arrow in arrows}
    detail.say(" ".join(["The disk is full."] * 14))
    assert len(arrows) == 2 and all(arrow.isVisible() for arrow in arrows)
    assert not any(arrow.geometry().intersects(detail.note.geometry()) for arrow in arrows)
    detail.say("The disk is full.")
    assert {arrow.y() for arrow in arrows} == middle


SIGN: Box = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.5), (0.25, 0.5))
FOOT: Box = ((0.25, 0.75), (0.75, 0.75), (0.75, 0.8), (0.25, 0.8))


def write_lines(library: Library, photo_id: int) -> None:
    with Writer.open(library) as writer:
        writer.keep_lines([(photo_id, [Line("No parking", SIGN, 0.9), Line("at night", FOOT, 0.9)])], 1)


def test_the_line_that_was_searched_for_is_framed(
    qtbot: QtBot, library: Library, detail: DetailView, ids: list[int]
) -> None:
    plain = detail.picture.grab().toImage()
    write_lines(library, ids[0])
    detail.sought = lambda: ["parking"]
    detail.refresh()
    qtbot.waitUntil(lambda: len(detail.picture.marks) == 1)
    framed = detail.picture.grab().toImage()
    left, top, width, height = detail.picture.zoom.rect

    def changed(x: float, y: float) -> bool:
        at = QPoint(round(left + x * width), round(top + y * height))
        return framed.pixel(at) != plain.pixel(at)

    assert changed(0.25, 0.375) and changed(0.5, 0.5) and not changed(0.5, 0.375) and not changed(0.5, 0.75)
    detail.walk(1)
    qtbot.waitUntil(lambda: not detail.picture.marks)


def test_frames_turn_with_the_photo(
    qtbot: QtBot, library: Library, detail: DetailView, ids: list[int]
) -> None:
    write_lines(library, ids[0])
    detail.sought = lambda: ["parking"]
    plain = detail.picture.grab().toImage()
    detail.refresh()
    qtbot.waitUntil(lambda: len(detail.picture.marks) == 1)
    detail.picture.turn(2)
    left, top, width, height = detail.picture.zoom.rect
    at = QPoint(round(left + 0.5 * width), round(top + 0.75 * height))  # the sign's upper edge, upside down
    assert detail.picture.grab().toImage().pixel(at) != plain.pixel(at)


def test_what_is_written_in_a_photo_is_copied(
    qtbot: QtBot, library: Library, detail: DetailView, ids: list[int]
) -> None:
    write_lines(library, ids[1])
    detail.walk(1)
    qtbot.waitUntil(lambda: detail.details is not None and detail.details.photo_id == ids[1])
    QTest.keySequence(detail.picture, QKeySequence("Ctrl+Shift+T"))
    assert QGuiApplication.clipboard().text() == "No parking\nat night"
    assert "2 lines of text copied" in told(detail)
    detail.walk(1)
    qtbot.waitUntil(lambda: detail.details is not None and detail.details.photo_id == ids[2])
    QTest.keySequence(detail.picture, QKeySequence("Ctrl+Shift+T"))
    assert QGuiApplication.clipboard().text() == "No parking\nat night"
    assert "No text was read" in told(detail)


def told(detail: DetailView) -> str:
    return " ".join(label.text() for label in detail.note.findChildren(QLabel) if label.isVisible())
