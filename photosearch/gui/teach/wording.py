"""Teaching in words: its stages, the time left, what came of it."""

from __future__ import annotations

from datetime import datetime

from photosearch.core.note_messages import CaptionsImported
from photosearch.core.teaching import Stage, TeachProgress, TeachReport, Verdict
from photosearch.gui.widgets.progress_text import time_left
from photosearch.i18n import paragraph, tr, tr_n, translated

_SOON = 90  # seconds below which they are counted
_PROBLEMS = 5  # told of a file


def stage(stage: Stage) -> str:
    """Return what teaching does in this stage."""
    return {
        "reading": tr("Reading your captions"),
        "words": tr("Finding the words that are yours"),
        "adapter": tr("Learning how you describe photos"),
        "checking": tr("Checking on the set-aside captions"),
        "writing": tr("Saving what was learnt"),
    }[stage]


def progress(progress: TeachProgress | None) -> str:
    """The stage of learning, and how long it takes still."""
    if progress is None:
        return tr("Getting ready to learn")
    said = [stage(progress.stage)]
    if progress.seconds_left is not None:
        said.append(seconds_left(progress.seconds_left))
    return "  ·  ".join(said)


def seconds_left(seconds: float) -> str:
    """Return about how long it still takes, in seconds where that is soon."""
    if seconds >= _SOON:
        return time_left(seconds)
    if seconds < 5:
        return tr("a few seconds left")
    return tr_n("{n} second left", "about {n} seconds left", 5 * round(seconds / 5))


def verdict(verdict: Verdict) -> str:
    """Return what came of a lesson, in a few words."""
    return {
        "better": tr("Better"),
        "unclear": tr("No clear change"),
        "worse": tr("Worse"),
        "too_few": tr("Not enough to tell"),
    }[verdict]


def explained(report: TeachReport) -> str:
    """The verdict in a sentence."""
    match report.verdict:
        case "better":
            return tr("Asked in your own words, it finds the right photo clearly more often than before.")
        case "unclear":
            return tr("What changed is no more than chance would bring. It is not used unless you say so.")
        case "worse":
            return tr("It finds the right photo less often than before. It is not used unless you say so.")
    return tr("There are too few captions for a fair test. With more of them it can be told.")


def imported(result: CaptionsImported) -> str:
    """What came of taking in the captions of a file, in sentences."""
    said = [
        tr_n("{n} caption was taken in.", "{n} captions were taken in.", result.new)
        if result.new
        else tr("No new caption was found.")
    ]
    if result.repeated:
        said.append(tr_n("{n} was known already.", "{n} were known already.", result.repeated))
    if result.skipped_no_photo:
        said.append(
            tr_n(
                "{n} is of a photo that is not in the library.",
                "{n} are of photos that are not in the library.",
                result.skipped_no_photo,
            )
        )
    if result.ambiguous:
        said.append(
            tr_n(
                "{n} may belong to several photos and was left out.",
                "{n} may belong to several photos and were left out.",
                result.ambiguous,
            )
        )
    return "\n".join([paragraph(said), *(translated(problem) for problem in result.problems[:_PROBLEMS])])


def day(created_at: float) -> str:
    """The day on which a lesson was made, in local time."""
    return datetime.fromtimestamp(created_at).astimezone().strftime("%Y-%m-%d %H:%M")
