"""The trainer's command line, a module a command; nothing imports it but `python -m trainer`.

Each module has NAME, HELP and EXAMPLES; `add_arguments(parser)` declares what the command takes, and
`run(options)` does it, returns the exit status, and raises KnownError for what a person can mend.

Imports here are light; each command loads what it needs when it runs.
"""

import argparse
import sys
import traceback
from collections.abc import Iterable, Sequence

from photosearch.core.errors import KnownError
from trainer.cli import (
    adapt,
    calibrate,
    compare,
    data,
    export,
    labels,
    objects,
    publish,
    report,
    speed,
    tags,
    train,
    zero_shot,
)
from trainer.cli import eval as eval_command

INTERRUPTED, FAULT = 130, 70  # 70: EX_SOFTWARE of sysexits.h
COMMANDS = (
    train,
    adapt,
    eval_command,
    compare,
    report,
    objects,
    zero_shot,
    data,
    export,
    calibrate,
    labels,
    tags,
    publish,
    speed,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0; 1 for a known error, told in one sentence on stderr; 2 for wrong usage; 70 for a fault of the
        trainer's own, told with its traceback; 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # File names and captions need not fit the terminal's encoding.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except KnownError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("photosearch", "trainer"):
            raise
        print(
            f"This takes {error.name}, which is not installed: pip install 'photosearch[train]'.",
            file=sys.stderr,
        )
        return 1
    except Exception as error:  # noqa: BLE001  (the outermost one: whoever waits is told in a sentence)
        traceback.print_exc()
        name = type(error).__name__
        print(f"The trainer has a fault ({name}); please report it with the lines above.", file=sys.stderr)
        return FAULT
    return code


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer",
        description="Makes, measures and compares PhotoSearch's models.",
        epilog=_examples(command.EXAMPLES[0] for command in COMMANDS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        added = commands.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.HELP[0].upper() + command.HELP[1:] + ".",
            epilog=_examples(command.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return parser


def _examples(lines: Iterable[str]) -> str:
    return "examples:\n" + "".join(f"  python -m trainer {line}\n" for line in lines)
