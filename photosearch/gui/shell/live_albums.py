"""What the person does with albums that fill themselves: made, looked at, kept as they are, ended."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from photosearch.core import note_messages
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.library import places
from photosearch.gui.library.places import Place
from photosearch.gui.library.sidebar import Sidebar
from photosearch.gui.widgets import dialogs
from photosearch.i18n import tr, translated
from photosearch.store.rows import LiveAlbum


class LiveAlbums(QObject):
    """Has done what the sidebar says is wanted with them, and knows which photos are new in the one shown.

    Attributes:
        seen: the highest id of a photo that the person had seen in it; none below is new
    """

    def __init__(self, link: EngineLink, sidebar: Sidebar, window: QWidget) -> None:
        super().__init__(window)
        self._link, self._sidebar, self._window = link, sidebar, window
        self.seen = 0
        self._at: Place | None = None  # where the person is; None: at none
        sidebar.live_wanted.connect(self._set_live)
        sidebar.freeze_wanted.connect(self._ask_to_freeze)

    def leave(self) -> None:
        """The person goes elsewhere: what came to an album meanwhile has been seen."""
        if self._at is not None:
            self._note_seen(self._at)
        self._at = None

    def enter(self, place: Place) -> None:
        """The person looks at a place; what is new in an album stands first as long as he stays."""
        if place != self._at:
            self.leave()
            album = self._sidebar.contents.live_album(place)
            self.seen = album.seen if album else 0
            self._at = place
        self._note_seen(place)

    def _note_seen(self, place: Place) -> None:
        album = self._sidebar.contents.live_album(place)
        if album and album.new:
            self._order_quietly(note_messages.LookAtLiveAlbum(album.search_id))

    def _order_quietly(self, request: note_messages.LookAtLiveAlbum) -> None:
        """Where it cannot be remembered, what is new stays new; nobody asked for anything else."""
        self._link.order(self, request, refused=lambda _: None)

    def line(self, place: Place, said: str) -> str:
        """What is said of the photos of a place, and why no more come to an album that cannot be filled.

        Where there are none the page says it.
        """
        problem = self._problem(place)
        return tr("{photos} · {problem}", photos=said, problem=problem) if said and problem else said

    def nothing_here(self, place: Place) -> tuple[str, str]:
        """Return a title and an explanation for a place without photos."""
        problem = self._problem(place)
        return (tr("This album cannot be filled"), problem) if problem else places.nothing_here(place)

    def _problem(self, place: Place) -> str:
        """Why an album cannot be filled; empty where it can be, and of another place."""
        album = self._sidebar.contents.live_album(place)
        return translated(album.problem) if album and album.problem else ""

    def _set_live(self, search_id: int, live: bool, notifies: bool) -> None:
        self._link.order(self, note_messages.SetLive(search_id, live, notifies), takes_long=True)

    def _ask_to_freeze(self, album: LiveAlbum) -> None:
        dialogs.ask_name(
            self._window,
            tr("Keep these photos as an album"),
            tr("Its name. It has the photos that “{name}” has now:", name=album.name),
            "",
            lambda name: self._link.order(self, note_messages.FreezeAlbum(album.search_id, name)),
        )
