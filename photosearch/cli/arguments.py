"""What arguments of commands are read as, for argparse's `type`."""

import argparse
import contextlib
import math
import os

from photosearch.core.photo import Confidence

MOST_HITS = 1_000_000


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


def positive(text: str) -> int:
    """A number of hits, at most `MOST_HITS`.

    Raises:
        ValueError: it is no whole number from 1 on.
    """
    number = int(text)
    if number < 1:
        raise ValueError
    return min(number, MOST_HITS)


def least(text: str) -> Confidence | float:
    """What --min takes: "strong", "likely", "weak" or a score.

    Raises:
        argparse.ArgumentTypeError: it is neither.
    """
    if text in set(Confidence):
        return Confidence(text)
    with contextlib.suppress(ValueError):
        if not math.isnan(score := float(text)):
            return score
    raise argparse.ArgumentTypeError(f"{text!r} is none of strong, likely and weak, and no score")
