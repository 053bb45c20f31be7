"""What several commands ask for."""

import argparse
from pathlib import Path


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", metavar="MODEL", required=True, help="a checkpoint folder, or a name such as bundled"
    )


def add_images(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", type=Path, metavar="DIR", required=True, help="the folder of photos")


def add_bias(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bias", action="store_true", help="take each photo's hubness off its cosines, as the program does"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
