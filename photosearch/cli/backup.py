"""photosearch backup"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.cli import arguments
from photosearch.cli.text import as_json, count, listed, say
from photosearch.core.errors import Sentence

if TYPE_CHECKING:
    from photosearch.store.backup import Content

NAME = "backup"
HELP = "copy what the library knows, with captions, albums and ratings, to one file (photos are not in it)"
EXAMPLES = (
    "photosearch backup /media/usb/photosearch.sqlite3",
    "photosearch restore /media/usb/photosearch.sqlite3   (goes back to it)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=arguments.path, help="a former copy there is replaced, nothing else"
    )


def run(options: argparse.Namespace) -> int:
    """Reads only; no engine is started for it."""
    from photosearch.store import backup

    path = Path(options.file).absolute()
    backup.export_copy(options.library, path)
    held = backup.content_of_copy(path)  # as it would be read
    say(Sentence("Copied {content} to {path}.", content=line(held), path=path))
    if options.json:
        print(as_json({"copy": held._asdict()}))
    return 0


def line(held: Content) -> str:
    """What a library or a copy holds, counted."""
    return listed(
        (
            count(held.photos, "photo"),
            count(held.captions, "caption"),
            count(held.favourites, "favourite"),
            count(held.ratings, "rating"),
            count(held.albums, "album"),
        )
    )
