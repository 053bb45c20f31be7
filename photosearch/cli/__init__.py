"""The command line, a module a command. `main` runs it; the demo also borrows single commands.

Each module has NAME, HELP and EXAMPLES; `add_arguments(parser)` declares what the command takes, and
`run(options)` does it, returns the exit status, or None where it is done and a program is told nothing more,
and raises KnownError for what a person can mend.

What is imported here is light; each command loads what it needs when it runs.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from photosearch import __version__, i18n
from photosearch.cli import (
    albums,
    arguments,
    backup,
    caption,
    captions,
    completion,
    desktop,
    doctor,
    duplicates,
    embed,
    export_vectors,
    extras,
    favourite,
    folders,
    gui,
    here,
    import_vectors,
    index,
    info,
    manual,
    models,
    rate,
    redo,
    restore,
    search,
    serve,
    settings,
    status,
    streams,
    tags,
    teach,
    text_in_photos,
    undo,
    update,
    vectors,
    videos,
    watch,
    words,
)
from photosearch.cli.connect import Terminated
from photosearch.cli.parsing import Parser
from photosearch.cli.text import as_json, be_quiet, complain, escaped
from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.i18n import translated
from photosearch.paths import Library, default_library, resources

INTERRUPTED, TERMINATED = 130, 143
_FORMERLY = {"album": albums.NAME}  # what commands were called
_JSON = "print one JSON object: {} once it is done, else what is wrong"
COMMANDS = (
    index,
    search,
    here,
    info,
    caption,
    captions,
    favourite,
    rate,
    albums,
    tags,
    undo,
    redo,
    duplicates,
    text_in_photos,
    vectors,
    videos,
    folders,
    status,
    teach,
    words,
    models,
    extras,
    embed,
    import_vectors,
    export_vectors,
    settings,
    backup,
    restore,
    doctor,
    watch,
    serve,
    gui,
    desktop,
    completion,
    update,
)


def main(argv: Sequence[str] | None = None) -> int:
    """-> 0; 1 for an error, told in one sentence, or nothing found; 2 for wrong usage; 130 for Ctrl-C; 143
    for SIGTERM.

    The sentence goes to stderr, and with --json to stdout, too, as {"error": …}.
    """
    streams.make_ready()
    logging.getLogger().addHandler(logging.NullHandler())  # warnings are for the log, not for the terminal
    i18n.use(i18n.of_environment())  # --help is English
    command_line = parser()
    try:
        options = command_line.parse_args(_with_command(sys.argv[1:] if argv is None else argv))
    except OSError as error:  # of help that was asked for
        return streams.unwritten(error)
    options.command_line = command_line
    be_quiet(options.quiet, in_json=options.json)
    if options.verbose:
        _tell_what_is_logged()
    try:
        options.library = Library(Path(options.library).absolute())
        code: int | None = options.run(options)
        if code is None and options.json:
            print(as_json({}))
        sys.stdout.flush()
        return code or 0
    except KnownError as error:
        return _failed(error.sentence, options, 2 if isinstance(error, arguments.WrongValue) else 1)
    except KeyboardInterrupt as ended:
        code = TERMINATED if isinstance(ended, Terminated) else INTERRUPTED
        return _failed(options.on_interrupt, options, code)
    except Exception as error:  # noqa: BLE001  (the last resort: a person is shown a sentence, never a traceback)
        if isinstance(error, OSError) and streams.is_of_output(error):
            return streams.unwritten(error)
        if isinstance(error, FileNotFoundError) and _is_here_gone():
            return _failed(
                Sentence("The present folder is gone; go to one that is there, as by: cd ~"), options
            )
        if isinstance(error, PermissionError) and error.filename is not None:
            return _failed(
                Sentence(
                    "{path} cannot be opened: {reason}.",
                    path=os.fsdecode(error.filename),
                    reason=system_reason(error),
                ),
                options,
            )
        log = _write_down(options.library)
        return _failed(
            Sentence("this is an error in PhotoSearch itself; {log} has the details.", log=log), options
        )


def _with_command(argv: Sequence[str]) -> Sequence[str]:
    """With the command that a former name, or a folder or a photo in place of one, stands for."""
    before = ""
    for place, argument in enumerate(argv):
        if not argument.startswith("-") and before != "--library":
            if any(argument == command.NAME for command in COMMANDS):
                break
            if argument in _FORMERLY:
                return [*argv[:place], _FORMERLY[argument], *argv[place + 1 :]]
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
    if options.json:
        try:
            print(as_json({"error": translated(sentence)}), flush=True)
        except OSError as error:
            return streams.unwritten(error) or code
    return code


def _is_here_gone() -> bool:
    """Whether the present folder, which relative paths go from, was removed."""
    try:
        os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        return True
    return False


def parser() -> argparse.ArgumentParser:
    """The whole command line; man page and completions are made of it."""
    parser = Parser(
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
        json=False,
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
    for each in manual.Command((), "", parser).walk():
        told = [option for option in each.options if "--json" in option.option_strings]
        for option in told or [each.parser.add_argument("--json", action="store_true", help=_JSON)]:
            option.default = argparse.SUPPRESS  # given before a command, the command's own must not undo it
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
