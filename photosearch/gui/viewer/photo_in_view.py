"""The photo in view: what is known of it, and its pixels, small ones first and then those of its size."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from photosearch.gui.data.glance import Glance, glance
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.preview_cache import PreviewCache, PreviewWish
from photosearch.gui.viewer.information_text import name_and_folder
from photosearch.gui.viewer.picture import PictureView
from photosearch.gui.viewer.walk import Walk
from photosearch.i18n import said_again, tr
from photosearch.store.rows import Details

_LOADING_MS = 500  # what comes sooner needs no word
_SMALLEST_PREVIEW = 1600  # pixels: a small window is soon a larger one


class PhotoInView(QObject):
    """Reads the photo that a walk is at and shows it in the picture, as sharp as that is large.

    Attributes:
        details: what is known of the photo in view; of the one before until that is read, None at first
        at_ms: of the video in view; None: its poster
        problem: what went wrong with it; it is said until another photo is in view
    """

    read = Signal()  # what is known of it, maybe anew
    settled = Signal()  # as much of it is here as will come
    note_changed = Signal()  # note() says something else, maybe
    failed = Signal(object)  # str: why it cannot be read

    def __init__(
        self, reader: LibraryReader, previews: PreviewCache, walk: Walk, picture: PictureView
    ) -> None:
        super().__init__(picture)
        self._reader, self._previews, self._walk, self._picture = reader, previews, walk, picture
        self.details: Details | None = None
        self.at_ms: int | None = None
        self.problem = ""
        self._loading_timer = QTimer(self, interval=_LOADING_MS, singleShot=True)
        self._loading_timer.timeout.connect(self.note_changed)
        previews.arrived.connect(self._on_preview)
        previews.failed.connect(self._on_preview_failed)

    @property
    def known(self) -> Details | None:
        """Not of the photo before, which are shown until those of this one are read."""
        return self.details if self.details and self.details.photo_id == self._walk.photo_id else None

    def load(self) -> None:
        """Show the photo that the walk has come to."""
        photo_id = self._walk.photo_id
        if photo_id is None:
            return
        self.problem = ""
        at_ms = self.at_ms = self._walk.best.get(photo_id)
        self._loading_timer.start()
        self._reader.ask(
            self,
            lambda reader: glance(reader, photo_id, at_ms, self._reader.choice),
            lambda found: self._on_glance(photo_id, found),
            self.failed.emit,
        )

    def refresh(self) -> None:
        """Read again what is known of it."""
        photo_id = self._walk.photo_id
        if photo_id is not None:
            self._reader.ask(
                self,
                lambda reader: reader.details(photo_id, self._reader.choice),
                lambda details: self._on_details(photo_id, details),
                self.failed.emit,
            )

    def _on_glance(self, photo_id: int, found: Glance) -> None:
        if photo_id != self._walk.photo_id:
            return
        known = found.details.facts if found.details else None
        small = found.thumbnail
        width, height = (known.width, known.height) if known else (small.width(), small.height())
        picture = self._previews.get(photo_id, self.at_ms)
        if picture is not None:
            self._picture.show_photo(picture.image, picture.width, picture.height)
        else:
            self._picture.show_photo(small, width, height)
        self._on_details(photo_id, found.details)
        if picture is not None or self.known is None or self._is_away or self._previews.failure(photo_id):
            self._on_settled()
        self.request_previews()

    def _on_details(self, photo_id: int, details: Details | None) -> None:
        if photo_id == self._walk.photo_id:
            self.details = details
            self.read.emit()

    def show_moment(self, at_ms: int, small: QImage | None) -> None:
        """Show the video in view at another time, by the small picture of it while there is no other."""
        if self._walk.photo_id is None:
            return
        self.at_ms = at_ms
        picture = self._previews.get(self._walk.photo_id, at_ms)
        image = picture.image if picture else small
        if image is not None:
            self._picture.sharpen(image)
        self.request_previews()

    def request_previews(self) -> None:
        """Fetch the photo in view at the size it has now, its neighbours at that of the view."""
        photo_id = self._walk.photo_id
        if photo_id is None or self.known is None or not self._picture.isVisible():
            return
        ratio = self._picture.devicePixelRatioF()
        view = max(_SMALLEST_PREVIEW, round(max(self._picture.width(), self._picture.height()) * ratio))
        edge = max(view, self._picture.wanted_edge())
        wishes = [] if self._is_away else [PreviewWish(photo_id, edge, self.at_ms)]
        for neighbour in self._walk.neighbours():
            wishes.append(PreviewWish(neighbour, view, self._walk.best.get(neighbour)))
        self._previews.want(wishes)

    @property
    def _is_away(self) -> bool:
        files = self.known.files if self.known else []
        return bool(files) and all(file.away for file in files)

    def _on_preview(self, photo_id: int) -> None:
        picture = self._previews.get(photo_id, self.at_ms)
        if photo_id == self._walk.photo_id and picture is not None:
            self._on_settled()
            self._picture.sharpen(picture.image)
            self.note_changed.emit()

    def _on_preview_failed(self, photo_id: int) -> None:
        if photo_id == self._walk.photo_id:
            self._on_settled()
            self.note_changed.emit()

    def _on_settled(self) -> None:
        self._loading_timer.stop()
        self.settled.emit()

    def note(self) -> tuple[str, str]:
        """Return an icon's name and a sentence about it; empty where there is nothing to say."""
        photo_id = self._walk.photo_id
        if photo_id is None:
            return "", ""
        if self.problem:
            return "alert", said_again(self.problem)
        if self.known is None:
            return "", ""
        if self._is_away:
            return "drive-away", tr(
                "Only a small picture is here: {folder} is not. Connect its drive, or say where it is now, "
                "by its menu in the sidebar.",
                folder=name_and_folder(self.known.files[0].path)[1],
            )
        if failure := self._previews.failure(photo_id):
            return "image-off", said_again(failure)
        if self._previews.get(photo_id, self.at_ms) is None and not self._loading_timer.isActive():
            return "", tr("Reading the video…") if self.known.video else tr("Reading the photo…")
        return "", ""
