"""photosearch completion bash|zsh|fish|man"""

import argparse
from collections.abc import Callable

from photosearch import __version__
from photosearch.cli import manual, shells, values
from photosearch.cli.text import as_json

NAME = "completion"
HELP = "print what a shell completes these commands by, or the man page (packages bring all of them)"
EXAMPLES = (
    "echo 'source <(photosearch completion bash)' >> ~/.bashrc",
    "echo 'source <(photosearch completion zsh)' >> ~/.zshrc            (behind compinit)",
    "photosearch completion fish > ~/.config/fish/completions/photosearch.fish",
    "photosearch completion man | man -l -                          (reads the manual)",
)
_MADE: dict[str, Callable[[argparse.ArgumentParser], str]] = {
    "bash": shells.bash,
    "zsh": shells.zsh,
    "fish": shells.fish,
    "man": lambda parser: manual.man_page(parser, __version__),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=list(_MADE), help="bash, zsh, fish, or man")
    parser.add_argument("--line", help=argparse.SUPPRESS)  # asked by what is made: a command line so far
    parser.add_argument("--part", help=argparse.SUPPRESS)  # and what of its last word is to be replaced


def run(options: argparse.Namespace) -> int:
    if options.line is not None:
        return _offer(options)
    text = _MADE[options.shell](options.command_line)
    print(as_json({"text": text}) if options.json else text, end="\n" if options.json else "")
    return 0


def _offer(options: argparse.Namespace) -> int:
    program = manual.Command((), "", options.command_line)
    found = values.offered(program, options.library, options.line)
    stays = 0 if options.part is None else values.replaced(options.line, options.part)
    print(
        as_json({"values": found}) if options.json else "".join(f"{value[stays:]}\n" for value in found),
        end="",
    )
    return 0 if found else 1
