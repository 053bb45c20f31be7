"""python -m trainer train RECIPE"""

import argparse
import json
from pathlib import Path

NAME = "train"
HELP = "train a model as a recipe says, and publish it as a folder"
EXAMPLES = ("train bundled --data flickr8k --objects coco-objects --out my-model",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe", metavar="RECIPE", help="a name in trainer/recipes, or the path of a .toml file"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="images/ with train.csv and val.csv, or with captions.csv (header: filename,caption); "
        "default: the folder you are in",
    )
    parser.add_argument(
        "--objects",
        type=Path,
        metavar="DIR",
        help="images/ with labels.json, to measure how it knows objects",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to publish it (default: ./RECIPE's name)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")


def run(options: argparse.Namespace) -> int:
    from trainer.bundled.recipe import read_recipe
    from trainer.bundled.train import train

    recipe = read_recipe(options.recipe)
    metrics = train(recipe, options.data, options.objects, options.out or Path(recipe.name), options.seed)
    print(json.dumps(metrics, indent=1))
    return 0
