"""What arguments of commands are read as, for argparse's `type`; what is wrong with one is a KnownError."""

import argparse
import contextlib
import math
import os

from photosearch.core.errors import KnownError
from photosearch.core.photo import Confidence
from photosearch.scale import FORMATS, PARQUET

MOST_HITS = 1_000_000


class WrongValue(KnownError):
    """What an argument is given is nothing that the command ever takes."""


def path(text: str) -> str:
    """A path; `~` is one's home where a shell leaves it, as in --library=~/try and everywhere on Windows."""
    return os.path.expanduser(text)  # noqa: PTH111  (text, as names need not be Unicode)


def add_paths(parser: argparse.ArgumentParser, printed: argparse._MutuallyExclusiveGroup, help: str) -> None:
    """Let a command print paths alone, by --paths or -0, which may come together.

    Args:
        printed: what else it may print instead; whole
        help: of --paths
    """
    others = list(printed._group_actions)
    printed.add_argument("--paths", action="store_true", help=f"{help}, one a line")
    ended = parser.add_mutually_exclusive_group()
    ended.add_argument("-0", "--paths0", action="store_true", help="as --paths, ended by NUL for xargs -0")
    ended._group_actions += others  # an option is added to one group; argparse lets it stand in several


def add_format(parser: argparse.ArgumentParser) -> None:
    """Let a command write vectors in another format by --format."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=PARQUET,
        help="parquet: a file for each part; lance: one table, which LanceDB can search (default: parquet)",
    )


def positive(text: str) -> int:
    """A number of hits, at most `MOST_HITS`.

    Raises:
        KnownError: it is no whole number from 1 on.
    """
    with contextlib.suppress(ValueError):
        if (number := int(text)) >= 1:
            return min(number, MOST_HITS)
    raise KnownError("{value} is not a whole number from 1 on", value=repr(text))


def least(text: str) -> Confidence | float:
    """What --min takes: "strong", "likely", "weak" or a score.

    Raises:
        KnownError: it is neither.
    """
    if text in set(Confidence):
        return Confidence(text)
    with contextlib.suppress(ValueError):
        if not math.isnan(score := float(text)):
            return score
    raise KnownError("{value} is none of strong, likely and weak, and no score", value=repr(text))
