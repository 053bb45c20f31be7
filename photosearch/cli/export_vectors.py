"""photosearch export-vectors --out FOLDER"""

import argparse
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.cli import arguments, progress
from photosearch.cli.connect import open_reader, require
from photosearch.cli.text import as_json, count, say, summed_up
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import FACTS_VERSION
from photosearch.core.progress import Progress

if TYPE_CHECKING:
    from photosearch.scale.rows import PhotoRow
    from photosearch.store.rows import IndexedFile

NAME = "export-vectors"
HELP = "write the library's photos and vectors to Parquet or Lance, as photosearch embed does"
EXAMPLES = (
    "photosearch export-vectors --out vectors",
    "photosearch export-vectors --out table --format lance",
    "photosearch import-vectors vectors --folder ~/Pictures --library OTHER     (then: into another library)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        required=True,
        metavar="FOLDER",
        type=arguments.path,
        help="of the files; what is finished there is not written again",
    )
    arguments.add_format(parser)
    parser.add_argument("--model", metavar="MODEL", help="name or id (default: the one that answers)")
    parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")
    parser.set_defaults(
        on_interrupt=Sentence("stopped; run the same command again and it goes on where it was.")
    )


def run(options: argparse.Namespace) -> int:
    from photosearch import scale

    require(options.library)
    scale.require(options.format)
    from photosearch.engine.loading import chosen_model
    from photosearch.models import catalog
    from photosearch.scale.embed import PART
    from photosearch.scale.parts import PartWriter, kept_for_us
    from photosearch.scale.rows import Header, Stamp

    library, out = options.library, Path(options.out).absolute()
    model = catalog.find(options.model, library) if options.model else chosen_model(library)
    header = Header(model.model_id, model.name, model.dim, FACTS_VERSION)
    written = skipped = 0
    with open_reader(library) as reader:
        files = reader.embedded(model.model_id)
        if not (first := next(files, None)):
            raise KnownError(
                "The model {model} has read none of the photos; name one that has, or have it read them: "
                "photosearch models use {model}",
                model=model.name,
            )
        with kept_for_us(out, header, options.format) as done, progress.own() as on_progress:
            total = reader.counts(model.model_id).searchable
            when = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
            for number, some in enumerate(_parts(chain([first], files), PART)):
                new = [one for one in some if Stamp(one.path, one.size, one.mtime_ns) not in done]
                skipped += len(some) - len(new)
                if new:
                    with PartWriter(out, f"part-{when}-{number:06}", header, options.format) as part:
                        for file in new:
                            part.add(_row(file))
                    written += len(new)
                on_progress(Progress("indexing", written + skipped, total))
    if options.json:
        print(as_json({"written": written, "skipped": skipped, "model": model.model_id}))
    else:
        wrote = Sentence("Wrote {what} to {path}", what=count(written, "photo"), path=options.out)
        say(summed_up(wrote, [(skipped, Sentence("{n:,} done before", n=skipped))]))
    return 0


def _parts(files: "Iterator[IndexedFile]", size: int) -> "Iterator[list[IndexedFile]]":
    while some := list(islice(files, size)):
        yield some


def _row(file: "IndexedFile") -> "PhotoRow":
    from photosearch.decode.look import look_of
    from photosearch.decode.thumbnail import average_colour, glimpse
    from photosearch.scale.rows import PhotoRow

    return PhotoRow(
        path=file.path,
        content_hash=file.content_hash,
        size=file.size,
        mtime_ns=file.mtime_ns,
        facts=file.facts,
        colour=file.colour or average_colour(glimpse(file.thumbnail)),
        look=file.look or look_of(glimpse(file.thumbnail)),
        thumbnail=file.thumbnail,
        vector=file.vector.astype("<f2").tobytes(),
        damage=file.damage,
    )
