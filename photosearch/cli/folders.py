"""photosearch folders"""

import argparse
import os
import shlex
from collections.abc import Sequence

from photosearch.cli import arguments
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.text import as_json, count, escaped, say, summed_up, worded
from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.i18n import translated

NAME = "folders"
HELP = "list the folders of the library, remove one from it, or say where one is that was moved or renamed"
EXAMPLES = (
    "photosearch folders",
    "photosearch folders remove ~/Pictures/old",
    "photosearch folders relocate ~/Pictures/old /mnt/photos",
    "photosearch index ~/Pictures              (adds one)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    remove = actions.add_parser("remove", help="forget a folder; its photos stay on the disk")
    remove.add_argument(
        "folder", metavar="OLD", type=arguments.path, help="one that photosearch folders lists"
    )
    remove.set_defaults(run=_remove)
    relocate = actions.add_parser(
        "relocate", help="take a folder that was moved or renamed to be elsewhere; nothing is read anew"
    )
    relocate.add_argument(
        "folder", metavar="OLD", type=arguments.path, help="one that photosearch folders lists"
    )
    relocate.add_argument("new", metavar="NEW", type=arguments.path, help="where it is now")
    relocate.set_defaults(run=_relocate)


def run(options: argparse.Namespace) -> int:
    require(options.library)
    with engine(options.library) as client:
        folders = client.call(messages.GetStatus()).folders
        jobs = client.call(messages.GetJobs()).jobs
    if options.json:
        print(as_json({"folders": fields(folders)}))
    elif not folders:
        print(worded(Sentence("No folders yet; add one: photosearch index FOLDER")))
    else:
        print("\n".join(lines(folders, jobs)))
    return 0


def fields(folders: list[messages.FolderStatus]) -> list[dict[str, str | int | None]]:
    """What --json prints of the folders."""
    return [
        {
            "path": os.fsdecode(folder.path_bytes),
            "photos": folder.photos,
            "state": folder.state,
            "unread": folder.unread,
            "unwatched": translated(folder.unwatched) if folder.unwatched else None,
        }
        for folder in folders
    ]


def lines(folders: list[messages.FolderStatus], jobs: Sequence[messages.Job]) -> list[str]:
    """A line for each folder: how many photos it holds, its path, and what is amiss with it.

    Args:
        jobs: those that run or wait; what they read needs nobody to go on.
    """
    going_on = {path for job in jobs for path in job.folders}
    width = max((len(f"{folder.photos:,}") for folder in folders), default=0)
    return [
        f"{folder.photos:>{width},}  {escaped(os.fsdecode(folder.path_bytes))}"
        + _what_is_amiss(folder, folder.path_bytes in going_on)
        for folder in folders
    ]


def taken_in(known: Sequence[messages.FolderStatus], folder: bytes) -> list[bytes]:
    """The folders of the library whose place a folder takes, by its real path, once it is added."""
    from photosearch.index.volume import volume_of
    from photosearch.store.folders import contains

    inside = [each for each in known if each.state == "here" and contains(folder, each.path_bytes)]
    if not inside or any(contains(each.path_bytes, folder) for each in known):
        return []
    return [each.path_bytes for each in inside if volume_of(each.path_bytes) == volume_of(folder)]


def way_back(folder: bytes, inside: Sequence[bytes]) -> str:
    """What to type so that a folder is in the library no more, and those are whose place it took."""
    undo = shlex.join(["photosearch", "folders", "remove", os.fsdecode(folder)])
    return undo + ("; " + shlex.join(["photosearch", "index", *map(os.fsdecode, inside)]) if inside else "")


def _what_is_amiss(folder: messages.FolderStatus, going_on: bool) -> str:
    path = shlex.quote(os.fsdecode(folder.path_bytes))
    if folder.state == "away":
        amiss = Sentence("(away: its drive is not here)")
    elif folder.state == "gone":
        amiss = Sentence(
            "(renamed, moved or deleted; if it is elsewhere: photosearch folders relocate {path} NEW)",
            path=path,
        )
    elif folder.unread and going_on:
        amiss = Sentence("(not read to its end yet)")
    elif folder.unread:
        amiss = Sentence("(not read to its end yet; to go on: photosearch index {path})", path=path)
    else:
        return ""
    return f"  {worded(amiss)}"


def _remove(options: argparse.Namespace) -> None:
    require(options.library)
    path = os.path.abspath(os.fsencode(options.folder))  # noqa: PTH100  (bytes)
    with engine(options.library) as client:
        with open_reader(options.library) as reader:
            kept = reader.held_elsewhere(path) or reader.held_elsewhere(os.path.realpath(path))
        before = client.call(messages.GetStatus()).photos
        client.call(messages.RemoveFolder(path))
        gone = before - client.call(messages.GetStatus()).photos
    stay = Sentence(
        "{n:,} that other folders hold too stays in it"
        if kept == 1
        else "{n:,} that other folders hold too stay in it",
        n=kept,
    )
    removed = Sentence(
        "Removed {folder} from the library, with {photos}",
        folder=os.fsdecode(path),
        photos=count(gone, "photo"),
    )
    say(summed_up(removed, [(kept, stay)]))


def _relocate(options: argparse.Namespace) -> None:
    require(options.library)
    old, new = (os.path.abspath(os.fsencode(path)) for path in (options.folder, options.new))  # noqa: PTH100
    with engine(options.library) as client:
        client.call(messages.RelocateFolder(old, new))
    say(
        Sentence(
            "{old} is {new} now; what is known of its photos stays.",
            old=os.fsdecode(old),
            new=os.fsdecode(new),
        )
    )
