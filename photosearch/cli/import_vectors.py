"""photosearch import-vectors FOLDER"""

import argparse
import os
from typing import Any

from photosearch.cli import arguments, progress
from photosearch.cli.connect import engine
from photosearch.cli.text import as_json, count, note, say, summed_up
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.vector_messages import ImportVectors, VectorsImported
from photosearch.i18n import translated

NAME = "import-vectors"
HELP = "take photos into the library that photosearch embed encoded, without reading them"
EXAMPLES = (
    "photosearch import-vectors vectors --folder ~/Pictures         (adds the folder, too)",
    "photosearch import-vectors vectors --folder s3://bucket/photos=/mnt/photos     (where they are here)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FOLDER", type=arguments.path, help="of Parquet files, or of Lance")
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        metavar="[FROM=]TO",
        type=_place,
        help="a folder that the library is to have; what lay below FROM lies below it here",
    )
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")
    parser.set_defaults(
        on_interrupt=Sentence("stopped; run the same command again and it goes on where it was.")
    )


def run(options: argparse.Namespace) -> int:
    from photosearch import scale

    scale.require()
    source = os.fsencode(os.path.abspath(options.path))  # noqa: PTH100  (odd names)
    with engine(options.library) as client, progress.shown(client):
        found = client.call(ImportVectors(source, tuple(options.folder)))
    if options.json:
        print(as_json(fields(found)))
    else:
        say(sentence(found))
        for problem in found.problems:
            note(problem)
    return 0 if found.imported or found.known else 1


def fields(found: VectorsImported) -> dict[str, Any]:
    """What --json prints of an import."""
    counts = {name: getattr(found, name) for name in found.__struct_fields__ if name != "problems"}
    return counts | {"problems": list(map(translated, found.problems))}


def sentence(found: VectorsImported) -> str:
    """What became of the photos, in one sentence."""
    rest = (
        (found.known, Sentence("{n:,} known already", n=found.known)),
        (found.missing, Sentence("{n:,} whose file is not there", n=found.missing)),
        (found.changed, Sentence("{n:,} whose file changed since", n=found.changed)),
        (found.outside, Sentence("{n:,} outside the library's folders", n=found.outside)),
        (found.refused, Sentence("{n:,} refused", n=found.refused)),
    )
    return summed_up(Sentence("Imported {photos}", photos=count(found.imported, "photo")), rest)


def _place(text: str) -> tuple[bytes, bytes]:
    """(before, now); a URL may have any number of signs of equality before the last one."""
    before, equals, now = text.rpartition("=")
    here = os.path.abspath(arguments.path(now))  # noqa: PTH100  (odd names)
    if not now or (equals and not before):
        raise KnownError("{value} names no folder", value=repr(text))
    if "://" not in before:
        before = os.path.abspath(arguments.path(before)) if before else here  # noqa: PTH100
    return os.fsencode(before), os.fsencode(here)
