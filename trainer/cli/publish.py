"""python -m trainer publish"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.core.errors import KnownError
from trainer.cli.parent import end_with_parent

if TYPE_CHECKING:
    from trainer.publish.stages import Stage

NAME = "publish"
HELP = "make a model of the hub, or a run, a model that the program can use, without training"
EXAMPLES = (
    "publish openai/clip-vit-base-patch32 --out models/clip",
    "publish downloads/siglip --data flickr8k --out models/siglip   (its label fitted on these photos)",
    "publish runs/small --out models/small                          (a checked copy, without torch)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="SOURCE", help="a checkpoint or run, a folder in the hub's format, or a hub's id"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the new folder to write")
    parser.add_argument("--name", metavar="NAME", help="what to call it (default: as it calls itself)")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="photos with captions, to fit the label of a hub's model on"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say how much it would download from the hub"
    )
    parser.add_argument(
        "--downloads",
        type=Path,
        metavar="DIR",
        help="keep what is not whole yet here, to go on with it (default: the hub client's cache)",
    )
    parser.add_argument("--json", action="store_true", help="print events as JSON lines")


def run(options: argparse.Namespace) -> int:
    import msgspec

    from trainer.publish.publish import publish, what_comes

    if options.json:
        threading.Thread(target=end_with_parent, daemon=True).start()
    on_stage = _print_stage if options.json else _show_stage
    try:
        if options.dry_run:
            size, takes_torch = what_comes(options.source, options.downloads or options.out.parent)
            if options.json:
                _print({"event": "done", "total": size, "takes_torch": takes_torch})
            else:
                print(f"It would download {size / 1e6:,.1f} MB.")
            return 0
        info, notes = publish(
            options.source,
            options.out,
            on_stage,
            name=options.name,
            data=options.data,
            downloads=options.downloads,
        )
    except KnownError as error:
        if options.json:
            _print({"event": "failed", "sentence": msgspec.to_builtins(error.sentence)})
        raise
    if options.json:
        _print({"event": "done", "model": info.model_id, "notes": msgspec.to_builtins(notes)})
        return 0
    print(f"{info.name} ({info.model_id}) is in {options.out}; licence: {info.licence or 'unknown'}.")
    for note in notes:
        print(note)
    return 0


def _print_stage(stage: Stage, done: int = 0, total: int = 0) -> None:
    _print({"event": "stage", "stage": stage, "done": done, "total": total})


def _show_stage(stage: Stage, done: int = 0, total: int = 0) -> None:
    if sys.stderr.isatty() and not done:
        print(f"{stage} …", file=sys.stderr)


def _print(event: dict[str, Any]) -> None:
    print(json.dumps(event), flush=True)
