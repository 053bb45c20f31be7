"""photosearch here FOLDER [QUERY], and in short: photosearch FOLDER [QUERY]"""

import argparse
import os
import sys

from photosearch.cli import arguments, gui, progress, search
from photosearch.cli.asked import as_typed, complain_of, understood
from photosearch.cli.connect import engine
from photosearch.cli.folders import taken_in, way_back
from photosearch.cli.text import note
from photosearch.core.errors import QueryError, Sentence
from photosearch.core.messages import AddFolder, GetStatus
from photosearch.engine.client import Client
from photosearch.search.query import of_path

NAME = "here"
HELP = (
    "search what is in a folder, which is added or brought up to date first; without a query, in the window"
)
EXAMPLES = (
    "photosearch here . two dogs on a beach",
    "photosearch . two dogs on a beach           (the same: a folder in place of a command)",
    "photosearch ~/Pictures                      (opens the window on it)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=arguments.path, help="subfolders included")
    search.add_arguments(parser, words="*")


def run(options: argparse.Namespace) -> int:
    folder = os.path.realpath(options.folder)
    inside = of_path("folder", folder)
    typed = " ".join(map(as_typed, options.query))
    is_printed = options.json or options.paths or options.paths0 or options.preview or options.sheet
    if not typed and not is_printed:
        options.opened = (folder,)
        return _open_window(options, os.fsencode(folder))
    try:
        understood(typed or inside)  # before a folder is read for it
    except QueryError as error:
        return complain_of(error, typed)
    options.query = [f"{typed} {inside}"]
    with engine(options.library, lingers=True) as client:
        _tell_what_is_added(client, os.fsencode(folder))
        if failed := progress.indexed(client, [os.fsencode(folder)]).failed:
            note(Sentence("Files that cannot be read: {files:,}; photosearch status says why.", files=failed))
        return search.run(options)


def _tell_what_is_added(client: Client, folder: bytes) -> None:
    """Say that a folder is in the library for good from now on, what it takes in, and the way back."""
    from photosearch.store.folders import contains

    known = client.call(GetStatus()).folders
    if not os.path.isdir(folder) or any(contains(each.path_bytes, folder) for each in known):  # noqa: PTH112
        return
    inside = taken_in(known, folder)
    undo = way_back(folder, inside)
    if inside:
        added = Sentence(
            "{folder} is added to the library, in place of {inside} inside it; to undo: {undo}",
            folder=os.fsdecode(folder),
            inside=", ".join(map(os.fsdecode, inside)),
            undo=undo,
        )
    else:
        added = Sentence(
            "{folder} is added to the library; to undo: {undo}", folder=os.fsdecode(folder), undo=undo
        )
    note(added)


def _open_window(options: argparse.Namespace, folder: bytes) -> int:
    with engine(options.library) as client:
        if sys.platform == "linux" and os.path.isdir(folder):  # noqa: PTH112  (else it is told what is wrong)
            gui.check_display()
        _tell_what_is_added(client, folder)
        client.call(AddFolder(folder))  # the window's engine reads it
    return gui.run(options)
