"""photosearch settings [list|get|set|reset]"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photosearch import settings
from photosearch.cli.arguments import WrongValue
from photosearch.cli.connect import engine
from photosearch.cli.text import as_json, escaped, note
from photosearch.core import messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.paths import Library, config_file

if TYPE_CHECKING:
    from photosearch.gui.desktop.preferences import Preferences

NAME = "settings"
HELP = "list settings, or change one"
EXAMPLES = (
    "photosearch settings                            (every one and its value)",
    "photosearch settings get threads",
    "photosearch settings set linger_minutes 10",
    "photosearch settings set exclude Screenshots/ '*.gif'    (a pattern a line)",
    "photosearch settings reset linger_minutes       (as it was at first)",
)
# A model is chosen by `photosearch models use`, which says what that takes.
KEYS = [
    key for key, setting in settings.SETTINGS.items() if setting.kept != "model" and key != settings.MODEL
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    list_ = actions.add_parser("list", help="print every setting and its value")
    list_.set_defaults(run=run)
    get = actions.add_parser("get", help="print the value of one")
    get.set_defaults(run=_get)
    width = max(map(len, KEYS))
    values = "".join(f"  {key:{width}}  {settings.SETTINGS[key].values}\n" for key in KEYS)
    set_ = actions.add_parser("set", help="give one another value", epilog=f"values:\n{values}")
    set_.set_defaults(run=_set)
    reset = actions.add_parser("reset", help="make one what it was at first")
    reset.set_defaults(run=_reset)
    for action in (get, set_, reset):
        action.add_argument("key", metavar="SETTING", choices=KEYS, help=f"one of {', '.join(KEYS)}")
    set_.add_argument(
        "value",
        metavar="VALUE",
        nargs="+",
        help="as listed below; several are lines of one text",
    )
    for action in (list_, get, set_, reset):
        action.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Reads only; no engine is started for it."""
    return _print(KEYS, options)


def _get(options: argparse.Namespace) -> int:
    if options.json:
        return _print([options.key], options)
    print(escaped(_value(options.library, options.key)))
    return 0


def _set(options: argparse.Namespace) -> int:
    """
    Raises:
        WrongValue: the setting does not take this value.
    """
    value = "\n".join(options.value)
    try:
        settings.checked(options.key, value)
    except KnownError as error:
        raise WrongValue(error.sentence) from error
    return _change(options, value)


def _reset(options: argparse.Namespace) -> int:
    return _change(options, settings.SETTINGS[options.key].default)


def _print(keys: list[str], options: argparse.Namespace) -> int:
    values = {key: _value(options.library, key) for key in keys}
    if options.json:
        print(as_json({"settings": values}))
    else:
        width = max(map(len, keys))
        print("\n".join(f"{key:{width}}  {escaped(value)}" for key, value in values.items()))
    return 0


def _value(library: Library, key: str) -> str:
    from photosearch.store.reader import setting

    if settings.SETTINGS[key].kept == "person":
        return _preferences().value(key)
    return setting(library, key)


def _change(options: argparse.Namespace, value: str) -> int:
    """
    Raises:
        KnownError: it cannot be kept.
    """
    key = options.key
    changed = settings.SETTINGS[key]
    if changed.kept == "person":
        preferences = _preferences()
        preferences.change(key, value)
        if not preferences.save():
            raise KnownError("The settings cannot be written to {file}.", file=config_file())
        if _window_is_open(options.library):
            note(Sentence("A window that is open takes it up when it is opened again."))
    else:
        with engine(options.library) as client:
            client.call(messages.ChangeSetting(key, value))
            if changed.restarts:
                client.call(messages.Shutdown(if_alone=True))  # the next engine reads it
    return _print([key], options) if options.json else 0


def _window_is_open(library: Library) -> bool:
    from photosearch.gui.desktop.single_instance import is_open

    return is_open(library)


def _preferences() -> Preferences:
    """The window's: QSettings is what reads and writes them, and asks for no display."""
    try:
        from photosearch.gui.desktop.preferences import Preferences
    except ImportError as error:
        from photosearch.cli.gui import explained

        raise explained(error) from error
    return Preferences(config_file())
