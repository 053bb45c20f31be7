"""The frames of a video in one row, by which it was found; and the button that plays it elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from photosearch.core import length
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailWish, scaled
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr
from photosearch.store.reader import Reader
from photosearch.store.rows import ShownVideo

_WIDTH, _HEIGHT, _GAP, _MARGIN = 84, 48, 3, 8
_LINE = 18  # under a frame: its time
_NOTCH = 120  # of a wheel, as Qt counts


class Moments(QWidget):
    """Shows the frames of a video that are kept; a click leads to one, and dragging through them.

    It is hidden where a photo is shown. Where there is room for a part of the frames, it is the part around
    the present one; where that is for one alone, as much of its middle as goes in.
    """

    chosen = Signal(object)  # int: milliseconds from the beginning of the video
    play_wanted = Signal()

    def __init__(self, reader: LibraryReader) -> None:
        super().__init__()
        self._reader = reader
        self._photo_id: int | None = None
        self._allowed = True
        self._frames: list[tuple[int, QImage]] = []
        self.at_ms = 0
        self._strip = _Strip(self)
        self.play = QToolButton()
        self.play.setObjectName("bar")
        self.play.setIcon(icon("play", of=self.play))
        self.play.setIconSize(QSize(20, 20))
        self.play.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(self.play_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, 0)
        row.setSpacing(_MARGIN)
        row.addWidget(self.play)
        row.addWidget(self._strip, 1)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        self.play.setText(tr("Play"))
        self.play.setToolTip(tr("Play with the system's program (Enter)"))
        self.play.setAccessibleName(self.play.toolTip())
        self._strip.setAccessibleName(tr("Scenes of the video"))

    def show_video(self, photo_id: int, video: ShownVideo | None, at_ms: int | None) -> None:
        """Show a video's frames, at one of them, or at its poster; nothing of a photo.

        Args:
            at_ms: None: its poster
        """
        if video is None:
            self._photo_id, self._frames = None, []
            self.hide()
            return
        self.at_ms = video.poster_ms if at_ms is None else at_ms
        if photo_id != self._photo_id:
            self._photo_id, self._frames = photo_id, []
            self._reader.ask(self, lambda reader: self._read(reader, photo_id), self._on_read)
        self.allow(self._allowed)
        self._strip.update()

    def allow(self, allowed: bool) -> None:
        """Be shown where a video is, or not, as in full screen."""
        self._allowed = allowed
        self.setVisible(allowed and self._photo_id is not None)

    def image(self, at_ms: int) -> QImage | None:
        """The small picture of a frame; None until it is read."""
        return next((image for when, image in self.frames if when == at_ms), None)

    def step(self, by: int) -> None:
        """Go to a frame after the present one, or before it, as far as there are any."""
        if self.frames:
            self.go_to(min(max(self.place + by, 0), len(self.frames) - 1))

    @property
    def place(self) -> int:
        """That of the present frame among all of them, of which there must be one."""
        return min(range(len(self.frames)), key=lambda place: abs(self.frames[place][0] - self.at_ms))

    def go_to(self, place: int) -> None:
        """Go to a frame by its place among all of them."""
        if self.frames[place][0] != self.at_ms:
            self.at_ms = self.frames[place][0]
            self._strip.update()
            self.chosen.emit(self.at_ms)

    @property
    def frames(self) -> list[tuple[int, QImage]]:
        """When each is, in milliseconds, and what it shows, in their order; none until they are read."""
        return self._frames

    def _read(self, reader: Reader, photo_id: int) -> tuple[int, list[tuple[int, QImage]]]:
        ratio = self.devicePixelRatioF()
        wish = ThumbnailWish(photo_id, round(_WIDTH * ratio), round(_HEIGHT * ratio))
        pictures = [(at_ms, scaled(jpeg, wish)) for at_ms, jpeg in reader.frame_thumbnails(photo_id)]
        return photo_id, [(at_ms, image) for at_ms, image in pictures if image is not None]

    def _on_read(self, read: tuple[int, list[tuple[int, QImage]]]) -> None:
        photo_id, frames = read
        if photo_id == self._photo_id:
            self._frames = frames
            self._strip.update()


class _Strip(QWidget):
    """Paints the frames; the mouse leads to them."""

    def __init__(self, moments: Moments) -> None:
        super().__init__(moments)
        self._moments = moments
        self._first = 0  # of the frames in the row
        self._wheel = 0
        self._held = False  # by the mouse, under which the row stays
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT + _LINE)

    def _places(self) -> range:
        """Of the frames in the row, from left to right.

        It moves only where the present one would come to its end, and there are more behind.
        """
        if not (count := len(self._moments.frames)):
            return range(0)
        room = min(max(1, (self.width() + _GAP) // (_WIDTH + _GAP)), count)
        present, beside = self._moments.place, int(room > 2 and not self._held)
        first = min(max(self._first, present + beside + 1 - room), present - beside)
        self._first = min(max(first, 0), count - room)
        return range(self._first, self._first + room)

    def paintEvent(self, event: QPaintEvent) -> None:
        frames, role = self._moments.frames, QPalette.ColorRole
        places = self._places()
        if not places:
            return
        present = self._moments.place
        width = min(_WIDTH, self.width())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.scaled_font(0.85))
            for number, place in enumerate(places):
                cell = QRect(number * (_WIDTH + _GAP), 0, width, _HEIGHT)
                painter.drawImage(cell, frames[place][1], _middle(frames[place][1], width))
                is_shown = place == present
                painter.setPen(self.palette().color(role.WindowText if is_shown else role.PlaceholderText))
                line = QRect(cell.left(), cell.bottom() + 1, width, _LINE)
                painter.drawText(line, Qt.AlignmentFlag.AlignCenter, length.shown(frames[place][0] / 1000))
                if is_shown:
                    painter.setPen(QPen(self.palette().color(role.Highlight), 2))
                    painter.drawRect(QRectF(cell).adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = True
        self._lead(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._lead(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A notch leads to the next frame."""
        moved = event.angleDelta()
        self._wheel += moved.x() or moved.y()
        if notches := int(self._wheel / _NOTCH):
            self._wheel -= notches * _NOTCH
            self._moments.step(-notches)
        event.accept()

    def _lead(self, event: QMouseEvent) -> None:
        if places := self._places():
            place = places.start + int(event.position().x() // (_WIDTH + _GAP))
            self._moments.go_to(min(max(place, 0), len(self._moments.frames) - 1))


def _middle(image: QImage, width: int) -> QRect:
    """As much of a frame as a cell of this width shows."""
    shown = round(image.width() * width / _WIDTH)
    return QRect((image.width() - shown) // 2, 0, shown, image.height())
