"""photosearch redo"""

import argparse

from photosearch.cli import undo
from photosearch.core.history_messages import Redo

NAME = "redo"
HELP = "make the change again that was taken back last"
EXAMPLES = ("photosearch undo && photosearch redo", "photosearch redo --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    return undo.turn(Redo(), options)
