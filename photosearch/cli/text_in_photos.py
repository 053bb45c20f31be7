"""photosearch text"""

import argparse
from collections.abc import Sequence
from typing import Literal

from photosearch import settings
from photosearch.cli import arguments, stages
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.photos import photo_ids, photo_ids_in
from photosearch.cli.text import as_json, escaped, note
from photosearch.core.errors import Sentence
from photosearch.core.lines import Line, rows
from photosearch.core.stage_messages import ReadText, StageState

NAME = "text"
HELP = "read what is written in photos, so that it finds them, or print it"
EXAMPLES = (
    "photosearch text on",
    "photosearch text now",
    "photosearch text now ~/Pictures/Screenshots bill.jpg   (these alone, before all others)",
    "photosearch text status",
    "photosearch text show receipt.jpg",
    "photosearch text show *.png                            (each photo's lines below its name)",
    "photosearch text show --json *.png | jq -r '.photos[].lines[].text'",
    "photosearch search text:receipt",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", title="actions", required=True)
    now = stages.add_actions(actions, settings.TEXT)
    now.add_argument(
        "paths",
        metavar="FOLDER|PHOTO",
        nargs="*",
        type=arguments.path,
        help="read these alone, before all others, and leave the switch as it is",
    )
    now.set_defaults(run=_read, read_all=now.get_default("run"))
    show = actions.add_parser(
        "show", help="print the lines that were read in photos, of several below their names"
    )
    show.add_argument("files", metavar="FILE", nargs="+", type=arguments.path)
    show.add_argument("--json", action="store_true", help="print one JSON object, with where lines stand")
    show.set_defaults(run=_show)


def run(options: argparse.Namespace) -> int:
    raise AssertionError("an action is required")


def _read(options: argparse.Namespace) -> int:
    if not options.paths:
        return int(options.read_all(options))
    from photosearch.text.reading import VERSION

    require(options.library)
    ids = photo_ids_in(options.library, options.paths)

    def now(phase: Literal["runs", "done"]) -> StageState:
        with open_reader(options.library) as reader:
            return StageState(options.stage, phase, reader.texts_read(ids, VERSION), len(ids))

    with engine(options.library) as client:
        stages.wait_for(ReadText(ids), client, options, lambda _: now("runs"))
    stages.say_state(now("done"), options)
    return 0


def _show(options: argparse.Namespace) -> int:
    """1 where nothing is written in any."""
    require(options.library)
    ids = photo_ids(options.library, options.files)
    with open_reader(options.library) as reader:
        found = reader.lines_of(ids)
        unread = [
            file
            for file, photo_id in zip(options.files, ids, strict=True)
            if not reader.text_was_read(photo_id)
        ]
    if options.json:
        photos = [
            {
                "path": file,
                "read": file not in unread,
                "lines": [_fields(line) for line in found.get(photo_id, [])],
            }
            for file, photo_id in zip(options.files, ids, strict=True)
        ]
        print(as_json({"photos": photos}))
    else:
        texts = [
            _printed(found[id_], below=file if len(ids) > 1 else "")
            for file, id_ in zip(options.files, ids, strict=True)
            if id_ in found
        ]
        if texts:
            print("\n\n".join(texts))
        if unread:
            note(_of_unread(unread, len(ids)))
    return 0 if found else 1


def _printed(lines: Sequence[Line], below: str) -> str:
    name = [f"==> {escaped(below)} <=="] if below else []
    return "\n".join([*name, *("\t".join(escaped(line.text) for line in row) for row in rows(lines))])


def _of_unread(files: Sequence[str], asked: int) -> Sentence:
    if asked == 1:
        return Sentence("{file} was not read yet; photosearch text now reads all photos.", file=files[0])
    return Sentence(
        "{unread:,} of {asked:,} photos were not read yet; photosearch text now reads all photos.",
        unread=len(files),
        asked=asked,
    )


def _fields(line: Line) -> dict[str, object]:
    return {"text": line.text, "box": line.box, "confidence": round(line.confidence, 3)}
