"""photosearch undo"""

import argparse
import time

from photosearch.cli import progress
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.text import as_json, complain, escaped, note, say
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.history_messages import Redo, Turned, Undo
from photosearch.core.messages import GetStatus
from photosearch.engine.client import Client
from photosearch.i18n import translated

NAME = "undo"
HELP = (
    "take back the latest change of captions, stars, favourites, albums, saved searches or what is left out, "
    "or bring back what went to the trash; made here or in the window"
)
EXAMPLES = (
    "photosearch undo --list                         (what can be taken back, the latest first)",
    "photosearch undo",
    "photosearch redo                                (makes it again)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", action="store_true", help="only print what can be taken back")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    return _list(options) if options.list else turn(Undo(), options)


def turn(request: Undo | Redo, options: argparse.Namespace) -> int:
    """Take a change back or make it again, say which, and move the files that it moved; -> exit status.

    Raises:
        KnownError: there is none, or none of its files can be moved.
    """
    require(options.library)
    with engine(options.library) as client:
        turned = client.call(request)
        moved, problem = _move(client, turned, back=isinstance(request, Undo)) if turned.files else (0, "")
    if turned.files and not moved:
        raise KnownError(problem or Sentence("None of its files is where it was; they were left alone."))
    says = turned.change.says
    if isinstance(request, Undo):
        key, done = "undone", Sentence("Undone: {change}", change=says)
    else:
        key, done = "redone", Sentence("Redone: {change}", change=says)
    if options.json:
        error = {"error": problem} if problem else {}
        print(as_json({key: translated(says), "kept": turned.kept, "files": moved} | error))
    say(escaped(translated(done)))
    if turned.kept:
        note(Sentence("What was changed again since stays as it is: {number:,}.", number=turned.kept))
    if problem:
        complain(Sentence(problem))
    return 1 if problem else 0


def _move(client: Client, turned: Turned, *, back: bool) -> tuple[int, str]:
    """Move the files of a change out of the trash or into it; -> how many were, and why others were not."""
    from photosearch.gui.desktop.system_trash import put_all_back, send_all_again, send_to_trash
    from photosearch.store.folders import contains

    change_id = turned.change.change_id
    if back:
        moved = put_all_back(turned.files, change_id)
    else:
        moved = send_all_again(turned.files, change_id, send_to_trash)
    if moved.record:
        client.call(moved.record)
    if moved.done:
        paths = [file.path_bytes for file in turned.files]
        folders = [folder.path_bytes for folder in client.call(GetStatus()).folders if folder.state == "here"]
        progress.indexed(client, [each for each in folders if any(contains(each, path) for path in paths)])
    return moved.done, moved.problem


def _list(options: argparse.Namespace) -> int:
    with open_reader(options.library) as reader:
        changes = reader.changes()
    if options.json:
        listed = [{"says": translated(change.says), "made_at": made_at} for change, made_at in changes]
        print(as_json({"changes": listed}))
    elif not changes:
        print(translated(Sentence("There is nothing to undo.")))
    for change, made_at in () if options.json else changes:
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(made_at))
        print(f"{made}  {escaped(translated(change.says))}")
    return 0
