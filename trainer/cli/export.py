"""python -m trainer export"""

import argparse
import json

from trainer.cli.arguments import MODEL, add_json

NAME = "export"
HELP = "write a model's ONNX graphs, with which the program runs it where torch is not installed"
EXAMPLES = ("export runs/small", "export bundled")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=MODEL)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from photosearch.models.torch.export import export
    from trainer.models.folders import own_folder

    folder = own_folder(options.model)
    config = export(folder)
    if options.json:
        print(json.dumps({"folder": str(folder), "model": config.model_id, "exports": config.exports}))
    else:
        print(f"Wrote {' and '.join(sorted(config.exports))} to {folder}.")
    return 0
