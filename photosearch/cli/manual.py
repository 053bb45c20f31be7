"""The command line's own parser as a tree of commands, and the man page that is made of it."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.paths import Library, config_file, default_library, extras


@dataclass(frozen=True)
class Command:
    """One command of a parser, or the program itself."""

    words: tuple[str, ...]  # after the program's name
    help: str
    parser: argparse.ArgumentParser

    @property
    def commands(self) -> list["Command"]:
        """The commands that it has in turn."""
        found = []
        for action in self.parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
                found += [
                    Command((*self.words, name), helps.get(name, ""), parser)
                    for name, parser in action.choices.items()
                ]
        return found

    @property
    def options(self) -> list[argparse.Action]:
        """What begins with a dash, and is told to people."""
        return [
            action
            for action in self.parser._actions
            if action.option_strings and action.help is not argparse.SUPPRESS
        ]

    @property
    def arguments(self) -> list[argparse.Action]:
        """What stands by its place."""
        return [
            action
            for action in self.parser._actions
            if not action.option_strings and not isinstance(action, argparse._SubParsersAction)
        ]

    def text(self, action: argparse.Action) -> str:
        """The help of one of its arguments, on one line; every home is `~`."""
        formatted = self.parser._get_formatter()._expand_help(action) if action.help else ""
        return " ".join(formatted.split()).replace(str(Path.home()), "~")

    def walk(self) -> Iterator["Command"]:
        """Itself and all below it."""
        yield self
        for command in self.commands:
            yield from command.walk()


def shown(action: argparse.Action) -> str:
    """What the help calls the value of an argument."""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    return action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()


def man_page(parser: argparse.ArgumentParser, version: str, date: str = "") -> str:
    """photosearch(1) in the man macros.

    Args:
        date: of the version, as 2026-11-29; none: the page says none
    """
    program = Command((), parser.description or "", parser)
    lines = [
        f'.TH {parser.prog.upper()} 1 "{date}" "PhotoSearch {version}" "User Commands"',
        ".SH NAME",
        f"{parser.prog} \\- {_roff(program.help[0].lower() + program.help[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {parser.prog}",
        "[\\fB\\-\\-library\\fR \\fIDIR\\fR] [\\fICOMMAND\\fR]",
        ".SH DESCRIPTION",
        f"{_roff(program.help)} Without a command it opens the window.",
        ".SH OPTIONS",
        "Every command takes them, too, but \\-\\-version.",
        *_arguments(program),
        ".SH COMMANDS",
    ]
    for command in list(program.walk())[1:]:
        lines += [f".SS {_roff(' '.join([parser.prog, *command.words]))}", _roff(_sentence(command.help))]
        lines += _arguments(command, besides=program)
    lines += [
        ".SH FILES",
        *_files(),
        ".SH EXIT STATUS",
        "0; 1 for a known error, told in one sentence on stderr, or nothing found; 2 for wrong usage; "
        "130 after Ctrl-C; 143 after SIGTERM.",
        ".SH EXAMPLES",
        ".nf",
        *(_roff(line.strip()) for line in (parser.epilog or "").splitlines()[1:]),
        ".fi",
    ]
    return "\n".join(lines) + "\n"


def _files() -> list[str]:
    """Where the person's own things are; every home is `~`."""
    library = Library(default_library())
    files = {
        library.root: "The library, unless --library names another.",
        library.logs: "Its logs.",
        config_file(): "Settings of the window, and those for every library.",
        extras(): "What photosearch extras fetched.",
    }
    lines = []
    for path, text in files.items():
        lines += [".TP", f"\\fI{_roff(str(path).replace(str(Path.home()), '~'))}\\fR", _roff(text)]
    return lines


def _arguments(command: Command, besides: Command | None = None) -> list[str]:
    """What stands by its place, then the options.

    Args:
        besides: has options, told elsewhere, that are left out here
    """
    told = {option for action in besides.options for option in action.option_strings} if besides else set()
    lines = []
    for action in [*command.arguments, *command.options]:
        if "--json" not in action.option_strings and told.intersection(action.option_strings):
            continue
        value = "" if action.nargs == 0 else f"\\fI{_roff(shown(action))}\\fR"
        names = ", ".join(f"\\fB{_roff(option)}\\fR" for option in action.option_strings)
        lines += [".TP", " ".join(part for part in (names, value) if part)]
        lines += [_roff(command.text(action)) or "\\&"]
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)
