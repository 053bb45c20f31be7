"""How an answer stands in the grid: strong, then likely; the weak ones folded; and a line that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core import messages
from photosearch.core.photo import Confidence, Hit
from photosearch.gui.data.engine_link import Question
from photosearch.gui.grid.sections import Section, by_groups
from photosearch.i18n import tr, tr_n, translated


class ShownResults(NamedTuple):
    """What of an answer is shown, and under which headings."""

    ids: NDArray[np.int64]  # (N,)
    aspects: NDArray[np.float32]  # (N,), width over height
    sections: list[Section]


def shown_results(question: Question, result: messages.SearchResult, *, unfolded: bool) -> ShownResults:
    """What the grid shows of an answer.

    Args:
        unfolded: whether hits that are unlikely are shown although others are likely.
    """
    hits = result.hits
    sure = [hit for hit in hits if hit.confidence is not Confidence.WEAK]
    weak = [hit for hit in hits if hit.confidence is Confidence.WEAK]
    if not sure:
        return _shown(hits, by_groups(result.groups))
    if result.groups:
        sections = by_groups(_groups_of_sure(hits, result.groups))
    elif not ranks(question, result):
        sections = []
    elif question.sort != "relevance":
        sections = [Section(0, tr("{title}  {n}", title=tr("Matches"), n=len(sure)))] if weak else []
    else:
        sections = _by_confidence(sure, result.labels)
    if not weak:
        return _shown(sure, sections)
    if not unfolded:
        more = tr_n("Show {n} less likely photo", "Show {n} less likely photos", len(weak))
        return _shown(sure, [*sections, Section(len(sure), tr("Less likely"), more)])
    return _shown([*sure, *weak], [*sections, Section(len(sure), tr("Less likely"))])


def ranks(question: Question, result: messages.SearchResult) -> bool:
    """Return whether some photos answer better than others; filters alone only choose."""
    if isinstance(question, messages.Similar) or question.images or question.liked or question.disliked:
        return True
    return any(piece.kind != "filter" for piece in result.pieces) or not result.pieces


def is_sure(result: messages.SearchResult) -> bool:
    """Return whether any hit is more than unlikely."""
    return any(hit.confidence is not Confidence.WEAK for hit in result.hits)


def line(question: Question, result: messages.SearchResult) -> str:
    """Return in words what the grid shows: how many of how many."""
    if not result.hits:
        return ""
    if result.caveat:
        return translated(result.caveat)
    if not is_sure(result):
        return tr("Nothing here matches well. The nearest:")
    if not ranks(question, result):
        return tr_n("{n} photo matches the filters", "{n} photos match the filters", result.labels.strong)
    strong, likely = _counts(result)
    parts = []
    if strong:
        parts.append(tr_n("{n} strong match", "{n} strong matches", strong))
    if likely:
        parts.append(tr_n("{n} likely", "{n} likely", likely))
    what = tr("{strong}, {likely}", strong=parts[0], likely=parts[1]) if len(parts) > 1 else parts[0]
    return tr("{what} among {n} photos", what=what, n=result.searched)


def new_matches(shown: messages.SearchResult, now: messages.SearchResult) -> int:
    """Return how many photos the answer has by now that it had not, of the sure ones where there are any."""
    known = {hit.photo_id for hit in shown.hits if hit.confidence is not Confidence.WEAK}
    return sum(hit.photo_id not in known for hit in now.hits if hit.confidence is not Confidence.WEAK)


def _by_confidence(sure: Sequence[Hit], labels: messages.Labels) -> list[Section]:
    titles = {Confidence.STRONG: tr("Strong matches"), Confidence.LIKELY: tr("Likely matches")}
    counts = {Confidence.STRONG: labels.strong, Confidence.LIKELY: labels.likely}
    sections = []
    for confidence, title in titles.items():
        places = [place for place, hit in enumerate(sure) if hit.confidence is confidence]
        if places:
            count = max(counts[confidence], len(places))
            sections.append(Section(places[0], tr("{title}  {n}", title=title, n=count)))
    return sections


def _groups_of_sure(hits: Sequence[Hit], groups: Sequence[messages.HitGroup]) -> list[messages.HitGroup]:
    """The groups without their weak hits; those that had no others are left out."""
    ends = [*(group.start for group in groups[1:]), len(hits)]
    kept, start = [], 0
    for group, end in zip(groups, ends, strict=True):
        members = sum(hit.confidence is not Confidence.WEAK for hit in hits[group.start : end])
        if members:
            kept.append(messages.HitGroup(group.key, start))
        start += members
    return kept


def _counts(result: messages.SearchResult) -> tuple[int, int]:
    """Strong and likely, of all photos; where the engine does not count them, of the hits."""
    found = [
        sum(hit.confidence is confidence for hit in result.hits)
        for confidence in (Confidence.STRONG, Confidence.LIKELY)
    ]
    return max(result.labels.strong, found[0]), max(result.labels.likely, found[1])


def _shown(hits: Sequence[Hit], sections: list[Section]) -> ShownResults:
    return ShownResults(
        np.array([hit.photo_id for hit in hits], dtype=np.int64),
        np.array([hit.aspect for hit in hits], dtype=np.float32),
        sections,
    )
