"""The trainer's command line. Imports here are light; each command loads what it needs when it runs."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from photosearch.core.errors import KnownError
from trainer.cli import adapt, compare, data, objects, report, train, zero_shot
from trainer.cli import eval as eval_command

INTERRUPTED = 130
COMMANDS = (train, adapt, eval_command, compare, report, objects, zero_shot, data)


def main(arguments: Sequence[str] | None = None) -> int:
    """-> 0; 1 for a known error, told in one sentence on stderr; 2 for wrong usage; 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # File names and captions need not fit the terminal's encoding.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except KnownError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
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
