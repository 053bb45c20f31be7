"""`make demo`: index photographs, ask for some, show what was found."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from photosearch.core.errors import KnownError
from photosearch.core.photo import Hit
from photosearch.demo import contact_sheet, photos
from photosearch.paths import Library
from photosearch.store.reader import Reader

OWN_QUERIES = (
    "two dogs running on a beach",
    "a man on a skateboard",
    "children playing in water",
    "a snowy mountain",
    "people eating at a table",
)
SAMPLE_QUERIES = (
    "a cat",
    "a cup of coffee on a table",
    "a woman in an orange suit smiling",
    "a red motorcycle",
    "a rocket at night",
    "a man with a camera",
    "flowers",
    "an old building in china",
    "qwrt zzyx plomf",
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m photosearch.demo",
        description="Index photographs, run several queries, then open the window or write a contact sheet.",
        epilog="examples:\n  python -m photosearch.demo\n  python -m photosearch.demo --photos ~/Pictures",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos", type=Path, help="a folder of your own (default: sample photographs)")
    parser.add_argument("--output", type=Path, default=Path("build/demo"), help="default: %(default)s")
    options = parser.parse_args(argv)
    try:
        return run(options.photos, options.output)
    except KnownError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
