"""photosearch teach"""

import argparse
import os
from pathlib import Path
from typing import Any

import msgspec

from photosearch.cli.connect import engine, require
from photosearch.cli.progress import followed
from photosearch.cli.text import as_json, escaped, left, share, worded
from photosearch.core import teaching_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.teaching import LessonInfo, TeachingState, TeachReport
from photosearch.core.teaching_report import lines
from photosearch.engine.client import Client
from photosearch.i18n import translated
from photosearch.paths import Library

NAME = "teach"
HELP = "learn your own words from your captions, and use them if that finds more"
EXAMPLES = (
    "photosearch captions import captions.csv && photosearch teach",
    "photosearch teach --json",
    "photosearch words                               (what your names mean to it)",
    "photosearch models rollback                     (search as before)",
)
STAGES = {
    "reading": Sentence("reading captions"),
    "words": Sentence("finding your words and what they mean"),
    "adapter": Sentence("learning how you write"),
    "checking": Sentence("checking on captions that were held out"),
    "writing": Sentence("writing"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(on_interrupt=Sentence("stopped; nothing was changed."))


def run(options: argparse.Namespace) -> int:
    require(options.library)
    with engine(options.library) as client:
        over = _followed(client)
        if over.phase != "done":
            raise KnownError(over.sentence or Sentence("Learning was stopped; nothing was changed."))
        report = client.call(teaching_messages.GetReport(over.lesson)).report
        lessons = client.call(teaching_messages.GetLessons()).lessons
    lesson = next(lesson for lesson in lessons if lesson.lesson == over.lesson)
    print(as_json(fields(lesson, report)) if options.json else text(lesson, report, options.library))
    return 0


def fields(lesson: LessonInfo, report: TeachReport) -> dict[str, Any]:
    """What --json prints of a lesson and its report."""
    return {
        "lesson": lesson.lesson,
        "verdict": report.verdict,
        "in_use": lesson.in_use,
        "report": msgspec.to_builtins(report) | {"skipped": list(map(str, report.skipped))},
    }


def text(lesson: LessonInfo, report: TeachReport, library: Library) -> str:
    """The report of a lesson, and what to do about it."""
    told = [escaped(line) for line in lines(report, lambda label: _file_name(label, library), translated)]
    if lesson.in_use:
        use = Sentence("Searches use it from now on; photosearch models rollback takes that back.")
    else:
        use = Sentence(
            "Searches go on as before. To use it anyway: photosearch models use {lesson}",
            lesson=lesson.lesson,
        )
    return "\n".join([*told, "", worded(use)])


def line(state: TeachingState) -> str:
    """How far teaching is, as one line of text."""
    progress = state.progress
    if progress is None:
        return translated(Sentence("learning …"))
    parts = [f"{translated(STAGES[progress.stage])} …"]
    if progress.total:
        parts.append(share(progress.done, f"{progress.total:,}"))
    if progress.seconds_left is not None:
        parts.append(left(progress.seconds_left))
    return " · ".join(parts)


def _followed(client: Client) -> TeachingState:
    """How it ended."""
    over = followed(
        client,
        teaching_messages.StartTeaching(),
        teaching_messages.StopTeaching(),
        teaching_messages.TeachingChanged,
        lambda event: line(event.state) if event.state.phase == "running" else None,
    )
    if over is None:
        raise KnownError("PhotoSearch was closed meanwhile; it begins again the next time it runs.")
    return over.state


def _file_name(label: str, library: Library) -> str:
    from photosearch.store.reader import Reader

    with Reader.open(library) as reader:
        photo = reader.photo(int(label)) if label.isdecimal() else None
    return Path(os.fsdecode(photo.path_bytes)).name if photo else label
