"""python -m trainer objects"""

import argparse
import json
from pathlib import Path

from trainer.cli.arguments import add_bias, add_images, add_json, add_model

NAME = "objects"
HELP = 'measure the mean average precision of "a photo of a X", for each X in two photos or more'
EXAMPLES = ("objects --model bundled --images photos --labels labels.json",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_images(parser)
    parser.add_argument("--labels", type=Path, metavar="JSON", required=True, help="{file: [object names]}")
    add_bias(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.evaluate.measure import measure_objects

    found = measure_objects(options.model, options.images, options.labels, bias=options.bias)
    if options.json:
        print(json.dumps(found))
    else:
        print(f"mAP {found['map']:.2f} over {found['categories']} categories")
        if found["languages"]:
            print("Their bare names:", *(f"{code} {score:.1f}" for code, score in found["languages"].items()))
        labels = found["labels"]
        for label in ("strong", "likely"):
            right = labels[label]["right"]
            shown = "" if right is None else f", {100 * right:.0f} % right"
            print(f"{label}: {labels[label]['hits']}{shown}")
        print(f"of the photos that show a category {100 * labels['found']:.0f} % are likely or strong")
    return 0
