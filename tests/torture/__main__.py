"""`make torture`: the program under kills, damage, full disks and load, held against what it promises.

python -m tests.torture                       all parts, twenty minutes in all
python -m tests.torture kills pictures        only these, each as long as it has among all
python -m tests.torture --seconds 30 kills    in all, so long
python -m tests.torture stages --images FOLDER --count 7000    over so many photos, however long that takes

It prints what was done, and each promise with how often it was looked at and broken; the exit status is 1
where one broke. docs/reliability.md says what is promised.
"""

import argparse
import logging
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.parts import PARTS, run

DEFAULT_SECONDS = 1200.0
OF_STAGES = ("images", "count", "library")
KEPT = Path("build/torture")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, help="in all; it may take a little longer to end in order")
    parser.add_argument("--seed", type=int, help="of what is left to chance; as printed by an earlier run")
    parser.add_argument(
        "--images", type=Path, metavar="FOLDER", help="of photos that stages are to go through"
    )
    parser.add_argument("--count", type=int, default=0, metavar="N", help="of these photos")
    parser.add_argument(
        "--library",
        type=Path,
        metavar="FOLDER",
        help="that knows these photos; stages begin with a copy",
    )
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    share = sum(PARTS[part] for part in parts)
    seconds = DEFAULT_SECONDS * share if options.seconds is None else options.seconds
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(
        f"{time.strftime('%Y-%m-%d %H:%M')}, {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, load {os.getloadavg()[0]:.1f}, seed {seed}",
        flush=True,
    )
    KEPT.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=KEPT / "log.txt", filemode="w")  # what codecs say of each damaged picture
    broken = 0
    for part in parts:
        place = Path(tempfile.mkdtemp(prefix=f"photosearch-torture-{part}-"))
        began = time.monotonic()
        of_its_own = {name: getattr(options, name) for name in OF_STAGES} if part == "stages" else {}
        tally = run(part, seconds * PARTS[part] / share, seed, place, KEPT / part, **of_its_own)
        print(f"\n{part}, {time.monotonic() - began:.0f} s", *tally.lines(), sep="\n", flush=True)
        broken += len(tally.broken)
        if tally.broken:
            print(f"  What there was is left in {place}", flush=True)
        else:
            shutil.rmtree(place, ignore_errors=True)
    print(f"\n{broken} promises broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
