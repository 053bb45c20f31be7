"""photosearch album"""

import argparse

from photosearch.cli import arguments
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.photos import photo_ids
from photosearch.cli.text import as_json, escaped
from photosearch.core import note_messages
from photosearch.core.errors import KnownError
from photosearch.paths import Library

NAME = "album"
HELP = "list the albums, fill one, or remove one (photos stay where they are)"
EXAMPLES = (
    "photosearch album",
    'photosearch album add "Summer 2023" cove.jpg lake.jpg',
    'photosearch album take "Summer 2023" lake.jpg',
    'photosearch album remove "Summer 2023"',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    add = actions.add_parser("add", help="put photos into an album, which is made where there is none")
    add.set_defaults(run=_add)
    take = actions.add_parser("take", help="take photos out of an album")
    take.set_defaults(run=_take)
    remove = actions.add_parser("remove", help="forget an album; its photos stay")
    remove.set_defaults(run=_remove)
    for action in (add, take, remove):
        action.add_argument("album", metavar="ALBUM")
    for action in (add, take):
        action.add_argument("file", nargs="+", metavar="FILE", type=arguments.path)


def run(options: argparse.Namespace) -> int:
    with open_reader(options.library) as reader:
        albums = reader.albums()
    if options.json:
        print(as_json({"albums": [{"name": album.name, "photos": album.photos} for album in albums]}))
    elif not albums:
        print("No albums yet; make one: photosearch album add NAME FILE")
    for album in () if options.json else albums:
        print(f"{album.photos:>7,}  {escaped(album.name)}")
    return 0


def _add(options: argparse.Namespace) -> None:
    require(options.library)
    ids = photo_ids(options.library, options.file)
    album_id = _id_of(options.album, options.library)
    with engine(options.library) as client:
        if album_id is None:
            client.call(note_messages.CreateAlbum(options.album, ids))
        else:
            client.call(note_messages.ChangeAlbum(album_id, ids))


def _take(options: argparse.Namespace) -> None:
    ids = photo_ids(options.library, options.file)
    album_id = _known(options)
    with engine(options.library) as client:
        client.call(note_messages.ChangeAlbum(album_id, ids, "remove"))


def _remove(options: argparse.Namespace) -> None:
    album_id = _known(options)
    with engine(options.library) as client:
        client.call(note_messages.DeleteAlbum(album_id))


def _known(options: argparse.Namespace) -> int:
    album_id = _id_of(options.album, options.library)
    if album_id is None:
        raise KnownError(
            "There is no album {album}; list them: photosearch album", album=escaped(options.album)
        )
    return album_id


def _id_of(name: str, library: Library) -> int | None:
    with open_reader(library) as reader:
        return next((album.album_id for album in reader.albums() if album.name == name), None)
