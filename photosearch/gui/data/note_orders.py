"""What the person says of photos: sent to the engine, and told at once to whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from photosearch.core.note_messages import SetCaption, SetFavourite, SetRating
from photosearch.core.tag_messages import DenyTag
from photosearch.gui.data.engine_link import EngineLink


class NoteOrders(QObject):
    """Sends what the person notes of photos to the engine, and says when it could not be kept."""

    failed = Signal(object)  # str; what is shown must be read again
    caption_refused = Signal(object)  # photo ids: their captions stay as they were; `failed` says why

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link

    def set_favourite(self, photo_ids: Sequence[int], favourite: bool) -> None:
        """Make these photos favourites, or no favourites."""
        self._order(SetFavourite(tuple(photo_ids), favourite))

    def set_rating(self, photo_ids: Sequence[int], stars: int) -> None:
        """Give these photos 1 to 5 stars; 0 takes them away."""
        self._order(SetRating(tuple(photo_ids), stars))

    def set_caption(self, photo_ids: Sequence[int], text: str, was: str | None = None) -> None:
        """Caption photos, each in the same words; an empty text takes their captions away.

        Args:
            was: what is to be replaced, else it is refused; None: whatever there is
        """

        def refused(sentence: str) -> None:
            self.caption_refused.emit(photo_ids)
            self.failed.emit(sentence)

        self._link.order(self, SetCaption(tuple(photo_ids), text, was), refused=refused)

    def deny_tag(self, photo_id: int, tag: str) -> None:
        """Take a tag away from a photo."""
        self._order(DenyTag((photo_id,), tag))

    def _order(self, request: SetFavourite | SetRating | DenyTag) -> None:
        self._link.order(self, request, refused=self.failed.emit)
