"""photosearch albums"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

from photosearch.cli import arguments
from photosearch.cli.asked import as_typed, complain_of, understood
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.photos import photo_ids
from photosearch.cli.text import as_json, count, escaped, note, say, worded
from photosearch.core import note_messages
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.i18n import translated
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.store.rows import Album, LiveAlbum

NAME = "albums"
HELP = "list the albums, fill one by hand or let it fill itself, or remove one (photos stay where they are)"
EXAMPLES = (
    "photosearch albums",
    'photosearch albums add "Summer 2023" cove.jpg lake.jpg',
    'photosearch albums take "Summer 2023" lake.jpg',
    'photosearch albums live "Dogs on beaches" dogs on a beach --notify    (fills itself from now on)',
    'photosearch albums keep "Dogs on beaches" "Dogs of May"               (as it is now, as a plain album)',
    'photosearch albums off "Dogs on beaches"                              (a saved search again)',
    'photosearch albums rename "Dogs of May" "May"',
    'photosearch albums remove "Summer 2023"',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    add = actions.add_parser("add", help="put photos into an album, which is made where there is none")
    add.set_defaults(run=_add)
    take = actions.add_parser("take", help="take photos out of an album")
    take.set_defaults(run=_take)
    live = actions.add_parser(
        "live", help="let an album fill itself with what a query, or the saved search of its name, finds"
    )
    live.set_defaults(run=_live)
    off = actions.add_parser("off", help="let an album fill itself no more: it is a saved search again")
    off.set_defaults(run=_off)
    keep = actions.add_parser("keep", help="keep the photos of an album that fills itself as a plain album")
    keep.set_defaults(run=_keep)
    rename = actions.add_parser("rename", help="give an album another name")
    rename.set_defaults(run=_rename)
    remove = actions.add_parser("remove", help="forget an album; its photos stay")
    remove.set_defaults(run=_remove)
    for action in (add, take, live, off, keep, rename, remove):
        action.add_argument("album", metavar="ALBUM", type=_tidy)
    for action in (add, take):
        action.add_argument("file", nargs="+", metavar="FILE", type=arguments.path)
    for action in (keep, rename):
        action.add_argument("name", metavar="NAME")
    live.add_argument("query", nargs="*", metavar="QUERY", help="as photosearch search takes it")
    live.add_argument("--json", action="store_true", help="print one JSON object, as of each of the list")
    tells = live.add_mutually_exclusive_group()
    tells.add_argument(
        "--notify",
        dest="notifies",
        action="store_true",
        default=None,
        help="the window, where it may, and photosearch watch tell of photos that are new in it",
    )
    tells.add_argument("--no-notify", dest="notifies", action="store_false", help="they do not")


def _tidy(name: str) -> str:
    """As it is kept, so that it is found."""
    return " ".join(name.split())


class _Albums(NamedTuple):
    """By name: no two albums have the same."""

    plain: dict[str, Album]
    live: dict[str, LiveAlbum]  # that fill themselves

    @classmethod
    def read(cls, library: Library) -> _Albums:
        with open_reader(library) as reader:
            return cls(
                {album.name: album for album in reader.albums()},
                {album.name: album for album in reader.live_albums()},
            )


def run(options: argparse.Namespace) -> int:
    albums = _filled(options.library)
    names = sorted(albums.plain | albums.live)
    if options.json:
        listed = [_in_json(albums.live[n]) if n in albums.live else _plainly(albums.plain[n]) for n in names]
        print(as_json({"albums": listed}))
        return 0
    if not names:
        print(worded(Sentence("No albums yet; make one: photosearch albums add NAME FILE")))
    for name in names:
        if live := albums.live.get(name):
            print(f"{live.photos:>7,}  {escaped(name)}  {_how_filled(live)}")
            _note_problem(live)
        else:
            print(f"{albums.plain[name].photos:>7,}  {escaped(name)}")
    return 0


def _how_filled(album: LiveAlbum) -> str:
    said = Sentence("fills itself with: {query}", query=album.text)
    if album.new:
        said = Sentence("{said}; {more}", said=said, more=Sentence("{n:,} new", n=album.new))
    if album.notifies:
        said = Sentence("{said}; {more}", said=said, more=Sentence("you are told of new photos"))
    return worded(Sentence("({said})", said=said))


def _filled(library: Library) -> _Albums:
    """All albums, brought up to date; where that cannot be, why, and as they were."""
    albums = _Albums.read(library)
    if not albums.live:
        return albums
    try:
        with engine(library, lingers=True) as client:
            client.call(note_messages.FillLiveAlbums())
    except KnownError as error:
        note(error.sentence)
    return _Albums.read(library)


def _plainly(album: Album | LiveAlbum) -> dict[str, Any]:
    return {"name": album.name, "photos": album.photos}


def _in_json(album: LiveAlbum) -> dict[str, Any]:
    told = _plainly(album) | {"query": album.text, "new": album.new, "notifies": album.notifies}
    return told | ({"problem": translated(album.problem)} if album.problem else {})


def _add(options: argparse.Namespace) -> None:
    require(options.library)
    ids = photo_ids(options.library, options.file)
    album, held = _by_hand(options), set[int]()
    if album is not None:
        with open_reader(options.library) as reader:
            held = set(reader.album_photos(album.album_id)[0].tolist())
    with engine(options.library) as client:
        if album is None:
            client.call(note_messages.CreateAlbum(options.album, ids))
        else:
            client.call(note_messages.ChangeAlbum(album.album_id, ids))
    added = count(len(set(ids) - held), "photo")
    say(Sentence("{photos} added to “{name}”", photos=added, name=options.album))


def _take(options: argparse.Namespace) -> None:
    ids = photo_ids(options.library, options.file)
    album = _by_hand(options)
    if album is None:
        raise _unknown(options.album)
    with engine(options.library) as client:
        client.call(note_messages.ChangeAlbum(album.album_id, ids, "remove"))


def _live(options: argparse.Namespace) -> int:
    require(options.library)
    text = " ".join(map(as_typed, options.query))
    try:
        text = understood(text) if text else ""
    except QueryError as error:
        if options.json:
            raise
        return complain_of(error, text)
    with open_reader(options.library) as reader:
        saved = {search.name: search.search_id for search in reader.saved_searches()}
    if not text and options.album not in saved:
        raise KnownError(
            "There is no saved search {name}; write behind the name what the album is to be filled with.",
            name=escaped(options.album),
        )
    before = _Albums.read(options.library).live.get(options.album)
    with engine(options.library) as client:
        if text:
            search_id = client.call(note_messages.SaveSearch(options.album, text, live=True)).id
        else:
            search_id = saved[options.album]
        if options.notifies is not None or before is None:
            client.call(note_messages.SetLive(search_id, live=True, notifies=bool(options.notifies)))
    album = next(each for each in _Albums.read(options.library).live.values() if each.search_id == search_id)
    if before and before.text != album.text:
        note(
            Sentence(
                "{album} was filled with {before} until now; photosearch undo brings that back.",
                album=album.name,
                before=before.text,
            )
        )
    say(Sentence("{album}: {photos}", album=album.name, photos=count(album.photos, "photo")))
    if options.json:
        print(as_json(_in_json(album)))
    else:
        _note_problem(album)
    return 0


def _note_problem(album: LiveAlbum) -> None:
    if album.problem:
        note(
            Sentence("The album {album} cannot be filled: {problem}", album=album.name, problem=album.problem)
        )


def _off(options: argparse.Namespace) -> None:
    album = _that_fills_itself(options)
    with engine(options.library) as client:
        client.call(note_messages.SetLive(album.search_id, live=False))


def _keep(options: argparse.Namespace) -> None:
    album = _that_fills_itself(options)
    with engine(options.library) as client:
        client.call(note_messages.FillLiveAlbums())
        client.call(note_messages.FreezeAlbum(album.search_id, options.name))


def _rename(options: argparse.Namespace) -> None:
    albums = _Albums.read(options.library)
    with engine(options.library) as client:
        if live := albums.live.get(options.album):
            client.call(note_messages.RenameSearch(live.search_id, options.name))
        elif plain := albums.plain.get(options.album):
            client.call(note_messages.RenameAlbum(plain.album_id, options.name))
        else:
            raise _unknown(options.album)


def _remove(options: argparse.Namespace) -> None:
    albums = _Albums.read(options.library)
    with engine(options.library) as client:
        if live := albums.live.get(options.album):
            client.call(note_messages.DeleteSearch(live.search_id))
        elif plain := albums.plain.get(options.album):
            client.call(note_messages.DeleteAlbum(plain.album_id))
        else:
            raise _unknown(options.album)


def _by_hand(options: argparse.Namespace) -> Album | None:
    """The album of this name that is filled by hand; None: there is none."""
    albums = _Albums.read(options.library)
    if options.album in albums.live:
        raise KnownError(
            "The album {album} fills itself, and takes no photos by hand; photosearch albums keep makes a "
            "plain one of the photos that it has.",
            album=escaped(options.album),
        )
    return albums.plain.get(options.album)


def _that_fills_itself(options: argparse.Namespace) -> LiveAlbum:
    albums = _Albums.read(options.library)
    if options.album in albums.plain:
        raise KnownError("The album {album} does not fill itself.", album=escaped(options.album))
    if options.album not in albums.live:
        raise _unknown(options.album)
    return albums.live[options.album]


def _unknown(name: str) -> KnownError:
    return KnownError("There is no album {album}; list them: photosearch albums", album=escaped(name))
