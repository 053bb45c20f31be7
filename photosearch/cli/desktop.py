"""photosearch desktop install|remove"""

import argparse
import os
import sys
from pathlib import Path

from photosearch import paths, programs
from photosearch.cli.text import say
from photosearch.core.errors import KnownError, Sentence, system_reason

NAME = "desktop"
HELP = "put PhotoSearch into your own menu, where no package has done so, or take it out again"
EXAMPLES = (
    "photosearch desktop install",
    "photosearch desktop install --autostart         (and keep the library up to date from login on)",
    "photosearch desktop remove",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", title="actions", required=True)
    install = actions.add_parser("install", help="write the menu entry and the icon")
    install.add_argument(
        "--autostart", action="store_true", help="also run `photosearch watch` from login on"
    )
    install.set_defaults(run=_install)
    remove = actions.add_parser("remove", help="delete what install wrote")
    remove.set_defaults(run=_remove)


def run(options: argparse.Namespace) -> int:
    """Never reached, as an action is required."""
    raise NotImplementedError


def _install(options: argparse.Namespace) -> None:
    entry, icon, autostart = _files()
    text = (paths.resources() / "desktop/photosearch.desktop").read_text("utf-8")
    program = _quoted(programs.shell_program())
    if options.library.root != paths.default_library():
        program += f" --library {_quoted(options.library.root)}"
    _write(icon, (paths.resources() / "icons/photosearch.svg").read_text("utf-8"))
    _write(entry, _with(text, f"Exec={program} %f"))
    say(Sentence("PhotoSearch is in the menu, by {file}.", file=entry))
    if options.autostart:
        _write(autostart, _with(text, f"Exec={program} watch") + "NoDisplay=true\n")
        say(Sentence("It keeps the library up to date from login on, by {file}.", file=autostart))


def _remove(options: argparse.Namespace) -> None:
    for file in _files():
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise KnownError(
                "{path} cannot be deleted: {reason}.", path=file, reason=system_reason(error)
            ) from error
    say(
        Sentence(
            "PhotoSearch is out of the menu; photos and library stay where they are ({library}).",
            library=options.library.root,
        )
    )


def _files() -> tuple[Path, Path, Path]:
    """Of the menu entry, of the icon and of what starts at login (the XDG Base Directory specification)."""
    if sys.platform in ("win32", "darwin"):
        raise KnownError("On this system the installer of PhotoSearch makes the menu entry.")
    data = _folder("XDG_DATA_HOME", ".local/share")
    return (
        data / "applications/photosearch.desktop",
        data / "icons/hicolor/scalable/apps/photosearch.svg",
        _folder("XDG_CONFIG_HOME", ".config") / "autostart/photosearch.desktop",
    )


def _folder(variable: str, default: str) -> Path:
    named = os.environ.get(variable, "")
    return Path(named) if named.startswith("/") else Path.home() / default


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise KnownError(
            "{path} cannot be written: {reason}.", path=file, reason=system_reason(error)
        ) from error


def _with(text: str, line: str) -> str:
    """The entry with another Exec."""
    key = line.partition("=")[0]
    return "".join(f"{line if each.startswith(f'{key}=') else each}\n" for each in text.splitlines())


def _quoted(path: Path) -> str:
    """As the Desktop Entry specification has it: quoted, and % doubled."""
    escaped = str(path)
    for special in '\\"`$':
        escaped = escaped.replace(special, f"\\{special}")
    return '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'
