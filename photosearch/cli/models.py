"""photosearch models"""

import argparse
import sys

from photosearch.cli.text import as_json, escaped, size
from photosearch.core.errors import KnownError
from photosearch.paths import Library

NAME = "models"
HELP = "list the models that can be used, the library's own marked with *"
EXAMPLES = ("photosearch models", "photosearch models --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    from photosearch.models import catalog

    found = catalog.available(options.library)
    default = _default_id(options.library)
    rows = [(model, model.model_id == default) for model in found]
    if options.json:
        listed = [
            {
                "id": model.model_id,
                "name": model.name,
                "dim": model.dim,
                "bytes": model.bytes,
                "path": str(model.path),
                "default": is_default,
            }
            for model, is_default in rows
        ]
        print(as_json({"models": listed}))
    elif not rows:
        print("No models are installed; see photosearch doctor.")
    else:
        width = max(len(model.name) for model in found)
        for model, is_default in rows:
            mark = "*" if is_default else " "
            print(f"{mark} {model.name:{width}}  {model.model_id}  {model.dim:>4}-d  {size(model.bytes):>9}")
    return 0


def _default_id(library: Library) -> str:
    """Of the model that commands use; empty where that one is gone."""
    from photosearch.engine.chosen import chosen_model

    try:
        return chosen_model(library).model_id
    except KnownError as error:
        print(f"photosearch: {escaped(str(error))}", file=sys.stderr)
        return ""
