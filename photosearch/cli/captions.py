"""photosearch captions import|export|list"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from photosearch.cli import arguments
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.text import as_json, count, escaped, note, say, summed_up
from photosearch.core import note_messages, search_messages
from photosearch.core.errors import Sentence
from photosearch.core.photo import Confidence
from photosearch.paths import Library
from photosearch.search.query import parse

NAME = "captions"
HELP = "import captions from a file or folder, export or list them"
EXAMPLES = (
    "photosearch captions import captions.csv        (filename,caption; or other columns, JSON lines, ...)",
    "photosearch captions import ~/old --dry-run     (photos with captions.csv, or with a .txt beside each)",
    "photosearch captions export my-captions.csv     (a name that ends in .jsonl: JSON lines)",
    "photosearch captions export - | photosearch captions import - --library OTHER",
    'photosearch captions list --query "folder:holidays"',
)
STANDARD = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", title="actions", required=True)
    import_ = actions.add_parser("import", help="take captions in; what you wrote here yourself stays")
    import_.add_argument(
        "path",
        metavar="PATH",
        type=arguments.path,
        help="a table of captions, or a folder of photos with theirs; - for stdin",
    )
    import_.add_argument("--dry-run", action="store_true", help="only say what would be taken in")
    import_.add_argument("--json", action="store_true", help="print one JSON object")
    import_.set_defaults(run=run)
    export = actions.add_parser("export", help="write all captions to a file")
    export.add_argument(
        "path",
        metavar="FILE",
        type=arguments.path,
        help="CSV, or JSON lines where it ends in .jsonl; - for stdout",
    )
    export.add_argument(
        "--json", action="store_true", help="print one JSON object; to stdout: each caption as a line"
    )
    export.set_defaults(run=_export)
    list_ = actions.add_parser("list", help="print every caption that is shown, with its photo")
    list_.add_argument("--query", metavar="QUERY", help="only of photos that answer this, the best first")
    list_.add_argument("--json", action="store_true", help="print one JSON object")
    list_.set_defaults(run=_list)


def run(options: argparse.Namespace) -> int:
    require(options.library)
    with _named(options.path) as path, engine(options.library) as client:
        found = client.call(note_messages.ImportCaptions(os.fsencode(path), options.dry_run))
    if options.json:
        print(as_json(fields(found, options.dry_run)))
    else:
        say(sentence(found, options.dry_run))
        for problem in found.problems:
            note(problem)
    nothing_taken = not found.new and not found.repeated
    return 1 if nothing_taken and (found.skipped_no_photo or found.ambiguous) else 0


def fields(found: note_messages.CaptionsImported, dry_run: bool) -> dict[str, Any]:
    """What --json prints of an import."""
    return {
        "format": found.format,
        "dry_run": dry_run,
        "new": found.new,
        "photos": found.photos,
        "repeated": found.repeated,
        "skipped_no_photo": found.skipped_no_photo,
        "ambiguous": found.ambiguous,
        "problems": list(map(str, found.problems)),
    }


def sentence(found: note_messages.CaptionsImported, dry_run: bool) -> str:
    """What became of the captions of an import, in one sentence."""
    done = Sentence(
        "Would import {captions} of {photos}" if dry_run else "Imported {captions} of {photos}",
        captions=count(found.new, "caption"),
        photos=count(found.photos, "photo"),
    )
    lost, unclear = found.skipped_no_photo, found.ambiguous
    rest = (
        (found.repeated, Sentence("{n:,} known already", n=found.repeated)),
        (lost, Sentence("{n:,} without a photo in the library", n=lost)),
        (unclear, Sentence("{n:,} of photos that are not clear", n=unclear)),
    )
    return summed_up(done, rest)


def _export(options: argparse.Namespace) -> int:
    require(options.library)
    if options.path == STANDARD:
        return _write_out(options.library, lines=options.json)
    path = Path(options.path).absolute()
    with engine(options.library) as client:
        written = client.call(note_messages.ExportCaptions(os.fsencode(path)))
    whole = Sentence(
        "{captions} of {photos}",
        captions=count(written.captions, "caption"),
        photos=count(written.photos, "photo"),
    )
    say(summed_up(Sentence("Wrote {what} to {path}", what=whole, path=options.path), ()))
    if options.json:
        print(as_json({"captions": written.captions, "photos": written.photos}))
    return 0


def _write_out(library: Library, *, lines: bool) -> int:
    from photosearch.captions.writing import write_rows
    from photosearch.engine.captions import named_captions

    with open_reader(library) as reader:
        text = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
        write_rows(text, named_captions(reader), lines=lines)
        text.detach()
    return 0


def _list(options: argparse.Namespace) -> int:
    require(options.library)
    wanted = None if options.query is None else _answering(options.library, options.query)
    with open_reader(options.library) as reader:
        known = list(reader.captions())
    captions = [one for one in known if wanted is None or one.photo_id in wanted]
    if wanted is not None:
        captions.sort(key=lambda caption: wanted[caption.photo_id])
    if options.json:
        listed = [
            {"path": os.fsdecode(caption.path), "caption": caption.text, "source": caption.source}
            for caption in captions
        ]
        print(as_json({"captions": listed}))
    elif known and not captions:
        note(Sentence("No photo that answers this has a caption."))
    elif not captions:
        note(Sentence("No captions; write or import some: photosearch captions import FILE"))
    for caption in () if options.json else captions:
        print(f"{escaped(os.fsdecode(caption.path))}  {escaped(caption.text)}")
    return 0


def _answering(library: Library, query: str) -> dict[int, int]:
    """Ranks by photo id; weak hits are left out."""
    text = parse(query, base=Path.cwd).text
    with engine(library) as client:
        hits = client.call(search_messages.Search(text, arguments.MOST_HITS)).hits
    strong = (hit for hit in hits if hit.confidence is not Confidence.WEAK)
    return {hit.photo_id: rank for rank, hit in enumerate(strong)}


@contextlib.contextmanager
def _named(path: str) -> Iterator[Path]:
    """A path that the engine can open; what comes from stdin is a file for the while."""
    if path != STANDARD:
        yield Path(path).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="photosearch-") as folder:
        file = Path(folder, "stdin")
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield file
