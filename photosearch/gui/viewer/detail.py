"""One photo over the grid: the picture, a bar above it, the information panel at its right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photosearch.core.lines import as_text
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.note_orders import NoteOrders
from photosearch.gui.data.preview_cache import PreviewCache
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.library.status import Offer
from photosearch.gui.query.why_panel import WhyPanel
from photosearch.gui.viewer.detail_bar import DetailBar
from photosearch.gui.viewer.filmstrip import Filmstrip
from photosearch.gui.viewer.information import InformationPanel
from photosearch.gui.viewer.moments import Moments
from photosearch.gui.viewer.overlay import Overlay
from photosearch.gui.viewer.photo_in_view import PhotoInView
from photosearch.gui.viewer.picture import PictureView
from photosearch.gui.viewer.walk import Walk
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import Action, give_on, make_action
from photosearch.gui.widgets.focus import focus_within
from photosearch.gui.widgets.side_panel import SidePanel, one_at_a_time
from photosearch.i18n import tr, tr_n
from photosearch.search.written import holding
from photosearch.store.rows import Details

_NOTCH = 120  # of a wheel, as Qt counts
_LEAST_PICTURE = 240  # logical pixels: beside a panel
_ROOM_FOR_STRIP = 480  # logical pixels: in a lower window the photo needs them all


class DetailView(QWidget):
    """One photo over the whole window, walked through `ids` in the order shown.

    It is opened by show_photo() and says when it wants to go.
    """

    closed = Signal()
    photo_changed = Signal()
    turned = Signal(object)  # int: quarters clockwise, by the person's own hand
    turns_over = Signal()  # another photo is in view, or none: it is as its file has it
    full_screen_wanted = Signal()
    play_wanted = Signal()  # of the video in view, by another program
    why_wanted = Signal()

    def __init__(
        self, reader: LibraryReader, previews: PreviewCache, thumbnails: ThumbnailCache, notes: NoteOrders
    ) -> None:
        """`thumbnails`: for the filmstrip alone, as it asks for a size of its own."""
        super().__init__()
        self._notes = notes
        self._walk = Walk()
        self._wheel = 0
        self.sought: Callable[[], Sequence[str]] = lambda: ()  # texts, whose lines are framed in the photo
        self._resting: list[SidePanel] = []  # they come back once more than the photo is shown
        self.picture = PictureView()
        self.picture.setMinimumWidth(_LEAST_PICTURE)
        self._photo = PhotoInView(reader, previews, self._walk, self.picture)
        self.bar = DetailBar()
        self.panel = InformationPanel()
        self.why = WhyPanel()
        self.panel.home = self.picture
        self.filmstrip = Filmstrip(thumbnails)
        self.moments = Moments(reader)
        self._overlay = Overlay(self.picture)
        self.note, self.slideshow = self._overlay.note, self._overlay.slideshow
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.picture, 1)
        left.addWidget(self.moments)
        left.addWidget(self.filmstrip)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.why)
        row.addWidget(self.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row, 1)
        self.setFocusProxy(self.picture)
        self.setAutoFillBackground(True)
        theme.dress(self, theme.DARKROOM)
        self.in_menu = self._make_actions()
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self._photo.read.connect(self._on_read)
        self._photo.note_changed.connect(self._update_view)
        self._photo.settled.connect(self.slideshow.count_down)
        self._photo.failed.connect(self.remark)
        self.picture.zoomed.connect(lambda: self.bar.show_scale(self.picture.zoom.scale))
        self.picture.zoomed.connect(self._photo.request_previews)
        self.picture.closing_wanted.connect(self.closed)
        self.bar.back.clicked.connect(self.closed)
        self.bar.information.clicked.connect(self.toggle_information)
        self.bar.scale.clicked.connect(lambda: self.picture.toggle())
        self.bar.slideshow.clicked.connect(self.slideshow.start_or_pause)
        self.slideshow.next_wanted.connect(lambda: self.go_to((self._walk.position + 1) % self.count))
        self.bar.full_screen.clicked.connect(self.full_screen_wanted)
        self.bar.favourite.clicked.connect(self.toggle_favourite)
        self.bar.stars.chosen.connect(self.rate)
        self._overlay.walked.connect(self.walk)
        self.filmstrip.chosen.connect(self.go_to)
        self.moments.chosen.connect(self._show_moment)
        self.moments.play_wanted.connect(self.play_wanted)
        self.filmstrip.left.connect(self.picture.setFocus)
        self.panel.closed.connect(self._update_view)
        one_at_a_time(self.panel, self.why)
        self.panel.rated.connect(lambda _, stars: self.rate(stars))
        self.panel.captioned.connect(self._notes.set_caption)
        self._notes.caption_refused.connect(self.panel.caption.take_back)
        self.panel.caption.left.connect(self.picture.setFocus)
        self._notes.failed.connect(self.refresh)

    def _make_actions(self) -> list[Action]:
        """They work while the photo has the keyboard; -> those that menus show, too."""
        for text, keys, slot in (
            (lambda: tr("Next photo"), "Right PgDown", lambda: self.walk(1)),
            (lambda: tr("Previous photo"), "Left PgUp", lambda: self.walk(-1)),
            (lambda: tr("Up in the photo"), "Up", lambda: self.step_or_pan(-1, down=1)),
            (lambda: tr("Down in the photo"), "Down", lambda: self.step_or_pan(1, down=-1)),
            (lambda: tr("First photo"), "Home", lambda: self.go_to(0)),
            (lambda: tr("Last photo"), "End", lambda: self.go_to(self.count - 1)),
            (lambda: tr("Closer"), "+ = Ctrl++ Ctrl+=", self.picture.zoom_in),
            (lambda: tr("Farther"), "- Ctrl+-", self.picture.zoom_out),
            (lambda: tr("Whole photo"), "Ctrl+0", self.picture.fit),
            (lambda: tr("Whole photo or 100 %"), "Z", self.picture.toggle),
            (lambda: tr("Show or hide the filmstrip"), "T", self.filmstrip.toggle),
            (lambda: tr("Next scene of a video"), ".", lambda: self.moments.step(1)),
            (lambda: tr("Scene of a video before"), ",", lambda: self.moments.step(-1)),
            (lambda: tr("Play a video, or back to the photos"), "Return Enter", self._enter),
            (lambda: tr("Back to the photos"), "Space Backspace", self._go_back),
        ):
            make_action(self.picture, text, keys, slot, local=True)
        return [
            make_action(self.picture, text, keys, slot, icon, local=True)
            for text, keys, slot, icon in (
                (lambda: tr("Why this photo"), "W", self.why_wanted.emit, "why"),
                (lambda: tr("Slideshow"), "P", self.slideshow.start_or_pause, "play"),
                (lambda: tr("Turn the view right"), "R", lambda: self._turn(1), "rotate-right"),
                (lambda: tr("Turn the view left"), "Shift+R", lambda: self._turn(-1), "rotate-left"),
                (lambda: tr("Copy text"), "Ctrl+Shift+T", self.copy_text, "text"),
            )
        ]

    def retranslate(self) -> None:
        self.picture.setAccessibleName(tr("Photo"))
        self._update_view()

    # --- which photo

    @property
    def photo_id(self) -> int | None:
        """The photo shown; None without one."""
        return self._walk.photo_id

    @property
    def count(self) -> int:
        """How many photos one can walk through."""
        return len(self._walk)

    @property
    def details(self) -> Details | None:
        """What is known of the photo in view; of the one before until that is read, None at first."""
        return self._photo.details

    def show_photo(
        self, photo_id: int, ids: NDArray[np.int64], best: Mapping[int, int] = MappingProxyType({})
    ) -> None:
        """Look at one of `ids`, which are walked through.

        Args:
            best: of videos, where they are opened, in milliseconds; others at their posters
        """
        self._walk.begin(photo_id, ids, best)
        self._load_photo()

    def follow(self, ids: NDArray[np.int64]) -> None:
        """Other photos are walked through now; the one in view stays, or its place is taken by the next."""
        before = self.photo_id
        self._walk.follow(ids)
        if not len(ids):
            self.closed.emit()
        elif self.photo_id != before:
            self._load_photo()
        else:
            self.filmstrip.show_photos(self._walk.ids, self._walk.position)
            self._update_view()

    def walk(self, step: int) -> None:
        """Show another photo, so many places on; as far as there are any."""
        self.go_to(self._walk.position + step)

    def go_to(self, position: int) -> None:
        """The photo at a position, as far as there are any; -1 is the first, not the last."""
        if self._walk.go_to(position):
            self._load_photo()

    def step_or_pan(self, step: int, across: float = 0.0, down: float = 0.0) -> None:
        """An arrow moves a photo that is larger than the view, else it leads to another photo."""
        if self.picture.zoom.movable:
            self.picture.pan_by(across, down)
        else:
            self.walk(step)

    def refresh(self) -> None:
        """Read again what is known of the photo in view."""
        self._photo.refresh()

    def _load_photo(self) -> None:
        if self.photo_id is None:
            return
        self.turns_over.emit()
        self.slideshow.wait()
        self.filmstrip.show_photos(self._walk.ids, self._walk.position)
        self._photo.load()
        self.photo_changed.emit()

    def _on_read(self) -> None:
        details, photo_id = self._photo.details, self.photo_id
        lines = details.lines if details else ()
        self.picture.mark([lines[place].box for place in holding(lines, self.sought())])
        if photo_id is not None:
            self.moments.show_video(photo_id, details.video if details else None, self._photo.at_ms)
        self._update_view()

    def _show_moment(self, at_ms: int) -> None:
        """Show the video in view at another time."""
        self._photo.show_moment(at_ms, self.moments.image(at_ms))
        self._update_view()

    # --- what the person says of it; shown at once

    def toggle_favourite(self) -> None:
        """Make the photo a favourite, or no longer one."""
        if self._photo.known is not None:
            favourite = not self._photo.known.favourite
            self._notes.set_favourite([self._photo.known.photo_id], favourite)
            self._photo.details = msgspec.structs.replace(self._photo.known, favourite=favourite)
            self._update_view()

    def rate(self, stars: int) -> None:
        """Give the photo so many stars, 0 to 5."""
        if self._photo.known is not None:
            self._notes.set_rating([self._photo.known.photo_id], stars)
            self._photo.details = msgspec.structs.replace(self._photo.known, rating=stars)
            self._update_view()

    def toggle_information(self) -> None:
        """Show the panel of information, or hide it."""
        if not self.panel.leave():
            self.panel.show()
            self._update_view()

    def close_panel(self) -> bool:
        """Close the panel that has the keyboard; return False where none has it."""
        return any(panel.has_keyboard and panel.leave() for panel in (self.panel, self.why))

    def write_caption(self) -> None:
        """Put the keyboard into the caption's field."""
        if self.panel.isHidden():
            self.toggle_information()
        if self._photo.known is None:  # what is written belongs to this photo all the same
            self.panel.caption.show_caption(() if self.photo_id is None else (self.photo_id,), "")
        self.panel.caption.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.panel.caption.selectAll()

    def copy_text(self) -> None:
        """Put the lines that were read in the photo on the clipboard."""
        if self._photo.known is None or not self._photo.known.lines:
            self.say(tr("No text was read in this photo."))
            return
        QGuiApplication.clipboard().setText(as_text(self._photo.known.lines))
        self.say(tr_n("{n} line of text copied", "{n} lines of text copied", len(self._photo.known.lines)))

    # --- around the picture

    def _turn(self, quarters: int) -> None:
        self.picture.turn(quarters)
        self.turned.emit(quarters)

    @property
    def is_bare(self) -> bool:
        """Whether nothing but the photo is shown."""
        return self.bar.isHidden()

    def set_bare(self, bare: bool) -> None:
        """Show nothing but the photo, as in full screen; or what stands around it, as it was."""
        self.bar.setVisible(not bare)
        self._make_room()
        if bare:
            self._resting += [panel for panel in (self.panel, self.why) if panel.leave()]
            return
        resting, self._resting = self._resting, []
        for panel in resting:
            panel.show()
        self._update_view()
        self.slideshow.end()

    def _enter(self) -> None:
        """Have the system play a video; from a photo go back."""
        if self._photo.known and self._photo.known.video:
            self.play_wanted.emit()
        else:
            self._go_back()

    def _go_back(self) -> None:
        """To the grid; a slideshow pauses first, as everywhere by the space bar."""
        if self.slideshow.running:
            self.slideshow.start_or_pause()
        else:
            self.closed.emit()

    def _make_room(self) -> None:
        self.filmstrip.allow(not self.bar.isHidden() and self.height() >= _ROOM_FOR_STRIP)
        self.moments.allow(not self.bar.isHidden())

    def _update_view(self) -> None:
        self.bar.show_details(self._photo.details, self._walk.position, self.count, self._photo.at_ms)
        self.bar.information.setChecked(not self.panel.isHidden())
        self.bar.set_stars_shown(self.panel.isHidden())  # the panel has its own
        if not self.panel.isHidden() and self._photo.details is self._photo.known:
            self.panel.show_details(self._photo.details)
        self._overlay.allow_steps(before=self._walk.position > 0, after=self._walk.position + 1 < self.count)
        self._overlay.say(*self._photo.note())

    def remark(self, sentence: str) -> None:
        """Say what went wrong, until another photo is in view."""
        self._photo.problem = sentence
        self._overlay.tell("")
        self._update_view()

    def say(self, sentence: str, offer: Offer | None = None) -> None:
        """Say what was done, and what can be done about it; it goes by itself."""
        self._overlay.tell(sentence, offer)

    def withdraw(self, offer: Offer) -> None:
        """Take away what was said with this offer; nothing where something else is said by now."""
        self._overlay.withdraw(offer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Over a photo that is whole in view, the wheel walks."""
        self._wheel += event.angleDelta().y()
        if abs(self._wheel) >= _NOTCH:
            self.walk(-1 if self._wheel > 0 else 1)
            self._wheel = 0
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The photo's keys count wherever in the view the keyboard is, unless they are of use there."""
        if not give_on(event, self.picture):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus_within(self, forward=forward)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._photo.request_previews)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # else the whole window is out of sight for a while
            self.turns_over.emit()
