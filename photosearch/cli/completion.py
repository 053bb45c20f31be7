"""photosearch completion bash|zsh|fish|man"""

import argparse
from collections.abc import Callable

from photosearch import __version__
from photosearch.cli import manual
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
    "bash": manual.bash,
    "zsh": manual.zsh,
    "fish": manual.fish,
    "man": lambda parser: manual.man_page(parser, __version__),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=list(_MADE), help="bash, zsh, fish, or man")


def run(options: argparse.Namespace) -> int:
    text = _MADE[options.shell](options.command_line)
    print(as_json({"text": text}) if options.json else text, end="\n" if options.json else "")
    return 0
