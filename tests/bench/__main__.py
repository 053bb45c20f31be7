"""`make bench`: every figure beside a reference measured in the same run; medians, one table.

python -m tests.bench                 everything
python -m tests.bench rank decode     only these
python -m tests.bench scale --photos 1000000
"""

import argparse
import importlib
import os
import platform
import sys

from tests.bench.table import print_table

PARTS = (
    "decode",
    "encoding",
    "pipeline",
    "videos",
    "rank",
    "stores",
    "matching",
    "query",
    "tags",
    "scale",
    "live_albums",
    "serve",
    "keystroke",
    "startup",
    "loader",
    "training",
    "grid",
    "page",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--photos", type=int, default=100_000, metavar="N", help="of the library of scale")
    options = parser.parse_args()
    parts = options.parts or PARTS
    rows = []
    for part in parts:
        print(f"measuring {part} ...", file=sys.stderr)
        measure = importlib.import_module(f"tests.bench.{part}").measure
        rows += measure(options.photos) if part == "scale" else measure()
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}{load}\n")
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
