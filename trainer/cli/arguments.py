"""What several commands ask for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.core.errors import KnownError

if TYPE_CHECKING:
    from trainer.data.pairs import Pairs

PARTS = ("val", "test", "train")
MODEL = "a checkpoint folder, a run's folder, or a name such as bundled"
DATA = "photos with captions, in any format that train reads"


def add_model(parser: argparse.ArgumentParser) -> None:
    """--model: what is measured."""
    parser.add_argument("--model", metavar="MODEL", required=True, help=MODEL)


def add_images(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """--images: a folder of photos."""
    parser.add_argument("--images", type=Path, metavar="DIR", required=required, help="the folder of photos")


def add_data(parser: argparse.ArgumentParser, summary: str = DATA) -> None:
    """--data and --part: one part of a data set, as `read_part` takes them."""
    parser.add_argument("--data", type=Path, metavar="DIR", help=summary)
    parser.add_argument("--part", choices=PARTS, default="val", help="of the data (default: val)")


def read_part(data: Path, part: str) -> Pairs:
    """One part of a folder of photos with captions.

    Raises:
        KnownError: it is no such folder, or has no such part.
    """
    from trainer.data.dataset import read_dataset

    pairs: Pairs | None = getattr(read_dataset(data), part)
    if pairs is None or not pairs.captions:
        raise KnownError(f"{data} has no {part} part; name another with --part.")
    return pairs


def add_workers(parser: argparse.ArgumentParser, task: str) -> None:
    """--workers: how many threads do `task`."""
    parser.add_argument(
        "--workers", type=count, metavar="N", help=f"threads that {task} (default: by the number of cores)"
    )


def count(text: str) -> int:
    """A whole number from 1 on, as an argument's type."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def add_bias(parser: argparse.ArgumentParser) -> None:
    """--bias: whether to measure as the program searches."""
    parser.add_argument(
        "--bias", action="store_true", help="take each photo's hubness off its cosines, as the program does"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json: for programs to read."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
