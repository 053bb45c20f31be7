"""photosearch index FOLDER…"""

import argparse
import os

from photosearch.cli import arguments, progress
from photosearch.cli.connect import engine
from photosearch.cli.folders import taken_in, way_back
from photosearch.cli.text import as_json, complain, count, duration, note, rate, say, summed_up
from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.core.progress import IndexReport
from photosearch.engine.client import Client
from photosearch.i18n import translated

NAME = "index"
HELP = "add folders of photos, or bring them up to date"
EXAMPLES = (
    "photosearch index ~/Pictures",
    "photosearch index ~/Pictures /media/camera --json",
    "photosearch index ~/Pictures --library /tmp/try",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="+", metavar="FOLDER", type=arguments.path, help="subfolders included"
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="name or id; it answers once it knows every photo (default: the library's)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(
        on_interrupt=Sentence("stopped; run the same command again and it goes on where it was.")
    )


def run(options: argparse.Namespace) -> int:
    from photosearch.engine.folders import away, gone

    paths = [os.path.abspath(os.fsencode(folder)) for folder in options.folder]  # noqa: PTH100  (bytes)
    with engine(options.library, options.model) as client:
        replaced = _replaced(client, paths)
        report = progress.indexed(client, paths)
        folders = client.call(messages.GetStatus()).folders
    states = {folder.path_bytes: folder.state for folder in folders}
    said = {"away": away, "gone": gone}
    wrong = [said[state](path) for path in paths if (state := states.get(os.path.realpath(path), "")) in said]
    for error in wrong:
        complain(error)
    for path in paths:
        _tell_parent(path, [folder.path_bytes for folder in folders])
    if options.json:
        took = {"replaced": [os.fsdecode(path) for path in replaced]}
        errors = {"error": " ".join(map(translated, wrong))} if wrong else {}
        print(as_json(fields(report) | took | errors))
    else:
        say(sentence(report))
    return 1 if wrong else 0


def fields(report: IndexReport) -> dict[str, int | float | str]:
    """What --json prints of a run."""
    return {
        "indexed": report.indexed,
        "unchanged": report.unchanged,
        "moved": report.moved,
        "copies": report.copies,
        "back": report.back,
        "removed": report.removed,
        "failed": report.failed,
        "vanished": report.vanished,
        "notes_kept": report.notes_kept,
        "seconds": round(report.seconds, 3),
        "images_per_second": round(report.images_per_second, 1),
        "model": report.model,
    }


def sentence(report: IndexReport) -> str:
    """What a run did, in one sentence."""
    done = Sentence(
        "Indexed {photos} in {time}", photos=count(report.indexed, "photo"), time=duration(report.seconds)
    )
    if report.indexed:
        done = Sentence("{done} ({rate})", done=done, rate=rate(report.images_per_second))
    copies = Sentence(
        "{n:,} copy of known photos" if report.copies == 1 else "{n:,} copies of known photos",
        n=report.copies,
    )
    kept = count(report.notes_kept, "photo")
    rest = (
        (report.unchanged, Sentence("{n:,} unchanged", n=report.unchanged)),
        (report.moved, Sentence("{n:,} moved", n=report.moved)),
        (report.removed, Sentence("{n:,} removed", n=report.removed)),
        (report.back, Sentence("{n:,} back that were known before", n=report.back)),
        (report.copies, copies),
        (report.failed, Sentence("{n:,} failed (photosearch status says why)", n=report.failed)),
        (report.vanished, Sentence("{n:,} gone before they were read", n=report.vanished)),
        (report.notes_kept, Sentence("notes kept of {photos} edited elsewhere", photos=kept)),
    )
    return summed_up(done, rest)


def _replaced(client: Client, paths: list[bytes]) -> list[bytes]:
    """The folders of the library whose place these take, which is told before they are read."""
    known = client.call(messages.GetStatus()).folders
    replaced = []
    for folder in map(os.path.realpath, paths):
        if inside := taken_in(known, folder):
            note(
                Sentence(
                    "{folder} takes the place of {inside} inside it in the library; to undo: {undo}",
                    folder=os.fsdecode(folder),
                    inside=", ".join(map(os.fsdecode, inside)),
                    undo=way_back(folder, inside),
                )
            )
            replaced += inside
    return replaced


def _tell_parent(path: bytes, folders: list[bytes]) -> None:
    real = os.path.realpath(path)
    for folder in folders if real not in folders else ():
        if real.startswith(os.path.join(folder, b"")):  # noqa: PTH118  (bytes)
            note(
                Sentence(
                    "{inside} is inside {whole}, which was brought up to date.",
                    inside=os.fsdecode(path),
                    whole=os.fsdecode(folder),
                )
            )
