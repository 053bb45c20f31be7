"""photosearch favourite FILE…"""

import argparse

from photosearch.cli import arguments
from photosearch.cli.connect import engine, require
from photosearch.cli.photos import photo_ids
from photosearch.core import note_messages

NAME = "favourite"
HELP = "mark photos as favourites (find them with has:favourite)"
EXAMPLES = ("photosearch favourite cove.jpg lake.jpg", "photosearch favourite --off cove.jpg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="+", metavar="FILE", type=arguments.path)
    parser.add_argument("--off", action="store_true", help="they are favourites no longer")


def run(options: argparse.Namespace) -> None:
    require(options.library)
    ids = photo_ids(options.library, options.file)
    with engine(options.library) as client:
        client.call(note_messages.SetFavourite(ids, not options.off))
