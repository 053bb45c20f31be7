"""The trainer's command line: train, eval, objects."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from photosearch.core.errors import KnownError

EXAMPLES = """\
examples:
  python -m trainer train bundled --data flickr8k --objects coco-objects --out my-model
  python -m trainer eval --model bundled --images photos --captions captions.csv --json
  python -m trainer eval --model my-model --images photos --captions captions.csv --gallery all
  python -m trainer objects --model bundled --images photos --labels labels.json
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0, or 1 for a known error (argparse exits with 2 for usage)."""
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except KnownError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer",
        description="Makes and measures PhotoSearch's models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    train = _command(commands, "train", "train a model as a recipe says, and publish it as a folder", _train)
    train.add_argument(
        "recipe", metavar="RECIPE", help="a name in trainer/recipes, or the path of a .toml file"
    )
    train.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="images/ with train.csv and val.csv, or with captions.csv (header: filename,caption); "
        "default: the folder you are in",
    )
    train.add_argument(
        "--objects",
        type=Path,
        metavar="DIR",
        help="images/ with labels.json, to measure how it knows objects",
    )
    train.add_argument(
        "--out", type=Path, metavar="DIR", help="where to publish it (default: ./RECIPE's name)"
    )
    train.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")

    evaluate = _command(commands, "eval", "recall at 1, 5 and 10 in percent, both ways; plain cosine", _eval)
    _add_model(evaluate)
    evaluate.add_argument(
        "--captions", type=Path, metavar="CSV", required=True, help="header: filename,caption"
    )
    evaluate.add_argument(
        "--gallery",
        choices=["captions", "all"],
        default="captions",
        help="what text->image ranks: the images that the captions name (default), or all in DIR",
    )

    objects = _command(
        commands,
        "objects",
        'mean average precision of "a photo of a X", for X in two photos or more',
        _objects,
    )
    _add_model(objects)
    objects.add_argument("--labels", type=Path, metavar="JSON", required=True, help="{file: [object names]}")
    return parser


def _command(commands: Any, name: str, summary: str, run: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--model", metavar="MODEL", required=True, help="a checkpoint folder, or a name such as bundled"
    )
    command.add_argument("--images", type=Path, metavar="DIR", required=True, help="the folder of photos")
    command.add_argument(
        "--bias", action="store_true", help="take each photo's hubness off its cosines, as the program does"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def _train(parsed: argparse.Namespace) -> None:
    from trainer.bundled.recipe import read_recipe
    from trainer.bundled.train import train

    recipe = read_recipe(parsed.recipe)
    metrics = train(recipe, parsed.data, parsed.objects, parsed.out or Path(recipe.name), parsed.seed)
    print(json.dumps(metrics, indent=1))


def _eval(parsed: argparse.Namespace) -> None:
    from trainer.measure import measure_recall

    found = measure_recall(
        parsed.model, parsed.images, parsed.captions, whole_folder=parsed.gallery == "all", bias=parsed.bias
    )
    if parsed.json:
        print(json.dumps(found))
        return
    print(f"{found['images']} images, {found['captions']} captions")
    for way, label in (("t2i", "text -> image"), ("i2t", "image -> text")):
        print(f"{label}  " + "  ".join(f"{k} {value:.2f}" for k, value in found[way].items()))


def _objects(parsed: argparse.Namespace) -> None:
    from trainer.measure import measure_objects

    found = measure_objects(parsed.model, parsed.images, parsed.labels, bias=parsed.bias)
    print(
        json.dumps(found) if parsed.json else f"mAP {found['map']:.2f} over {found['categories']} categories"
    )
