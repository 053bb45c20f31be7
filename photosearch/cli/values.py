"""What may stand where a command line was typed so far, for a shell to offer.

An argument is known by what its help calls it, such as ALBUM; "strong|likely|SCORE" may be several things, of
which those in small letters stand for themselves. The library is read as it lies there: no engine is started,
and nothing that takes long is loaded.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from photosearch import setting_kinds, settings
from photosearch.cli import arguments
from photosearch.cli.manual import Command
from photosearch.paths import Library

MOST = 100  # values
FILES = ("FILE", "PATH", "SOURCE", "QUERY")
FOLDERS = ("DIR", "FOLDER", "NEW")
_CURSOR = "\0"


class Place(NamedTuple):
    """Where the cursor is."""

    library: Library
    action: argparse.Action | None  # that takes what is being typed; None: it is no argument's value
    before: list[str]  # what the command was given already
    begun: str  # of the value


def kinds(action: argparse.Action) -> list[str]:
    """What an argument may be: names of kinds in capitals, and values as they are."""
    if action.choices is not None:
        return list(map(str, action.choices))
    return action.metavar.split("|") if isinstance(action.metavar, str) else []


def choices(action: argparse.Action) -> list[str]:
    """The values that it may have in any library."""
    return kinds(action) if action.choices is not None else [kind for kind in kinds(action) if kind.islower()]


def depends(action: argparse.Action) -> bool:
    """Whether it may have other values, which the library or what stands before it tells."""
    return action.choices is None and any(kind in _VALUES for kind in kinds(action))


def offered(program: Command, library: Library, line: str) -> list[str]:
    """The values that may stand at the end of a command line, whole, as they mean the same unquoted.

    Args:
        library: where the line names none

    Raises:
        KnownError: the library cannot be read.
    """
    words = _words(line)
    place = _place(program, library, words)
    if place.action is None:
        return []
    found = [value for value in choices(place.action) if _goes_on(value, place.begun)]
    for kind in kinds(place.action) if depends(place.action) else ():
        if kind in _VALUES:
            values = filter(str.isprintable, _VALUES[kind](place))
            found += [value for value in values if kind == "QUERY" or _goes_on(value, place.begun)]
    before = words[-1][: len(words[-1]) - len(place.begun)]  # of --min=strong
    return [before + value for value in dict.fromkeys(found)][:MOST]


def replaced(line: str, part: str) -> int:
    """How many characters of the last word stay, where a shell replaces its last part, as after a colon."""
    word, part = _words(line)[-1], _words(part)[-1]
    return len(word) - len(part) if word.endswith(part) else 0


def _words(line: str) -> list[str]:
    """The words of a line as a shell has them; the last one is being typed, and a quotation may be open."""
    for end in ("", '"', "'"):
        try:
            words = shlex.split(line.removesuffix("\\") + _CURSOR + end)
        except ValueError:
            continue
        return [*words[:-1], words[-1].removesuffix(_CURSOR)]
    return [""]


def _place(program: Command, library: Library, words: list[str]) -> Place:
    command, before = program, list[str]()
    option: argparse.Action | None = None  # whose value comes next
    for word in words[1:-1]:
        below = {each.words[-1]: each for each in command.commands}
        if option:
            library = _library(option, word) or library
            option = None
        elif word.startswith("-") and word != "-":
            name, has_value, value = word.partition("=")
            option = _valued(command, name)
            if option and has_value:
                library = _library(option, value) or library
                option = None
        elif word in below:
            command = below[word]
        else:
            before.append(word)
    begun = words[-1]
    if not option and begun.startswith("--") and "=" in begun:
        name, _, begun = begun.partition("=")
        return Place(library, _valued(command, name), before, begun)
    if option or (begun.startswith("-") and begun != "-"):
        return Place(library, option, before, begun)
    takes = command.arguments[len(before) :] or [each for each in command.arguments[-1:] if _takes_all(each)]
    return Place(library, takes[0] if takes else None, before, begun)


def _valued(command: Command, name: str) -> argparse.Action | None:
    option = command.parser._option_string_actions.get(name)
    return option if option and option.nargs != 0 else None


def _library(option: argparse.Action, value: str) -> Library | None:
    return Library(Path(arguments.path(value)).absolute()) if option.dest == "library" else None


def _takes_all(action: argparse.Action) -> bool:
    return action.nargs in ("*", "+")


def _goes_on(value: str, begun: str) -> bool:
    return value.casefold().startswith(begun.casefold())


def _albums(place: Place) -> list[str]:
    from photosearch.store.reader import Reader

    with Reader.open(place.library) as reader:
        return [name for _, name in (*reader.album_names(), *reader.live_album_names())]


def _folders(place: Place) -> list[str]:
    from photosearch.store.reader import Reader

    with Reader.open(place.library) as reader:
        return [os.fsdecode(folder.path) for folder in reader.folders()]


def _lessons(place: Place) -> list[str]:
    from photosearch.engine.kept_lessons import listed

    return [lesson.name or lesson.lesson for lesson in listed(place.library, None).lessons]


def _tags(place: Place) -> list[str]:
    from photosearch.store.reader import Reader

    with Reader.open(place.library) as reader:
        return [tag.name for tag in reader.tags()]


def _own_words(place: Place) -> list[str]:
    from photosearch.engine.kept_lessons import lessons_in_use, words_of
    from photosearch.models.lesson import LESSON, read_lesson

    in_use, _ = lessons_in_use(place.library)
    lesson = read_lesson(place.library.lessons / in_use / LESSON) if in_use else None
    return [word.name for word in words_of(lesson)]


def _models(place: Place) -> list[str]:
    from photosearch.models import catalog

    return [model.name for model in catalog.available(place.library)]


def _downloads(place: Place) -> list[str]:
    from photosearch.models import downloads

    return [begun.source for begun in downloads.begun(place.library.downloads)]


def _offers(place: Place) -> list[str]:
    from photosearch.models import offers

    return [*(model.source for model in offers.known_models()), *_downloads(place)]


def _of_setting(place: Place) -> list[str]:
    setting = settings.SETTINGS.get(place.before[0])
    match setting:
        case setting_kinds.Choice():
            return [value for value, _ in setting.options]
        case setting_kinds.Switch():
            return [settings.YES, settings.NO]
    return []


def _queries(place: Place) -> list[str]:
    """How the word may go on, where it is a filter or may become one."""
    from photosearch.search.query import ALBUM, FOLDER, TAG
    from photosearch.search.suggestions import PhotoNames, Suggester
    from photosearch.store.reader import Reader

    key = place.begun.partition(":")[0]
    with Reader.open(place.library) as reader:
        is_of_facts = key in ("camera", "date", "after", "before")
        cameras, years = reader.cameras_and_years() if is_of_facts else ([], [])
        folders = reader.subfolders() if key == FOLDER else []
        towns = reader.towns() if key == "place" else []
        albums = reader.albums() if key == ALBUM else []
        live = reader.live_albums() if key == ALBUM else []
        tags = reader.tag_counts() if key == TAG else []
    suggester = Suggester(PhotoNames(years, folders, cameras, towns, tags), [*albums, *live])
    return [found.text for found in suggester.suggestions(place.begun, MOST)]


_VALUES: dict[str, Callable[[Place], Iterable[str]]] = {
    "ALBUM": _albums,
    "DOWNLOAD": _downloads,
    "LESSON": _lessons,
    "MODEL": _models,
    "ID": _offers,
    "OLD": _folders,
    "QUERY": _queries,
    "TAG": _tags,
    "VALUE": _of_setting,
    "WORD": _own_words,
}
