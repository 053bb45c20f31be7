"""photosearch caption get|set"""

import argparse

from photosearch.cli import arguments
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.photos import photo_ids
from photosearch.cli.text import as_json, escaped
from photosearch.core import note_messages

NAME = "caption"
HELP = "show or write a photo's caption (kept in the library; the file is not touched)"
EXAMPLES = (
    "photosearch caption get cove.jpg",
    'photosearch caption set cove.jpg "Rusty at Pelican Cove"',
    'photosearch caption set cove.jpg ""        (no caption)',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", title="actions", required=True)
    get = actions.add_parser("get", help="print the caption")
    get.set_defaults(run=run)
    set_ = actions.add_parser("set", help="write the caption")
    set_.set_defaults(run=_set)
    for action in (get, set_):
        action.add_argument("file", metavar="FILE", type=arguments.path)
    set_.add_argument("text", metavar="TEXT")


def run(options: argparse.Namespace) -> int:
    require(options.library)
    (photo_id,) = photo_ids(options.library, [options.file])
    with open_reader(options.library) as reader:
        details = reader.details(photo_id)
    caption = (details and details.caption) or ""
    print(as_json({"caption": caption}) if options.json else escaped(caption))
    return 0


def _set(options: argparse.Namespace) -> None:
    require(options.library)
    (photo_id,) = photo_ids(options.library, [options.file])
    with engine(options.library) as client:
        client.call(note_messages.SetCaption((photo_id,), options.text.encode(errors="replace").decode()))
