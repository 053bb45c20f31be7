"""photosearch completion bash|zsh|fish|man"""

import argparse
from collections.abc import Callable

from photosearch import __version__
from photosearch.cli import manual

NAME = "completion"
HELP = "print what a shell completes these commands by, or the man page (packages bring all of them)"
EXAMPLES = (
    "echo 'source <(photosearch completion bash)' >> ~/.bashrc",
    "echo 'source <(photosearch completion zsh)' >> ~/.zshrc            (behind compinit)",
    "photosearch completion fish > ~/.config/fish/completions/photosearch.fish",
    "photosearch completion man | man -l -                          (reads the manual)",
)
_MADE: dict[str, Callable[[argparse.ArgumentParser], str]] = {
    "bash": manual.bash,
    "zsh": manual.zsh,
    "fish": manual.fish,
    "man": lambda parser: manual.man_page(parser, __version__),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", metavar="OF", choices=list(_MADE), help="bash, zsh, fish, or man")


def run(options: argparse.Namespace) -> int:
    print(_MADE[options.of](options.command_line), end="")
    return 0
