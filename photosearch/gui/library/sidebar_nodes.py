"""Which rows the sidebar has, from the library's contents."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from photosearch import i18n
from photosearch.core.errors import Sentence
from photosearch.gui.desktop import files
from photosearch.gui.library.contents import Contents, folder_name, why_not_here
from photosearch.gui.library.places import ALL, FAVOURITES, RECENT, Place
from photosearch.gui.library.sidebar_row import Node
from photosearch.i18n import tr, tr_n, translated
from photosearch.store.folders import contains
from photosearch.store.rows import Album, FolderCount, LiveAlbum
from photosearch.store.tags import TagCount

PROBLEMS, DUPLICATES, MAP = "problems", "duplicates", "map"  # pages, by the keys of their rows
_MOST_TAGS = 8  # that are seen without a click


def all_nodes(
    contents: Contents, busy: Collection[bytes], unwatched: Mapping[bytes, Sentence], gone: Collection[bytes]
) -> list[Node]:
    """Return the headings, each with the rows below it.

    Args:
        busy: folders that are being looked through
        unwatched: why folders are only looked at now and then
        gone: folders that are not there, while their drives are
    """
    nodes = [
        Node(
            "library",
            tr("Library"),
            children=(
                Node(ALL, tr("All photos"), "photos", _number(contents.photos)),
                Node(FAVOURITES, tr("Favourites"), "heart", _number(contents.favourites)),
                Node(RECENT, tr("Recently added"), "clock"),
                Node(MAP, tr("Map"), "map-pin"),
                Node(DUPLICATES, tr("Duplicates"), "copy"),
            ),
        ),
        Node(
            "folders",
            tr("Folders"),
            plus=tr("Add a folder…"),
            children=_folders(contents, busy, unwatched, gone),
        ),
        Node(
            "albums",
            tr("Albums"),
            plus=tr("New album…"),
            children=_albums(contents.albums, contents.live),
        ),
    ]
    if contents.tags or contents.tags_off:
        nodes.append(Node("tags", tr("Things"), plus=tr("Add a tag…"), children=_tags(contents.tags)))
    if contents.searches:
        searches = tuple(
            Node(search, search.name, "bookmark", tip=search.text) for search in contents.searches
        )
        nodes.append(Node("searches", tr("Saved searches"), children=searches))
    if problems := sum(contents.failures.values()) + contents.damaged:
        row = Node(PROBLEMS, tr("Problems"), "alert", _number(problems))
        nodes.append(Node("attention", tr("To look at"), children=(row,)))
    return nodes


def _folders(
    contents: Contents, busy: Collection[bytes], unwatched: Mapping[bytes, Sentence], gone: Collection[bytes]
) -> tuple[Node, ...]:
    """The added ones, each with those that lie in it."""
    below: dict[bytes, list[FolderCount]] = {}
    for folder in contents.folders:
        if folder.path not in contents.added:
            below.setdefault(os.path.dirname(folder.path), []).append(folder)  # noqa: PTH120 (bytes)

    def node(folder: FolderCount) -> Node:
        path = folder.path
        tip, mark = [files.shown(path)], ""
        if folder.away:
            mark = "drive-away" if path in contents.added else ""
            tip.append(why_not_here(gone=any(contains(each, path) for each in gone)))
        elif path in busy:
            mark = "refresh"
            tip.append(tr("Looking through it now"))
        if path in unwatched:
            tip.append(translated(unwatched[path]))
        if failed := contents.failures.get(path, 0):
            tip.append(tr_n("{n} file set aside", "{n} files set aside", failed))
        return Node(
            Place("folder", path=path),
            folder_name(path),
            "folder",
            _number(folder.photos),
            mark,
            "\n".join(tip),
            children=tuple(map(node, below.get(path, ()))),
        )

    return tuple(node(folder) for folder in contents.folders if folder.path in contents.added)


def _albums(plain: Sequence[Album], live: Sequence[LiveAlbum]) -> tuple[Node, ...]:
    """All of them by name, whoever fills them."""
    nodes = [*map(_plain, plain), *map(_live, live)]
    return tuple(sorted(nodes, key=lambda node: node.name))


def _plain(album: Album) -> Node:
    return Node(Place("album", album.album_id), album.name, "album", _number(album.photos), takes_photos=True)


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
        _number(album.photos),
        mark="alert" if album.problem else "",
        tip="\n".join(tip),
        new=f"+{album.new:,}" if album.new else "",
    )


def _tags(tags: Sequence[TagCount]) -> tuple[Node, ...]:
    """Those that most photos have; the others by their names, under a row of their own."""
    nodes = [
        Node(Place("tag", tag=tag.name), tag.said(i18n.language()), "tag", _number(photos))
        for tag, photos in tags
    ]
    shown = sum(photos > 0 for _, photos in tags[:_MOST_TAGS])
    most, others = nodes[:shown], nodes[shown:]
    if others:
        by_name = sorted(others, key=lambda node: node.name.casefold())
        more = Node("more tags", tr("More"), "more", _number(len(others)), folds=True, children=by_name)
        most.append(more)
    return tuple(most)


def _number(count: int) -> str:
    """How many there are, as a row says it; nothing where there is none."""
    return f"{count:,}" if count else ""
