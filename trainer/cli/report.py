"""python -m trainer report RUN..."""

import argparse
from pathlib import Path

NAME = "report"
HELP = "write one HTML page about training runs: curves, figures side by side, queries with their photos"
EXAMPLES = ("report runs/infonce runs/hybrid-flickr8k --out report.html",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs", metavar="RUN", type=Path, nargs="+", help="a run's folder; others are compared with the first"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", default=Path("report.html"), help="default: report.html"
    )


def run(options: argparse.Namespace) -> int:
    from trainer.report import write_report

    write_report(options.runs, options.out)
    print(options.out)
    return 0
