"""python -m trainer labels"""

import argparse
import json
from pathlib import Path
from typing import Any

from photosearch.core.errors import KnownError
from trainer.cli.arguments import DATA, add_json, add_model, read_part

NAME = "labels"
HELP = "compare labels by a model's own scale, fitted on photos alone, and fitted on known answers"
EXAMPLES = ("labels --model bundled --data flickr8k --images photos --labels labels.json",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", required=True, help=f"{DATA}; their part val is used"
    )
    parser.add_argument("--images", type=Path, metavar="DIR", help="the photos of --labels")
    parser.add_argument("--labels", type=Path, metavar="JSON", help="other photos, {file: [object names]}")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.evaluate.embed import open_model
    from trainer.evaluate.labels import compare_labels
    from trainer.evaluate.objects import read_labels
    from trainer.publish.convert import bank_texts

    if (options.images is None) != (options.labels is None):
        raise KnownError("--images and --labels go together; name both or neither.")
    pairs = read_part(options.data, "val")
    objects = read_labels(options.labels, options.images) if options.labels else None
    opened = open_model(options.model)
    found = compare_labels(opened, pairs, bank_texts(opened.config.languages), objects)
    if not found:
        raise KnownError("The captions of {data} name too few things to fit a label on.", data=options.data)
    if options.json:
        print(json.dumps(found))
    else:
        for kind, ways in found.items():
            print("\n".join(_lines(kind, ways)))
    return 0


def _lines(kind: str, ways: dict[str, Any]) -> list[str]:
    standard = ways.pop("standard", None)
    lines = [
        kind
        if standard is None
        else f"{kind}: in spreads {standard['slope']:.3f} z {standard['offset']:+.3f}"
    ]
    for way, found in ways.items():
        parts = [f"  {way:8}"]
        for label in ("strong", "likely"):
            right = found[label]["right"]
            shown = "" if right is None else f", {100 * right:.0f} % right"
            parts.append(f"{label} from {found[f'{label}_from']:.3f}: {found[label]['hits']}{shown};")
        lines.append(" ".join([*parts, f"{100 * found['found']:.0f} % found"]))
    return lines
