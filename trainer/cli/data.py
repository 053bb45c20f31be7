"""python -m trainer data check DIR"""

import argparse
import json
from pathlib import Path

from trainer.cli.arguments import add_json

NAME = "data"
HELP = "look through photos with captions before training on them"
EXAMPLES = ("data check flickr8k", "data check flickr8k --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["check"], help="report what is there, missing, broken or repeated")
    parser.add_argument("folder", type=Path, metavar="DIR", help="photos with captions, in any known format")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from trainer.data.check import check

    found = check(options.folder)
    print(json.dumps(found) if options.json else found)
    return 0
