"""photosearch update [--check]"""

import argparse

from photosearch import __version__
from photosearch.cli.text import as_json, escaped, say, worded
from photosearch.core.errors import Sentence

NAME = "update"
HELP = "ask whether there is a newer version; nothing is installed, and nobody asks unless you do"
EXAMPLES = (
    "photosearch update                              (its version, what is new, where to get it)",
    "photosearch update --json                       (with the checksums of its files)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="the same, as other programs call it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    from photosearch import updates  # and what reaches the network

    release = updates.newest()
    if options.json:
        newest = {"version": release.version, "page": release.page, "sha256": release.sha256}
        print(as_json({"version": __version__, "is_newer": release.is_newer, "newest": newest}))
    elif release.is_newer:
        out = Sentence(
            "PhotoSearch {new} is out; this is {version}.", new=release.version, version=__version__
        )
        print(worded(out))
        for line in release.notes[: updates.MOST_SHOWN].splitlines():
            print(f"  {escaped(line)}")
        print(worded(Sentence("It is at {page}", page=release.page)))
        for name, sha256 in release.sha256.items():
            print(f"  {escaped(sha256)}  {escaped(name)}")
    else:
        say(Sentence("PhotoSearch {version} is the newest version.", version=__version__))
    return 0
