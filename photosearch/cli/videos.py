"""photosearch videos [status|on|off|list]"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

import msgspec

from photosearch import settings
from photosearch.cli import index, progress
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.text import as_json, complain, count, duration, escaped, row, say, worded
from photosearch.core import length, messages
from photosearch.core.errors import Sentence
from photosearch.i18n import paragraph, translated

if TYPE_CHECKING:
    from photosearch.store.reader import Reader

NAME = "videos"
HELP = "say which videos are found beside photos, and switch that on or off"
EXAMPLES = (
    "photosearch videos                 (whether they are read, how many there are, how long)",
    "photosearch videos on              (and read those in the folders of the library now)",
    "photosearch videos list",
    "photosearch videos off             (they go from the library, and from no disk)",
    "photosearch search dogs type:video length:'>1m'",
)
_COST = (
    "A minute of video takes about as long to read as twenty photos, and each file is read once as a whole."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    for name, run_, told in (
        ("status", run, "print whether videos are read, and what there is of them"),
        ("on", _on, "read videos, too, from now on, and those that are there now"),
        ("off", _off, "leave videos out again; what you wrote of them stays"),
        ("list", _list, "print every video and its length, the longest first"),
    ):
        action = actions.add_parser(name, help=told, description=told[0].upper() + told[1:] + ".")
        action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(run=run_)
    parser.epilog = f"{_COST}\n\n{parser.epilog}"
    parser.set_defaults(
        on_interrupt=Sentence("stopped; run the same command again and it goes on where it was.")
    )


def run(options: argparse.Namespace) -> int:
    """Reads only; no engine is started for it."""
    from photosearch.decode import video_kind
    from photosearch.store.reader import setting

    require(options.library)
    on = setting(options.library, settings.VIDEOS) == settings.YES
    with open_reader(options.library) as reader:
        _, seconds = reader.videos()
        frames = reader.count_of_frames()
        failed = _failed(reader)
    readable = video_kind.can_be_read()
    if options.json:
        found = {
            "videos": "on" if on else "off",
            "installed": readable,
            "count": len(seconds),
            "seconds": round(float(seconds.sum()), 1),
            "frames": frames,
            "failed": failed,
        }
        print(as_json(found))
        return 0
    there, time = count(len(seconds), "video"), duration(float(seconds.sum()))
    whole = Sentence("{videos}, {time} in all", videos=there, time=time)
    found_by = Sentence("{n:,} by which they are found", n=frames)
    why = Sentence("{files}; photosearch status says why", files=count(failed, "file"))
    says = Sentence("on") if on else Sentence("off; photosearch videos on reads them")
    print(row(Sentence("videos"), translated(says)))
    if not readable:
        print(row(Sentence("missing"), translated(video_kind.cannot_be_read().reason)))
    print(row(Sentence("library"), translated(whole)))
    print(row(Sentence("frames"), translated(found_by)))
    if failed:
        print(row(Sentence("failed"), translated(why)))
    return 0


def _on(options: argparse.Namespace) -> int:
    with engine(options.library) as client:
        client.call(messages.ChangeSetting(settings.VIDEOS, settings.YES))
        folders = [folder.path_bytes for folder in client.call(messages.GetStatus()).folders]
        if not folders:
            say(Sentence("Videos are on. There are no folders yet: photosearch index FOLDER"))
            return 0
        report = progress.indexed(client, folders)
    with open_reader(options.library) as reader:
        videos, failed = len(reader.videos()[0]), _failed(reader)
    if options.json:
        print(as_json(index.fields(report) | {"failed": failed}))
    else:
        # Some of them may have been read by the job that the switch began, and are none of this one's.
        did = index.sentence(msgspec.structs.replace(report, failed=0))
        on = Sentence("Videos are on; the library has {videos}.", videos=count(videos, "video"))
        if failed:
            on = Sentence(
                "Videos are on; the library has {videos}, and {files} cannot be read (photosearch status "
                "says why).",
                videos=count(videos, "video"),
                files=count(failed, "file"),
            )
        say(paragraph((worded(on), did)))
    return 0


def _off(options: argparse.Namespace) -> int:
    with engine(options.library) as client:
        client.call(messages.ChangeSetting(settings.VIDEOS, settings.NO))
        folders = [folder.path_bytes for folder in client.call(messages.GetStatus()).folders]
        report = progress.indexed(client, folders) if folders else None
    if options.json:
        print(as_json(index.fields(report) if report else {}))
    else:
        say(Sentence("Videos are off. What you wrote of them comes back with them."))
    return 0


def _list(options: argparse.Namespace) -> int:
    require(options.library)
    with open_reader(options.library) as reader:
        ids, seconds = reader.videos()
        lengths = dict(zip(ids.tolist(), seconds.tolist(), strict=True))
        paths = reader.paths() if lengths else {}
        found: list[dict[str, Any]] = [
            {"path": os.fsdecode(paths[photo_id]), "seconds": lengths[photo_id]}
            for photo_id in sorted(lengths, key=lambda one: -lengths[one])
            if photo_id in paths
        ]
    if options.json:
        print(as_json({"videos": found}))
    elif found:
        print("\n".join(f"{length.shown(each['seconds']):>8}  {escaped(each['path'])}" for each in found))
    else:
        complain(Sentence("There are no videos in this library; photosearch videos says why."))
    return 0 if found else 1


def _failed(reader: Reader) -> int:
    """How many files named as videos cannot be read."""
    from photosearch.index.scanner import is_video_name

    return sum(is_video_name(row.path) for row in reader.failures())
