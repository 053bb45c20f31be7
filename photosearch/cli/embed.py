"""photosearch embed SOURCE… --out FOLDER"""

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.cli import arguments, progress
from photosearch.cli.connect import terminate
from photosearch.cli.text import as_json, count, duration, listed, rate, say, summed_up
from photosearch.core.errors import Sentence
from photosearch.i18n import translated

if TYPE_CHECKING:
    from photosearch.scale.embed import Summary

NAME = "embed"
HELP = "encode photos into Parquet or Lance, on one computer or many, without a library"
EXAMPLES = (
    "photosearch embed ~/Pictures --out vectors",
    "photosearch embed shards/*.tar --out vectors --workers 8       (webdataset)",
    "photosearch embed ~/Pictures --out table --format lance        (one table, which LanceDB can search)",
    "find /archive -name '*.jpg' -print0 | photosearch embed - --out vectors",
    "photosearch embed s3://bucket/photos --out /shared/vectors --address auto     (on a Ray cluster)",
    "photosearch import-vectors vectors --folder ~/Pictures         (then: into a library)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        type=arguments.path,
        help="a folder, a .tar archive, a list of paths, the URL of a bucket; - for a list from stdin",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FOLDER",
        type=arguments.path,
        help="of the files; what is finished there is not done again",
    )
    arguments.add_format(parser)
    parser.add_argument("--model", metavar="MODEL", help="name or id (default: the bundled one)")
    parser.add_argument(
        "--workers",
        metavar="N",
        type=arguments.positive,
        help="that encode at the same time (default: one for each GPU, else for every four cores)",
    )
    parser.add_argument(
        "--batch",
        metavar="N",
        type=arguments.positive,
        help="photos that are encoded at once (default: as it suits the device)",
    )
    parser.add_argument(
        "--part",
        metavar="N",
        type=arguments.positive,
        help="photos that are written at once, at most (default: 512); fewer where a worker would get less "
        "than four parts",
    )
    parser.add_argument(
        "--address",
        metavar="ADDRESS",
        help="of a Ray cluster, such as auto or 10.0.0.5:6379 (default: this computer alone)",
    )
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")
    parser.set_defaults(
        on_interrupt=Sentence("stopped; run the same command again and it goes on where it was.")
    )


def run(options: argparse.Namespace) -> int:
    from photosearch import scale
    from photosearch.models import catalog

    scale.require(options.format)
    from photosearch.scale.embed import PART, Plan, embed

    bundled = catalog.default()
    model = catalog.find(options.model, options.library) if options.model else bundled
    plan = Plan(
        sources=tuple(options.source),
        out=Path(options.out).absolute(),
        model=model,
        checkpoint=None if model.path == bundled.path else model.path.absolute(),
        workers=options.workers,
        part=options.part or PART,
        batch=options.batch,
        address=options.address,
        format=options.format,
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, terminate)
    with progress.own() as on_progress:
        summary = embed(plan, sys.stdin.buffer, on_progress)
    if options.json:
        print(as_json(fields(summary, model.model_id)))
    else:
        say(sentence(summary, options.out))
    return status(summary)


def status(summary: "Summary") -> int:
    """The exit status: 0 where a photo is in the files now, and none was left."""
    return 0 if summary.embedded + summary.skipped and not summary.lost else 1


def fields(summary: "Summary", model: str) -> dict[str, Any]:
    """What --json prints of a run."""
    found = {name: getattr(summary, name) for name in summary.__struct_fields__}
    rounded = {name: round(value, 3) for name, value in found.items() if isinstance(value, float)}
    return found | rounded | {"model": model}


def sentence(summary: "Summary", out: str) -> str:
    """What a run did, in one sentence."""
    photos = count(summary.embedded, "photo")
    done = Sentence("Embedded {photos} into {folder}", photos=photos, folder=out)
    if summary.embedded:
        done = Sentence(
            "{done} in {time} ({how})",
            done=done,
            time=duration(summary.seconds),
            how=listed(
                [translated(rate(summary.embedded / summary.seconds)), count(summary.workers, "worker")]
            ),
        )
    skipped, failed, before, lost = summary.skipped, summary.failed, summary.failed_before, summary.lost
    nothing = not (summary.embedded or skipped or failed or before or lost)
    rest = (
        (skipped, Sentence("{n:,} done before", n=skipped)),
        (failed, Sentence("{n:,} failed (see {folder}/failed)", n=failed, folder=out)),
        (before, Sentence("{n:,} failed before (not tried again until they change)", n=before)),
        (lost, Sentence("{n:,} left, as their worker died each time; run it again", n=lost)),
        (nothing, Sentence("there are none in the archives")),
    )
    return summed_up(done, rest)
