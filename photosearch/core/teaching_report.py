"""A report on teaching as plain text, for terminals."""

from collections.abc import Callable

from photosearch.core.errors import Sentence
from photosearch.core.teaching import FEWEST_PHOTOS, QueryChange, Recalls, TeachReport

SENTENCES = {
    "better": "It is better: your words find your photos more often than before.",
    "unclear": "No measurable change: your captions do not show that it helps.",
    "worse": "It is worse than before on captions that it had not seen.",
    "too_few": "Too few photos have captions to learn from and to tell whether it helps.",
}
CHANGES_SHOWN = 5


def lines(
    report: TeachReport,
    named: Callable[[str], str] = lambda label: label,
    said: Callable[[Sentence], str] = str,
) -> list[str]:
    """
    Args:
        named: from a photo's label to what a person calls it
        said: from a sentence on what was left out to its text
    """
    told = [
        f"{report.captions:,} captions of {report.photos:,} photos, sought among {report.gallery:,}, "
        f"in {report.seconds:.0f} s. {SENTENCES[report.verdict]}",
        *(f"Note: {said(sentence)}" for sentence in report.skipped),
    ]
    if report.verdict == "too_few":
        more = max(1, FEWEST_PHOTOS - report.photos)
        told.append(f"Caption {more:,} more; a hundred or more teach it well.")
    if report.before.queries:
        told += [
            "",
            "Captions that were held out, each as a search:   before  after",
            *_table(report.before, report.after),
            f"{report.improved:,} rose, {report.worsened:,} fell, {report.unchanged:,} stayed. Gain in mean "
            f"reciprocal rank among captioned photos {report.gain:+.3f}, 95 % interval "
            f"{report.gain_low:+.3f} to {report.gain_high:+.3f}.",
        ]
    if report.general_before.queries:
        was, now = (_share_in10(found) for found in (report.general_before, report.general_after))
        low, high = 100 * report.general_low, 100 * report.general_high
        told += [
            "",
            f"General searches with their photo among the first 10: {was:.1f} %, now {now - was:+.1f} points "
            f"({low:+.1f} to {high:+.1f}).",
        ]
    if report.words:
        told += ["", "Your words:"]
        told += [
            f"  {word.name} = {word.phrase or 'as its photos show it'}  ({word.captions} captions, "
            f"{word.gain:+.2f})"
            for word in report.words
        ]
    for title, changes in (
        ("Fell most:", [change for change in report.changes if change.rank_after > change.rank_before]),
        ("Rose most:", [change for change in report.changes if change.rank_after < change.rank_before]),
    ):
        if changes:
            told += ["", title, *(_change(change, named) for change in changes[:CHANGES_SHOWN])]
    return told


def _table(before: Recalls, after: Recalls) -> list[str]:
    return [
        f"  {label:46} {100 * was / before.queries:5.1f} % {100 * now / after.queries:5.1f} %"
        for label, was, now in (
            ("their photo stands first", before.first, after.first),
            ("among the first 5", before.in5, after.in5),
            ("among the first 10", before.in10, after.in10),
        )
    ]


def _share_in10(found: Recalls) -> float:
    return 100 * found.in10 / found.queries


def _change(change: QueryChange, named: Callable[[str], str]) -> str:
    return f"  {change.rank_before} -> {change.rank_after}  {change.caption}  ({named(change.photo)})"
