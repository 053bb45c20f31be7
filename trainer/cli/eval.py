"""python -m trainer eval"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.core.errors import KnownError
from trainer.cli.arguments import (
    add_bias,
    add_data,
    add_images,
    add_json,
    add_model,
    add_workers,
    count,
    read_part,
)

if TYPE_CHECKING:
    from trainer.data.pairs import Pairs

NAME = "eval"
HELP = "measure how well texts find photos and photos texts: R@1, R@5, R@10, median rank, MRR"
EXAMPLES = (
    "eval --model bundled --images photos --captions captions.csv --json",
    "eval --model my-model --images photos --captions captions.csv --gallery all",
    "eval --model runs/hybrid-flickr8k --data flickr8k --part val --interval",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_images(parser, required=False)
    parser.add_argument("--captions", type=Path, metavar="CSV", help="header: filename,caption")
    add_data(parser)
    parser.add_argument(
        "--gallery",
        choices=["captions", "all"],
        default="captions",
        help="what text->image ranks: the images that have captions (default), or all in --images",
    )
    parser.add_argument(
        "--protocol",
        choices=["all", "single", "random"],
        default="all",
        help="queries: every caption (default), the first of each image, or a random one of each image",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the random protocol (default: 0)"
    )
    parser.add_argument(
        "--interval", action="store_true", help="add 95 %% bootstrap intervals, clustered by image"
    )
    parser.add_argument("--batch", type=count, metavar="N", help="photos encoded at a time (default: 32)")
    add_workers(parser, "decode photos")
    parser.add_argument(
        "--precision",
        choices=["float32", "bf16", "fp16"],
        default="float32",
        help="what the networks compute in (default: float32)",
    )
    add_bias(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.evaluate.measure import measure_recall
    from trainer.evaluate.recall import Protocol
    from trainer.models.build import fetch

    fetch(options.model)
    pairs = _read(options)

    found = measure_recall(
        options.model,
        pairs,
        gallery=options.images if options.gallery == "all" else None,
        protocol=Protocol(options.protocol, options.seed),
        bias=options.bias,
        interval=options.interval,
        batch_size=options.batch,
        workers=options.workers,
        precision=options.precision,
    )
    print(json.dumps(found) if options.json else "\n".join(_lines(found)))
    return 0


def _read(options: argparse.Namespace) -> Pairs:
    if options.gallery == "all" and not options.images:
        raise KnownError("--gallery all ranks the photos of a folder; name it with --images.")
    if options.data and not options.captions:
        return read_part(options.data, options.part)
    if options.data or not (options.images and options.captions):
        raise KnownError("Name what to measure on: either --data DIR, or --images DIR with --captions CSV.")
    from trainer.data.pairs import read_pairs

    return read_pairs(options.captions, options.images)


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['images']:,} images, {found['captions']:,} captions: {found['protocol']}"]
    for way, label in (("t2i", "text -> image"), ("i2t", "image -> text")):
        intervals = found.get("intervals", {}).get(way, {})
        lines.append(f"{label}  " + "  ".join(_figure(k, v, intervals.get(k)) for k, v in found[way].items()))
    if found["unreadable"]:
        lines.append(f"{found['unreadable']:,} photo(s) of the gallery could not be read and were left out")
    if found["truncated"]:
        lines.append(f"{found['truncated']:,} caption(s) were cut at the model's limit of tokens")
    return lines


def _figure(name: str, value: float, interval: tuple[float, float] | None) -> str:
    digits = {"mrr": 4, "median_rank": 1}.get(name, 2)
    label = {"mrr": "MRR", "median_rank": "median rank"}.get(name, name)
    text = f"{label} {value:.{digits}f}"
    return text if interval is None else f"{text} [{interval[0]:.{digits}f}, {interval[1]:.{digits}f}]"
