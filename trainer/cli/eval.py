"""python -m trainer eval"""

import argparse
import json
from pathlib import Path

from trainer.cli.arguments import add_bias, add_images, add_json, add_model

NAME = "eval"
HELP = "measure recall at 1, 5 and 10 in percent, both ways; plain cosine"
EXAMPLES = (
    "eval --model bundled --images photos --captions captions.csv --json",
    "eval --model my-model --images photos --captions captions.csv --gallery all",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_images(parser)
    parser.add_argument(
        "--captions", type=Path, metavar="CSV", required=True, help="header: filename,caption"
    )
    parser.add_argument(
        "--gallery",
        choices=["captions", "all"],
        default="captions",
        help="what text->image ranks: the images that the captions name (default), or all in DIR",
    )
    add_bias(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.measure import measure_recall

    whole_folder = options.gallery == "all"
    found = measure_recall(
        options.model, options.images, options.captions, whole_folder=whole_folder, bias=options.bias
    )
    if options.json:
        print(json.dumps(found))
        return 0
    print(f"{found['images']} images, {found['captions']} captions")
    for way, label in (("t2i", "text -> image"), ("i2t", "image -> text")):
        print(f"{label}  " + "  ".join(f"{k} {value:.2f}" for k, value in found[way].items()))
    return 0
