"""The command line, a module a command. `main` runs it; the demo also borrows single commands.

Each module has NAME, HELP and EXAMPLES; `add_arguments(parser)` declares what the command takes, and
`run(options)` does it, returns the exit status, and raises KnownError for what a person can mend.

What is imported here is light; each command loads what it needs when it runs.
"""

import argparse
import difflib
import errno
import logging
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from photosearch import __version__, i18n
from photosearch.cli import (
    album,
    arguments,
    backup,
    caption,
    captions,
    desktop,
    doctor,
    duplicates,
    extras,
    favourite,
    folders,
    gui,
    here,
    index,
    info,
    models,
    rate,
    restore,
    search,
    settings,
    status,
    teach,
    update,
    watch,
    words,
)
from photosearch.cli.text import as_json, be_quiet, complain, escaped
from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.i18n import translated
from photosearch.paths import Library, default_library, resources

INTERRUPTED = 130
COMMANDS = (
    index,
    search,
    here,
    info,
    caption,
    captions,
    favourite,
    rate,
    album,
    duplicates,
    folders,
    status,
    teach,
    words,
    models,
    extras,
    settings,
    backup,
    restore,
    doctor,
    watch,
    gui,
    desktop,
    update,
)


def main(argv: Sequence[str] | None = None) -> int:
    """-> 0; 1 for an error, told in one sentence, or nothing found; 2 for wrong usage; 130 for Ctrl-C.

    The sentence goes to stderr, and with --json to stdout, too, as {"error": …}.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # File names and queries need not fit the terminal's encoding.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="surrogateescape" if stream is sys.stdin else "backslashreplace")
    logging.getLogger().addHandler(logging.NullHandler())  # warnings are for the log, not for the terminal
    i18n.use(_locale())
    options = parser().parse_args(_with_command(sys.argv[1:] if argv is None else argv))
    options.library = Library(Path(options.library).absolute())
    be_quiet(options.quiet)
    if options.verbose:
        _tell_what_is_logged()
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except KnownError as error:
        return _failed(error.sentence, options)
    except KeyboardInterrupt:
        return _failed(options.on_interrupt, options, INTERRUPTED)
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0  # whoever read our output has seen enough
    except Exception as error:  # noqa: BLE001  (the last resort: a person is shown a sentence, never a traceback)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
            _let_go_of_stdout()
            complain(Sentence("what was found cannot be written: {reason}.", reason=system_reason(error)))
            return 1
        log = _write_down(options.library)
        return _failed(
            Sentence("this is an error in PhotoSearch itself; {log} has the details.", log=log), options
        )


def _with_command(argv: Sequence[str]) -> Sequence[str]:
    """With the command that a folder or a photo in place of one stands for."""
    before = ""
    for place, argument in enumerate(argv):
        if not argument.startswith("-") and before != "--library":
            if any(argument == command.NAME for command in COMMANDS):
                break
            path = arguments.path(argument)
            is_folder = os.path.isdir(path)  # noqa: PTH112  (text, of any kind)
            if path.lower().endswith(tuple(PHOTO_EXTENSIONS)) and not is_folder:
                return [*argv[:place], gui.NAME, "--open", *argv[place:]]
            if is_folder or os.sep in path:
                return [*argv[:place], here.NAME, *argv[place:]]
            break
        before = argument
    return argv


def _failed(sentence: Sentence, options: argparse.Namespace, code: int = 1) -> int:
    complain(sentence)
    if getattr(options, "json", False):
        print(as_json({"error": translated(sentence)}))
    return code


class _Parser(argparse.ArgumentParser):
    """Has the options that every command and action has; knows what a slip of the finger meant."""

    def __init__(self, **named: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **named)
        self._given: Sequence[str] = ()
        self._rest: argparse.Action | None = None
        # SUPPRESS: given before a command, they must not be overwritten by a default of the command.
        self.add_argument(
            "--library",
            metavar="DIR",
            type=arguments.path,
            default=argparse.SUPPRESS,
            help=f"where the index is (default: {default_library()})",
        )
        amount = self.add_mutually_exclusive_group()
        amount.add_argument(
            "-q",
            "--quiet",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print what was asked for and errors, nothing else",
        )
        amount.add_argument(
            "-v",
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,
            help="also say on stderr what is being done",
        )

    def add_argument(self, *names: Any, **named: Any) -> argparse.Action:
        """See argparse."""
        action = super().add_argument(*names, **named)
        if action.nargs in ("+", "*") and not action.option_strings:
            self._rest = action
        return action

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """See argparse, which takes no more words after the first option behind some; here they go on."""
        self._given = sys.argv[1:] if args is None else args
        found, left = super().parse_known_args(args, namespace)
        if self._rest is None:
            return found, left
        behind = list(self._given[self._given.index("--") + 1 :]) if "--" in self._given else []
        if behind and left[-len(behind) :] == behind:  # they are words, whatever they begin with
            del left[-len(behind) :]
        else:
            behind = []
        words = [*(word for word in left if _is_word(word)), *behind]
        convert = self._rest.type if callable(self._rest.type) else str
        setattr(found, self._rest.dest, [*getattr(found, self._rest.dest), *map(convert, words)])
        return found, [word for word in left if word != "--" and not _is_word(word)]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, to a program too, and end."""
        typed = re.search(r"argument COMMAND: invalid choice: ('([^']+)'|\"([^\"]+)\")", message)
        if typed:
            message = _no_command(typed[2] or typed[3], self._given)
        if "--json" in self._given:
            print(as_json({"error": message}))
        if typed:
            self.exit(2, f"photosearch: {message}\n")
        super().error(message)


