"""photosearch rate STARS FILE…"""

import argparse

from photosearch.cli import arguments
from photosearch.cli.connect import engine, require
from photosearch.cli.photos import photo_ids
from photosearch.core import note_messages

NAME = "rate"
HELP = "give photos 0 to 5 stars (find them with rating:>=3)"
EXAMPLES = ("photosearch rate 4 cove.jpg lake.jpg", "photosearch rate file cove.jpg     (as the file says)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stars", metavar="STARS", choices=[*"012345", "file"], help='0 to 5, or "file"')
    parser.add_argument("file", nargs="+", metavar="FILE", type=arguments.path)


def run(options: argparse.Namespace) -> None:
    require(options.library)
    ids = photo_ids(options.library, options.file)
    with engine(options.library) as client:
        client.call(note_messages.SetRating(ids, None if options.stars == "file" else int(options.stars)))
