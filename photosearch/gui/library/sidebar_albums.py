"""Albums in the sidebar, those too that fill themselves: their rows, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMenu

from photosearch.gui.library.places import Place
from photosearch.gui.library.sidebar_row import Node
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n, translated
from photosearch.store.rows import Album, LiveAlbum


def album_nodes(plain: Sequence[Album], live: Sequence[LiveAlbum]) -> tuple[Node, ...]:
    """The rows of all albums, by name."""
    nodes = [*map(_plain, plain), *map(_live, live)]
    return tuple(sorted(nodes, key=lambda node: node.name))


def add_live_actions(
    menu: QMenu,
    album: LiveAlbum,
    *,
    may_tell: bool,
    tell: Callable[[bool], object],
    edit: Callable[[], object],
    freeze: Callable[[], object],
    end: Callable[[], object],
) -> None:
    """Put into a menu what can be done with an album that fills itself and with no other.

    Args:
        may_tell: whether the person wants messages of the desktop at all
        tell: called with whether the person wants to be told of new photos
        edit, freeze, end: change its search; keep its photos as a plain album; make it a saved search again
    """
    text = tr("Tell me of new photos") if may_tell else tr("Tell me of new photos (off in the settings)")
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(album.notifies)
    action.setEnabled(may_tell)
    action.triggered.connect(tell)
    menu.addAction(icon("search"), tr("Change its search")).triggered.connect(lambda: edit())
    menu.addAction(icon("album"), tr("Keep these photos as an album…")).triggered.connect(lambda: freeze())
    menu.addAction(icon("bookmark"), tr("Make it a saved search again")).triggered.connect(lambda: end())


def _plain(album: Album) -> Node:
    return Node(Place("album", album.album_id), album.name, "album", number(album.photos), takes_photos=True)


def _live(album: LiveAlbum) -> Node:
    tip = [tr("Fills itself with: {query}", query=album.text)]
    if album.new:
        tip.append(
            tr_n("{n} photo is new since you looked", "{n} photos are new since you looked", album.new)
        )
    if album.problem:
        tip.append(translated(album.problem))
    return Node(
        Place("live", search_id=album.search_id),
        album.name,
        "album-live",
        number(album.photos),
        mark="alert" if album.problem else "",
        tip="\n".join(tip),
        new=f"+{album.new:,}" if album.new else "",
    )


def number(count: int) -> str:
    """How many there are, as a row says it; nothing where there is none."""
    return f"{count:,}" if count else ""
