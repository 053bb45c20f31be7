"""python -m trainer zero-shot"""

import argparse
import json
from pathlib import Path
from typing import Any

from trainer.cli.arguments import add_images, add_json, add_model

NAME = "zero-shot"
HELP = "classify photos by nothing but the names of their classes: top-1, top-5, and what is taken for what"
EXAMPLES = (
    "zero-shot --model bundled --images pets",
    "zero-shot --model my-model --images photos --labels labels.csv --templates photo --json",
)
WORST = 5  # classes shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_images(parser)
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="JSON {file: label or labels}, or CSV filename,label; else --images has a folder for each class",
    )
    parser.add_argument(
        "--classes",
        type=Path,
        metavar="FILE",
        help="what to choose among, one a line (default: those shown)",
    )
    parser.add_argument(
        "--templates",
        default="ensemble",
        metavar="NAME",
        help="ensemble (default), clip (its 80), photo, name, or a file with one a line: {} the class, "
        "{a} with article",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.evaluate import zero_shot

    classes = zero_shot.read_lines(options.classes) if options.classes else None
    if options.labels:
        photos = zero_shot.read_class_labels(options.labels, options.images, classes)
    else:
        photos = zero_shot.read_class_folders(options.images, classes)
    templates = zero_shot.read_templates(options.templates)
    found = zero_shot.measure_zero_shot(options.model, photos, templates)
    print(json.dumps(found) if options.json else "\n".join(_lines(found)))
    return 0


def _lines(found: dict[str, Any]) -> list[str]:
    worst = sorted(found["per_class"].items(), key=lambda item: item[1]["recall"])[:WORST]
    return [
        f"{found['images']:,} photos, {found['classes']:,} classes, {found['templates']} template(s)",
        f"top-1 {found['top1']:.2f}  top-5 {found['top5']:.2f}",
        f"top-1 {found['bare_name']['top1']:.2f} by bare name: a gain of {found['gain']['top1']:+.2f}",
        "",
        "least known:",
        *(f"  {name}: {one['recall']:.1f} % of {one['images']}" for name, one in worst),
        *(["taken for each other:"] if found["confusions"] else []),
        *(f"  {c['shown']} -> {c['taken_for']}: {c['images']}" for c in found["confusions"]),
        *(f"{found[why]:,} photo(s) left out: {why}" for why in ("unreadable", "unlabelled") if found[why]),
    ]
