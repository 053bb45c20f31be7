"""photosearch restore"""

import argparse
import time
from pathlib import Path

from photosearch.cli import arguments
from photosearch.cli.backup import line
from photosearch.cli.text import as_json, escaped, padded, say, worded
from photosearch.core.errors import KnownError, Sentence
from photosearch.i18n import paragraph, translated

NAME = "restore"
HELP = "go back to a copy of the library; what is there now is copied first"
EXAMPLES = (
    "photosearch restore                                  (lists the copies that were made by themselves)",
    "photosearch restore /media/usb/photosearch.sqlite3   (says what would be lost)",
    "photosearch restore /media/usb/photosearch.sqlite3 --yes",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=arguments.path, nargs="?", help="made by photosearch backup"
    )
    parser.add_argument("--yes", action="store_true", help="do it; without, it is only said what it would do")


def run(options: argparse.Namespace) -> int:
    from photosearch.engine.restoring import restored
    from photosearch.store import backup

    library = options.library
    if options.file is None:
        copies = [*backup.set_aside(library), *backup.kept(library, time.time())]
        names = [str(copy) for copy in copies]
        listed = "\n".join(map(escaped, names)) or worded(
            Sentence("No copies yet; the window makes one a day.")
        )
        print(as_json({"copies": names}) if options.json else listed)
        return 0
    copy = Path(options.file).absolute()
    now, then = backup.content(library), backup.content_of_copy(copy)
    if not options.json:
        unread = translated(Sentence("none that can be read"))
        print(f"{padded(translated(Sentence('the copy')), 13)} {line(then)}")
        print(f"{padded(translated(Sentence('the library')), 13)} {line(now) if now else unread}")
    if not options.yes:
        raise KnownError("What the copy has not will be lost; to go back to it, say so: --yes")
    done = restored(library, copy)
    kept = worded(Sentence("What was there is kept in {path}.", path=done.kept)) if done.kept else ""
    say(paragraph((worded(Sentence("Restored.")), kept)))
    if options.json:
        print(as_json({"library": done.content._asdict(), "kept": str(done.kept) if done.kept else None}))
    return 0
