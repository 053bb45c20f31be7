"""A video under the pointer shows its frames: its left edge the first, its right edge the last."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from photosearch.core import length
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailWish, scaled
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.photo_facts import PhotoFacts
from photosearch.gui.grid.pointer import Pointer
from photosearch.gui.grid.spots import SpotKind
from photosearch.gui.widgets import theme
from photosearch.store.reader import Reader

_MOST = 40  # frames: more are not told apart by the hand, and each takes the memory of its cell
_REST_MS = 120  # a pointer on its way over the grid reads nothing


class VideoScrub(QObject):
    """Keeps the frames of the one video that the pointer is over."""

    changed = Signal(object)  # photo id: another frame of it is shown

    def __init__(
        self, view: JustifiedView, pointer: Pointer, facts: PhotoFacts, reader: LibraryReader
    ) -> None:
        super().__init__(view)
        self._view, self._pointer, self._facts, self._reader = view, pointer, facts, reader
        self._photo_id: int | None = None
        self._at = 0.0  # where the pointer is, from 0 at the left edge to 1
        self._frames: list[tuple[int, QPixmap]] = []
        self._shown = -1
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._read)

    @property
    def at(self) -> float:
        """Where the frame that is shown stands in the video, from 0 to 1."""
        return self._shown / max(1, len(self._frames) - 1)

    def shows(self, photo_id: int) -> bool:
        """Whether a video shows another frame than it does by itself."""
        return photo_id == self._photo_id and self._shown >= 0

    def frame(self, photo_id: int) -> QPixmap | None:
        """What is shown of a video in place of what it shows by itself."""
        return self._frames[self._shown][1] if self.shows(photo_id) else None

    def told(self, index: int) -> str:
        """How long the video at a position is, and where its picture is, if not its poster; "" of a photo."""
        seconds, photo_id = self._facts.seconds(index), int(self._view.ids[index])
        if seconds is None:
            return ""
        at_ms = self._frames[self._shown][0] if self.shows(photo_id) else self._facts.moment(photo_id)
        whole = length.shown(seconds) if seconds else ""
        return " / ".join(filter(None, ("" if at_ms is None else length.shown(at_ms / 1000), whole)))

    def move(self, point: QPoint) -> None:
        """The pointer is at a point of the viewport now, and nothing is being dragged."""
        hover = self._pointer.hover
        if hover is None or hover.kind is SpotKind.HEADING or self._facts.seconds(hover.position) is None:
            self.leave()
            return
        photo_id, cell = int(self._view.ids[hover.position]), self._view.cell_of(hover.position)
        self._at = min(max((point.x() - cell.left()) / max(1.0, cell.width()), 0.0), 1.0)
        if photo_id == self._photo_id:
            self._show()
            return
        self.leave()
        self._photo_id = photo_id
        self._rest.start()

    def leave(self) -> None:
        """Show the poster again."""
        self._rest.stop()
        photo_id, self._photo_id = self._photo_id, None
        self._frames, self._shown = [], -1
        if photo_id is not None:
            self.changed.emit(photo_id)

    def _read(self) -> None:
        photo_id, hover = self._photo_id, self._pointer.hover
        if photo_id is None or hover is None:
            return
        cell, scale = self._view.cell_of(hover.position), self._view.devicePixelRatioF()
        wish = ThumbnailWish(
            photo_id,
            max(1, round(cell.width() * scale)),
            max(1, round(cell.height() * scale)),
            self._view.px(theme.THUMBNAIL_RADIUS),
        )

        def frames(reader: Reader) -> list[tuple[int, QImage]]:
            found = reader.frame_thumbnails(photo_id)
            chosen = np.unique(np.linspace(0, len(found) - 1, min(len(found), _MOST)).round().astype(int))
            pictures = [(at_ms, scaled(jpeg, wish)) for at_ms, jpeg in (found[place] for place in chosen)]
            return [(at_ms, image) for at_ms, image in pictures if image is not None]

        self._reader.ask(self, frames, lambda read: self._on_read(photo_id, read))

    def _on_read(self, photo_id: int, read: list[tuple[int, QImage]]) -> None:
        if photo_id == self._photo_id:
            self._frames = [(at_ms, QPixmap.fromImage(image)) for at_ms, image in read]
            self._show()

    def _show(self) -> None:
        shown = min(int(self._at * len(self._frames)), len(self._frames) - 1)
        if shown != self._shown and self._photo_id is not None:
            self._shown = shown
            self.changed.emit(self._photo_id)
