"""Completion in three shells, made of the command line's own parser.

What begins with a dash and the names of commands stand in what is made; for values of arguments it asks the
program, which knows the library.
"""

import argparse
import re

from photosearch.cli.manual import Command, shown
from photosearch.cli.values import FILES, FOLDERS, choices, depends, kinds


def bash(parser: argparse.ArgumentParser) -> str:
    """Completion for bash."""
    name = parser.prog
    commands = list(Command((), "", parser).walk())
    by_option = {
        option: _bash([], [action])
        for command in commands
        for action in command.options
        if action.nargs != 0
        for option in action.option_strings
    }
    by_place = [
        f'"{" ".join(command.words)}") {_bash(command.commands, command.arguments)} options="{options}" ;;'
        for command in commands
        for options in [" ".join(option for action in command.options for option in action.option_strings)]
    ]
    paths = sorted(_quoted(" ".join(command.words)) for command in commands if command.words)
    asked = f'{name} completion bash --part="$cur" --line="${{COMP_LINE:0:COMP_POINT}}" 2>/dev/null'
    return "\n".join(
        [
            f"# bash completion for {name}, made of its own parser",
            f"_{name}() {{",
            "  local cur=$2 prev=$3 place= words= options= asks= disk= word",
            "  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}",
            "  [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && cur= prev=${COMP_WORDS[COMP_CWORD-1]}",
            '  case "$prev" in',
            *(f"    {option}) {offers} ;;" for option, offers in sorted(by_option.items())),
            "    *)",
            '      for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            '        case "${place:+$place }$word" in',
            f"          {'|'.join(paths)}) place=${{place:+$place }}$word ;;",
            "        esac",
            "      done",
            '      case "$place" in',
            *(f"        {each}" for each in by_place),
            "      esac ;;",
            "  esac",
            "  [[ $cur == -* ]] && words=$options asks= disk=",
            '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
            "  if [[ $asks ]]; then",
            f'    while IFS= read -r word; do COMPREPLY+=("$word"); done < <({asked})',
            "    [[ ${COMPREPLY[0]} == *: ]] && word=nospace || word=filenames  # by which blanks are quoted",
            "    compopt -o $word 2>/dev/null",
            "  fi",
            "  compopt ${disk:-+o default} 2>/dev/null  # where nothing is offered",
            "}",
            f"complete -o default -F _{name} {name}",
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
            arguments += ["'1: :->command'", "'*:: :->argument'"]
        else:
            arguments += [_zsh_argument(command, action) for action in command.arguments]
        lines += [f"{function}() {{", "  local context state state_descr line", "  typeset -A opt_args"]
        if not command.words:
            lines += ['  local typed="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX"']
        lines += ["  _arguments -C \\", *(f"    {each} \\" for each in arguments)]
        lines[-1] = lines[-1].removesuffix(" \\")
        if command.commands:
            described = " ".join(f"'{each.words[-1]}:{_zsh(each.help)}'" for each in command.commands)
            lines += ["  case $state in", f"    command) local -a commands=({described})"]
            lines += ["      _describe command commands ;;", "    argument) case $line[1] in"]
            lines += [f"      {each.words[-1]}) {function}_{each.words[-1]} ;;" for each in command.commands]
            lines += ["    esac ;;", "  esac"]
        lines += ["}", ""]
    lines += [
        f"_{name}_asked() {{",
        f'  local -a found=("${{(@f)$({name} completion zsh --line="$typed" 2>/dev/null)}}")',
        "  local -a open=(${(M)found:#*:}) whole=(${found:#*:})",
        "  (( $#open )) && compadd -U -S '' -- $open",
        "  (( $#whole )) && compadd -U -- $whole",
        "  (( $#found[1] ))",
        "}",
        "",
    ]
    # As a file of $fpath it is called to complete; read by `source` it says what completes.
    lines += [f'if [[ $funcstack[1] == _{name} ]]; then _{name} "$@"; else compdef _{name} {name}; fi', ""]
    return "\n".join(lines)


def fish(parser: argparse.ArgumentParser) -> str:
    """Completion for fish."""
    name = parser.prog
    asked = f"({name} completion fish --line=(commandline -cp | string collect) 2>/dev/null)"
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
            if choices(action):
                value += f" -f -a {_quoted(' '.join(choices(action)))}"
            elif depends(action):
                value += f" -f -a {_quoted(asked)}"
            elif set(kinds(action)) & set(FOLDERS):
                value += " -f -a '(__fish_complete_directories)'"
            text = _quoted(command.text(action))
            lines.append(f"complete -c {name}{condition} {' '.join(names)}{value} -d {text}")
        if not command.commands:
            taken = {kind for action in command.arguments for kind in kinds(action)}
            offers = (
                [asked] if any(choices(action) or depends(action) for action in command.arguments) else []
            )
            if taken.isdisjoint(FILES):
                offers += ["(__fish_complete_directories)"] if taken & set(FOLDERS) else []
                lines.append(f"complete -c {name} -f{condition}")
            lines += [f"complete -c {name}{condition} -a {_quoted(each)}" for each in offers]
    return "\n".join(lines) + "\n"


def _bash(commands: list[Command], actions: list[argparse.Action]) -> str:
    """What is offered in bash: names of commands, and values of arguments."""
    words = [command.words[-1] for command in commands]
    taken = {kind for action in actions for kind in kinds(action)}
    asks = any(choices(action) or depends(action) for action in actions)
    if asks and len(actions) == 1 and not depends(actions[0]):
        words, asks = choices(actions[0]), False
    disk = "+o default -o dirnames" if taken & set(FOLDERS) else ""
    if taken & set(FILES):
        disk = "-o default"
    return f'words="{" ".join(words)}" asks={"yes" if asks else ""} disk="{disk}"'


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'" if "'" in text else f"'{text}'"


def _zsh(text: str) -> str:
    return re.sub(r"([:\[\]])", r"\\\1", text).replace("'", "'\\''")


def _zsh_option(command: Command, action: argparse.Action) -> str:
    names = action.option_strings
    written = names[0] if len(names) == 1 else "{" + ",".join(names) + "}"
    value = "" if action.nargs == 0 else f":{_zsh(shown(action))}:{_zsh_values(command, action)}"
    apart = f"'({' '.join(names)})'" if len(names) > 1 else ""
    return f"{apart}{written}'[{_zsh(command.text(action))}]{value}'"


def _zsh_argument(command: Command, action: argparse.Action) -> str:
    place = "*" if action.nargs in ("*", "+", argparse.REMAINDER) else ""
    return f"'{place}:{_zsh(shown(action))}:{_zsh_values(command, action)}'"


def _zsh_values(command: Command, action: argparse.Action) -> str:
    if depends(action):
        asked = f"_{command.parser.prog.split()[0]}_asked"
        return f"{{{asked} || _files}}" if set(kinds(action)) & set(FILES) else asked
    if choices(action):
        return f"({' '.join(choices(action))})"
    if set(kinds(action)) & set(FOLDERS):
        return "_files -/"
    return "_files" if set(kinds(action)) & set(FILES) else " "
