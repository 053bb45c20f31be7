"""photosearch duplicates"""

import argparse
from typing import Any, get_args

from photosearch.cli import progress
from photosearch.cli.arguments import add_paths
from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, count, escaped, print_paths, say, size
from photosearch.core.errors import KnownError
from photosearch.core.stack_messages import FindStacks, Kind, PhotoStack, StackedFile, StackProgress, Stacks
from photosearch.engine.client import Client

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
    "identical": "the same bytes",
    "copies": "the same picture",
    "raw": "RAW and picture",
    "burst": "a burst",
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
    with progress.shown_of(client, StackProgress, lambda told: f"comparing photos, {told.done:.0%} …"):
        return client.call(request)


def _lines(stack: PhotoStack) -> list[str]:
    won = f", {size(stack.to_win)} to win" if stack.to_win else ""
    return [
        f"{count(len(stack.files), 'file')}: {_TOLD[stack.kind]}{won}",
        *(_line(file) for file in stack.files),
    ]


def _line(file: StackedFile) -> str:
    remarks = [
        f"{file.width} x {file.height}",
        file.format,
        size(file.size),
        *(["has notes of yours"] if file.noted else []),
        *(["its drive is not here"] if file.away else []),
    ]
    return f"  {'may go' if file.spare else 'stays ':6}  {escaped(file.path)}  ({', '.join(remarks)})"


def _sum(found: Stacks) -> str:
    unknown = f" {count(found.unknown, 'photo')} not read yet." if found.unknown else ""
    if not found.stacks:
        return f"Nothing found among {count(found.searched, 'photo')}.{unknown}"
    stacks = count(len(found.stacks), "stack")
    return f"{stacks} among {count(found.searched, 'photo')}, {size(found.to_win)} to win.{unknown}"
