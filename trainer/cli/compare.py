"""python -m trainer compare A B"""

import argparse
import json
from pathlib import Path
from typing import Any

from trainer.cli.arguments import DATA, MODEL, add_data, add_json, read_part

NAME = "compare"
HELP = "say whether model B finds photos better than model A, query by query, and how sure that is"
EXAMPLES = (
    "compare bundled my-model --data flickr8k",
    "compare runs/infonce runs/hybrid-flickr8k --json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for letter in "AB":
        parser.add_argument(letter.lower(), metavar=letter, help=MODEL)
    add_data(parser, f"{DATA}; not needed for two finished runs")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    import msgspec

    if options.data:
        from trainer.evaluate.measure import compare_on
        from trainer.models.build import fetch

        for model in (options.a, options.b):
            fetch(model)
        compared = compare_on(options.a, options.b, read_part(options.data, options.part))
    else:
        from trainer.report.finished_run import compare_runs

        compared = compare_runs(Path(options.a), Path(options.b))
    found = msgspec.to_builtins(compared)
    print(json.dumps(found) if options.json else "\n".join(_lines(options.a, options.b, found)))
    return 0


def _lines(a: str, b: str, found: dict[str, Any]) -> list[str]:
    lines = []
    for way, label in (("t2i", "text -> image"), ("i2t", "image -> text")):
        one = found[way]
        lines.append(
            f"{label}: {one['verdict']}; of {one['queries']:,} queries {one['wins']:,} won, "
            f"{one['losses']:,} lost, {one['ties']:,} tied"
        )
        for key, change in one["changes"].items():
            name, digits = ("MRR", 4) if key == "mrr" else (key, 2)
            low, high = change["interval"]
            p = f", McNemar p {change['p']:.3g}" if change["p"] is not None else ""
            lines.append(
                f"  {name:5} {change['before']:.{digits}f} -> {change['after']:.{digits}f}  "
                f"{change['difference']:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]{p}"
            )
    return [*lines, f"{b} against {a}: {found['t2i']['verdict']}"]
