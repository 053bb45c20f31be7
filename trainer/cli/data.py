"""python -m trainer data check DIR"""

import argparse
from pathlib import Path

from trainer.cli.arguments import DATA, MODEL, add_json

NAME = "data"
HELP = "look through photos with captions before training on them: what is missing, broken, repeated or leaks"
EXAMPLES = ("data check flickr8k", "data check flickr8k --model bundled --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["check"], help="report; exits with 1 where training cannot begin")
    parser.add_argument("folder", type=Path, metavar="DIR", help=DATA)
    parser.add_argument("--model", metavar="MODEL", help=f"{MODEL}: count the captions that it would cut")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    import msgspec

    from trainer.data.check import check

    tokenizer = None
    if options.model:
        from trainer.evaluate.embed import open_model

        tokenizer = open_model(options.model).tokenizer
    found = check(options.folder, tokenizer)
    print(msgspec.json.encode(found).decode() if options.json else "\n".join(found.lines()))
    return 0 if found.ready else 1
