"""What is made of the command line's own parser: its man page, and its completion in three shells."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.paths import Library, config_file, default_library, extras

TAKES_FILES = ("DIR", "FILE", "FOLDER", "PATH", "PHOTO", "SOURCE")  # in a metavar


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
        "130 after Ctrl-C.",
        ".SH EXAMPLES",
        ".nf",
        *(_roff(line.strip()) for line in (parser.epilog or "").splitlines()[1:]),
        ".fi",
    ]
    return "\n".join(lines) + "\n"


def bash(parser: argparse.ArgumentParser) -> str:
    """Completion for bash."""
    name = parser.prog
    cases = []
    for command in Command((), "", parser).walk():
        words = [each.words[-1] for each in command.commands]
        words += [choice for action in command.arguments for choice in _choices(action)]
        options = [option for action in command.options for option in action.option_strings]
        files = "files" if any(map(_takes_files, command.arguments)) else ""
        place = " ".join(command.words)
        cases.append(f'    "{place}") words="{" ".join(words + options)}" files="{files}" ;;')
    valued = [
        (option, action)
        for command in Command((), "", parser).walk()
        for action in command.options
        if action.nargs != 0
        for option in action.option_strings
    ]
    choices = {option: _choices(action) for option, action in valued if _choices(action)}
    others = sorted({option for option, action in valued} - choices.keys())
    by_option = [
        f'    {option}) COMPREPLY=($(compgen -W "{" ".join(of)}" -- "$cur")); return ;;'
        for option, of in sorted(choices.items())
    ]
    paths = sorted({" ".join(each.words) for each in Command((), "", parser).walk() if each.words})
    return "\n".join(
        [
            f"# bash completion for {name}, made of its own parser",
            f"_{name}() {{",
            "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}",
            "  local place= words= files= word",
            "  COMPREPLY=()",
            '  case "$prev" in',
            *by_option,
            f'    {"|".join(others)}) COMPREPLY=($(compgen -f -- "$cur")); return ;;',
            "  esac",
            '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            '    case "${place:+$place }$word" in',
            f"      {'|'.join(_quoted(path) for path in paths)}) place=${{place:+$place }}$word ;;",
            "    esac",
            "  done",
            '  case "$place" in',
            *cases,
            "  esac",
            '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
            '  [[ $files && $cur != -* ]] && COMPREPLY+=($(compgen -f -- "$cur"))',
            "}",
            f"complete -o filenames -F _{name} {name}",
            "",
        ]
    )


def zsh(parser: argparse.ArgumentParser) -> str:
    """Completion for zsh."""
    name = parser.prog
    lines = [f"#compdef {name}", f"# zsh completion for {name}, made of its own parser", ""]
    for command in Command((), "", parser).walk():
        function = "_".join([f"_{name}", *command.words])
        arguments = [_zsh_option(command, action) for action in command.options]
        if command.commands:
            arguments += ["'1: :->command'", "'*::: :->argument'"]
        else:
            arguments += [_zsh_argument(action) for action in command.arguments]
        lines += [f"{function}() {{", "  local context state state_descr line", "  typeset -A opt_args"]
        lines += ["  _arguments -C \\", *(f"    {each} \\" for each in arguments)]
        lines[-1] = lines[-1].removesuffix(" \\")
        if command.commands:
            described = " ".join(f"'{each.words[-1]}:{_zsh(each.help)}'" for each in command.commands)
            lines += ["  case $state in", f"    command) local -a commands=({described})"]
            lines += ["      _describe command commands ;;", "    argument) case $line[1] in"]
            lines += [f"      {each.words[-1]}) {function}_{each.words[-1]} ;;" for each in command.commands]
            lines += ["    esac ;;", "  esac"]
        lines += ["}", ""]
    # As a file of $fpath it is called to complete; read by `source` it says what completes.
    lines += [f'if [[ $funcstack[1] == _{name} ]]; then _{name} "$@"; else compdef _{name} {name}; fi', ""]
    return "\n".join(lines)


def fish(parser: argparse.ArgumentParser) -> str:
    """Completion for fish."""
    name = parser.prog
    lines = [f"# fish completion for {name}, made of its own parser"]
    for command in Command((), "", parser).walk():
        seen = " ".join(f"; and __fish_seen_subcommand_from {word}" for word in command.words)
        below = " ".join(each.words[-1] for each in command.commands)
        at = seen.removeprefix("; and ") if command.words else "__fish_use_subcommand"
        for each in command.commands:
            none_below = f"{at}; and not __fish_seen_subcommand_from {below}" if command.words else at
            said = f"-a {each.words[-1]} -d {_quoted(each.help)}"
            lines.append(f"complete -c {name} -f -n {_quoted(none_below)} {said}")
        condition = f" -n {_quoted(at)}" if command.words else ""
        for action in command.options:
            names = [f"-l {o[2:]}" if o.startswith("--") else f"-s {o[1:]}" for o in action.option_strings]
            value = "" if action.nargs == 0 else " -r"
            value += f" -f -a {_quoted(' '.join(_choices(action)))}" if _choices(action) else ""
            text = _quoted(command.text(action))
            lines.append(f"complete -c {name}{condition} {' '.join(names)}{value} -d {text}")
        for action in command.arguments:
            if _choices(action):
                lines.append(f"complete -c {name} -f{condition} -a {_quoted(' '.join(_choices(action)))}")
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
        value = "" if action.nargs == 0 else f"\\fI{_roff(_shown(action))}\\fR"
        names = ", ".join(f"\\fB{_roff(option)}\\fR" for option in action.option_strings)
        lines += [".TP", " ".join(part for part in (names, value) if part)]
        lines += [_roff(command.text(action)) or "\\&"]
    return lines


def _shown(action: argparse.Action) -> str:
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    return action.metavar or "|".join(_choices(action)) or action.dest.upper()


def _choices(action: argparse.Action) -> list[str]:
    return [str(choice) for choice in action.choices or ()]


def _takes_files(action: argparse.Action) -> bool:
    return any(word in _shown(action).upper() for word in TAKES_FILES)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'" if "'" in text else f"'{text}'"


def _zsh(text: str) -> str:
    return re.sub(r"([:\[\]])", r"\\\1", text).replace("'", "'\\''")


def _zsh_option(command: Command, action: argparse.Action) -> str:
    names = action.option_strings
    written = names[0] if len(names) == 1 else "{" + ",".join(names) + "}"
    value = "" if action.nargs == 0 else f":{_zsh(_shown(action))}:{_zsh_values(action)}"
    apart = f"'({' '.join(names)})'" if len(names) > 1 else ""
    return f"{apart}{written}'[{_zsh(command.text(action))}]{value}'"


def _zsh_argument(action: argparse.Action) -> str:
    place = "*" if action.nargs in ("*", "+", argparse.REMAINDER) else ""
    return f"'{place}:{_zsh(_shown(action))}:{_zsh_values(action)}'"


def _zsh_values(action: argparse.Action) -> str:
    if _choices(action):
        return f"({' '.join(_choices(action))})"
    return "_files" if _takes_files(action) or action.option_strings else " "
