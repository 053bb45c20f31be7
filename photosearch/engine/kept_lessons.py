"""The lessons that lie in a library, as its files say it: no engine is needed to read them."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from photosearch import settings
from photosearch.core import teaching_messages
from photosearch.core.errors import KnownError
from photosearch.core.reading import decode_json, read_regular
from photosearch.core.teaching import LessonInfo, TeachReport, Word
from photosearch.models.catalog import ModelInfo
from photosearch.models.lesson import LESSON, Lesson, read_lesson
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader

REPORT = "report.json"
EDITED = "-edited"  # ends the id of a lesson whose words the person changed after it was learnt
ID = re.compile(rf"[0-9a-f]{{16}}({EDITED})?")

_log = logging.getLogger(__name__)


def listed(library: Library, model: ModelInfo | None) -> teaching_messages.LessonList:
    """What there is, the latest first; a lesson that cannot be read is logged and left out.

    Args:
        model: the one that answers
    """
    in_use, before = lessons_in_use(library)
    found = []
    for folder in library.lessons.iterdir() if library.lessons.is_dir() else ():
        if not ID.fullmatch(folder.name):
            continue
        try:
            found.append(info_of(folder, in_use, model))
        except KnownError as error:
            _log.warning("%s", error)
    found.sort(key=lambda info: info.created_at, reverse=True)
    return teaching_messages.LessonList(tuple(found), can_roll_back=before is not None)


def words_of(lesson: Lesson | None) -> Sequence[Word]:
    """The names that mean something else to searches through a lesson than they say, by name."""
    words = lesson.words if lesson else ()
    return sorted((word for word in words if word.has_effect), key=lambda word: word.name.casefold())


def lessons_in_use(library: Library) -> tuple[str, str | None]:
    """Ids of the lesson in use and of the one before it; "": none, None: there was no change yet."""
    try:
        with Reader.open(library) as reader:
            return reader.setting(settings.LESSON) or "", reader.setting(settings.LESSON_BEFORE)
    except NoLibrary:
        return "", None


def read_report(path: Path) -> TeachReport:
    """What a teaching reported of its lesson.

    Raises:
        KnownError: there is none, or it makes no sense.
    """
    try:
        said = decode_json(read_regular(path), dict[str, Any])
        if said.get("format") == 1:
            texts = msgspec.convert(said.get("skipped", []), list[str])
            said["skipped"] = [{"template": text, "values": {}} for text in texts]
        return msgspec.convert(said, TeachReport)
    except FileNotFoundError:
        raise KnownError("This lesson has no report: it was imported, or its words were changed.") from None
    except (OSError, msgspec.DecodeError) as error:
        raise KnownError("The report of this lesson cannot be read.") from error


def info_of(folder: Path, in_use: str, model: ModelInfo | None) -> LessonInfo:
    """What the folder of a lesson says of it.

    Args:
        in_use: id of the lesson in use
        model: the one that answers

    Raises:
        KnownError: the lesson cannot be read.
    """
    lesson = read_lesson(folder / LESSON)
    verdict = read_report(folder / REPORT).verdict if (folder / REPORT).is_file() else None
    return LessonInfo(
        lesson=folder.name,
        name=lesson.name,
        created_at=lesson.created_at,
        captions=lesson.captions,
        verdict=verdict,
        in_use=folder.name == in_use,
        fits=model is not None and lesson.fits(model.model_id, model.dim),
        edited=folder.name.endswith(EDITED),
    )
