"""photosearch duplicates"""

import argparse
from typing import Any, get_args

from photosearch.cli import progress
from photosearch.cli.arguments import add_paths
from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, count, escaped, listed, padded, print_paths, say, size
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.stack_messages import FindStacks, Kind, PhotoStack, StackedFile, StackProgress, Stacks
from photosearch.engine.client import Client
from photosearch.i18n import paragraph, translated

NAME = "duplicates"
HELP = "print the photos that are there more than once, and what they take; nothing is changed"
EXAMPLES = (
    "photosearch duplicates",
    "photosearch duplicates --kind burst --kind raw",
    "photosearch duplicates --paths0 | xargs -0 mv -t /tmp/spare",
    "photosearch duplicates --json",
)

KINDS = """\
kinds, each with the best file first; a photo with a caption, stars, heart or album of yours, or from which
you took a tag away, always stays:
  identical   files with the same bytes
  copies      one picture in several files: resized, compressed, brighter, cut by a tenth
  raw         a RAW file and the picture that the camera wrote beside it
  burst       photos that are alike and were taken within two seconds
"""
_TOLD = {
    "identical": Sentence("the same bytes"),
    "copies": Sentence("the same picture"),
    "raw": Sentence("RAW and picture"),
    "burst": Sentence("a burst"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind",
        action="append",
        choices=get_args(Kind),
        help="only this kind; may be given again (default: identical and copies)",
    )
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--json", action="store_true", help="print one JSON object")
    add_paths(parser, printed, "print only the files that may go and nothing is lost")
    parser.epilog = f"{KINDS}\n{parser.epilog}"


def run(options: argparse.Namespace) -> int:
    require(options.library)
    kinds: tuple[Kind, ...] = tuple(options.kind or ("identical", "copies"))
    with engine(options.library, lingers=True) as client:
        found = _found(client, FindStacks(kinds))
    if options.json:
        print(as_json(fields(found)))
    elif options.paths or options.paths0:
        spare = (file.path_bytes for stack in found.stacks for file in stack.files if file.spare)
        print_paths(spare, b"\0" if options.paths0 else b"\n")
    else:
        for stack in found.stacks:
            print("\n".join(_lines(stack)) + "\n")
        say(_sum(found))
    if not found.searched and found.unknown:
        raise KnownError("The present model has not read these photos yet; index their folder again.")
    return 0


def fields(found: Stacks) -> dict[str, Any]:
    """What --json prints."""
    return {
        "stacks": [
            {
                "kind": stack.kind,
                "bytes_to_win": stack.to_win,
                "files": [
                    {
                        "path": file.path,
                        "bytes": file.size,
                        "width": file.width,
                        "height": file.height,
                        "format": file.format,
                        "noted": file.noted,
                        "away": file.away,
                        "spare": file.spare,
                    }
                    for file in stack.files
                ],
            }
            for stack in found.stacks
        ],
        "bytes_to_win": found.to_win,
        "searched": found.searched,
        "unknown": found.unknown,
    }


def _found(client: Client, request: FindStacks) -> Stacks:
    def line(told: StackProgress) -> str:
        return translated(Sentence("comparing photos, {done:.0%} …", done=told.done))

    with progress.shown_of(client, StackProgress, line):
        return client.call(request)


def _lines(stack: PhotoStack) -> list[str]:
    files = Sentence("{files}: {kind}", files=count(len(stack.files), "file"), kind=_TOLD[stack.kind])
    told = [translated(files), *([_won(stack.to_win)] if stack.to_win else [])]
    return [listed(told), *(_line(file) for file in stack.files)]


def _won(to_win: int) -> str:
    return translated(Sentence("{size} to win", size=size(to_win)))


def _line(file: StackedFile) -> str:
    remarks = [
        f"{file.width} x {file.height}",
        file.format,
        size(file.size),
        *([translated(Sentence("has notes of yours"))] if file.noted else []),
        *([translated(Sentence("its drive is not here"))] if file.away else []),
    ]
    what = translated(Sentence("may go") if file.spare else Sentence("stays"))
    told = translated(Sentence("({said})", said=listed(remarks)))
    return f"  {padded(what, 6)}  {escaped(file.path)}  {told}"


def _sum(found: Stacks) -> str:
    photos = count(found.searched, "photo")
    said = Sentence("Nothing found among {photos}.", photos=photos)
    if found.stacks:
        said = Sentence(
            "{stacks} among {photos}, {size} to win.",
            stacks=count(len(found.stacks), "stack"),
            photos=photos,
            size=size(found.to_win),
        )
    unknown = Sentence("{photos} not read yet.", photos=count(found.unknown, "photo"))
    return paragraph((translated(said), translated(unknown) if found.unknown else ""))
