"""photosearch info FILE..."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from photosearch import i18n
from photosearch.cli import arguments
from photosearch.cli.connect import open_reader, require
from photosearch.cli.photos import photo_ids
from photosearch.cli.text import as_json, row
from photosearch.core import length
from photosearch.core.errors import Sentence
from photosearch.core.exposure import shutter
from photosearch.i18n import translated

if TYPE_CHECKING:
    from photosearch.core.photo import Facts
    from photosearch.store.rows import Details

NAME = "info"
HELP = "print what is known of photos: when, where and by what they were taken, and what says so"
EXAMPLES = ("photosearch info cove.jpg", "photosearch info --json *.jpg | jq .photos[].date_from")

_SOURCES = {
    "name": Sentence("from the file's name"),
    "sidecar": Sentence("from a file beside it"),
    "video": Sentence("from the video itself"),
    "file": Sentence("the earliest time at which its file was seen to be written"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", type=arguments.path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    require(options.library)
    ids = photo_ids(options.library, options.files)
    with open_reader(options.library) as reader:
        found = [details for photo_id in ids if (details := reader.details(photo_id))]
    if options.json:
        print(as_json({"photos": [fields(details) for details in found]}))
    else:
        print("\n\n".join("\n".join(_lines(details)) for details in found))
    return 0


def fields(details: Details) -> dict[str, Any]:
    """What --json prints of a photo: what holds, and in "file" what the file says."""
    return {
        "paths": [os.fsdecode(file.path) for file in details.files],
        "date": details.facts.taken_at or details.dated_at,
        "date_from": details.dated_from,
        "utc_offset": details.facts.utc_offset,
        "town": details.town.said(i18n.language()) if details.town else None,
        "caption": details.caption,
        "stars": details.rating,
        "favourite": details.favourite,
        "albums": [*details.albums.values(), *details.live_albums.values()],
        "seconds": details.video.seconds if details.video else None,
        "damaged": str(details.damage) if details.damage else None,
        "lines": [line.text for line in details.lines],
        "file": msgspec.to_builtins(details.facts),
    }


def _lines(details: Details) -> list[str]:
    facts = details.facts
    date = details.facts.taken_at or details.dated_at
    zone = f" UTC{facts.utc_offset}" if facts.utc_offset else ""
    source = _SOURCES.get(details.dated_from) or Sentence("from {source}", source=details.dated_from.upper())
    dated = Sentence("{date} ({source})", date=f"{date.replace('T', ' ')}{zone}", source=source)
    place = ""
    if facts.latitude is not None and facts.longitude is not None:
        place = f"{facts.latitude:.6f}, {facts.longitude:.6f}"
        place += f", {facts.altitude_metres:,.0f} m" if facts.altitude_metres is not None else ""
    rows = (
        *((Sentence("file"), os.fsdecode(file.path)) for file in details.files),
        (Sentence("date"), translated(dated)),
        (Sentence("size"), f"{facts.width:,} x {facts.height:,}, {facts.format}"),
        (Sentence("length"), length.shown(details.video.seconds) if details.video else ""),
        (Sentence("camera"), ", ".join(filter(None, (facts.camera, facts.lens)))),
        (Sentence("exposure"), ", ".join(_exposure(facts))),
        (Sentence("place"), place),
        (Sentence("town"), details.town.said(i18n.language()) if details.town else ""),
        (Sentence("stars"), "" if details.rating is None else str(details.rating)),
        (Sentence("favourite"), translated(Sentence("yes")) if details.favourite else ""),
        (Sentence("title"), facts.title or ""),
        (Sentence("caption"), details.caption or ""),
        (Sentence("keywords"), ", ".join(facts.keywords)),
        (Sentence("people"), ", ".join(facts.people)),
        (Sentence("albums"), ", ".join([*details.albums.values(), *details.live_albums.values()])),
        (Sentence("damaged"), translated(details.damage) if details.damage else ""),
    )
    return [row(name, value) for name, value in rows if value]


def _exposure(facts: Facts) -> Iterator[str]:
    if facts.exposure_seconds:
        yield f"{shutter(facts.exposure_seconds)} s"
    if facts.f_number:
        yield f"f/{facts.f_number:g}"
    if facts.iso:
        yield f"ISO {facts.iso}"
    if facts.focal_length_mm:
        yield f"{facts.focal_length_mm:g} mm"