def _no_command(typed: str, given: Sequence[str]) -> str:
    """Who typed no command misspelt one, or wants to search."""
    names = [command.NAME for command in COMMANDS]
    if meant := difflib.get_close_matches(typed, names, n=1) if " " not in typed else []:
        return f"There is no command {escaped(typed)}; did you mean {meant[0]}?"
    words = shlex.join(given[given.index(typed) :] if typed in given else [typed])
    return f"There is no command {escaped(typed)}; to search: photosearch search {escaped(words)}"


def _is_word(argument: str) -> bool:
    return argument == "-" or not argument.startswith("-") or " " in argument  # as argparse has it


def parser() -> argparse.ArgumentParser:
    """The whole command line; man page and completions are made of it."""
    parser = _Parser(
        prog="photosearch",
        description="Find your own photos by what is in them, on your own machine.",
        epilog="examples:\n"
        "  photosearch index ~/Pictures\n"
        "  photosearch search two dogs on a beach\n"
        "  photosearch . two dogs on a beach        (here alone, which is brought up to date first)\n"
        "  photosearch                              (opens the window)",
    )
    parser.add_argument("--version", action="version", version=f"PhotoSearch {_version()}")
    parser.set_defaults(
        run=gui.run,
        library=default_library(),
        quiet=False,
        verbose=False,
        model=None,
        query=(),
        opened=(),
        on_interrupt=Sentence("stopped."),
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        added = commands.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.HELP[0].upper() + command.HELP[1:] + ".",
            epilog="examples:\n" + "".join(f"  {example}\n" for example in command.EXAMPLES),
        )
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return parser


def _version() -> str:
    """With the commit that it was made of, where it is a package."""
    commit = resources() / "commit"
    return f"{__version__} ({commit.read_text()[:9]})" if commit.exists() else __version__


class _LogLine(logging.Formatter):
    """What is logged, as a terminal shows it."""

    def format(self, record: logging.LogRecord) -> str:
        return escaped(super().format(record))


def _tell_what_is_logged() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_LogLine("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("photosearch").setLevel(logging.INFO)


def _let_go_of_stdout() -> None:
    """Python's own flush at exit must not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _locale() -> str:
    """As terminals say it: the commands speak English, and tell what is wrong in the person's language."""
    return next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )


def _write_down(library: Library) -> Path:
    """Log the exception in hand; -> the file that has it."""
    from photosearch.log import start_logging

    try:
        path = start_logging(library, "command-line")
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="photosearch-")) / "command-line.log"
        logging.getLogger().addHandler(logging.FileHandler(path, encoding="utf-8", errors="backslashreplace"))
    logging.getLogger("photosearch").exception("A command failed")
    return path
