"""How an answer stands in the grid: named so, strong, likely, in a folder of that name, others; its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from photosearch.core import search_messages
from photosearch.core.photo import Confidence, Hit
from photosearch.gui.data.engine_link import Question
from photosearch.gui.grid.sections import Section, by_groups
from photosearch.i18n import tr, tr_n, translated


class ShownResults(NamedTuple):
    """What of an answer is shown, and under which headings."""

    ids: NDArray[np.int64]  # (N,)
    aspects: NDArray[np.float32]  # (N,), width over height
    sections: list[Section]


NO_RESULTS = ShownResults(np.empty(0, np.int64), np.empty(0, np.float32), [])


@dataclass(frozen=True)
class _Photos:
    """Photos in the order of an answer."""

    ids: NDArray[np.int64]  # (N,)
    aspects: NDArray[np.float32]  # (N,)
    sureness: NDArray[np.int8]  # (N,), as _sureness() has it

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, chosen: slice | NDArray[np.bool_]) -> _Photos:
        return _Photos(self.ids[chosen], self.aspects[chosen], self.sureness[chosen])

    def split(self) -> tuple[_Photos, _Photos]:
        """Those named, strong, likely or in folders named so, and the others."""
        weak = self.sureness == _WEAK
        return self.only(~weak), self.only(weak)


_NAMED, _STRONG, _LIKELY, _BEHIND, _WEAK = range(5)
_SURENESS = {Confidence.STRONG: _STRONG, Confidence.LIKELY: _LIKELY, Confidence.WEAK: _WEAK}


def shown_results(
    question: Question, result: search_messages.SearchResult, rest: search_messages.Ranked | None = None
) -> ShownResults:
    """What the grid shows of an answer: those named so, strong ones, likely ones, all others, to the last.

    Args:
        rest: all photos that answer the question, once they are known; until then the first hits are shown.
    """
    hits, others = _parts(question, _of_hits(result.hits), rest)
    (sure, weak), (more_sure, more_weak) = hits.split(), others.split()
    parts = (sure, more_sure, weak, more_weak)
    ids = np.concatenate([part.ids for part in parts])
    aspects = np.concatenate([part.aspects for part in parts])
    if not len(sure) + len(more_sure):
        sections = by_groups(result.groups)
        if sections and len(more_weak):
            sections.append(Section(len(weak), tr("Further photos")))
        return ShownResults(ids, aspects, sections)
    start = len(sure) + len(more_sure)
    sections = _of_sure(question, result, sure, more_sure, alone=start == len(ids))
    if start < len(ids):
        count = max(result.labels.weak, len(ids) - start)
        sections.append(_counted(start, tr("Less likely"), count)._replace(apart=True))
    return ShownResults(ids, aspects, sections)


def without_gone(
    result: search_messages.SearchResult, rest: search_messages.Ranked | None, living: NDArray[np.int64]
) -> tuple[search_messages.SearchResult, search_messages.Ranked | None]:
    """An answer, and all its photos where they are known, as of the photos that are there still, ids (N,)."""
    there = np.isin([hit.photo_id for hit in result.hits], living)
    if rest is None:
        gone = [_sureness(hit) for hit, stays in zip(result.hits, there, strict=True) if not stays]
        left = [max(0, count - gone.count(kind)) for kind, count in enumerate(_by_sureness(result.labels))]
        searched = result.searched - len(gone)
    else:
        ranked = _of_ranked(rest)
        ranked = ranked.only(np.isin(ranked.ids, living))
        left = np.bincount(ranked.sureness, minlength=_WEAK + 1).tolist()
        searched = len(ranked)
    named, strong, likely, behind, weak = left
    labels = search_messages.Labels(strong, likely, weak, named, behind)
    if rest is not None:
        rest = search_messages.Ranked(ranked.ids.tobytes(), ranked.aspects.tobytes(), labels)
    ends = [*(group.start for group in result.groups[1:]), len(there)]
    result = msgspec.structs.replace(
        result,
        hits=[hit for hit, stays in zip(result.hits, there, strict=True) if stays],
        groups=tuple(
            search_messages.HitGroup(group.key, int(np.count_nonzero(there[: group.start])))
            for group, end in zip(result.groups, ends, strict=False)
            if there[group.start : end].any()
        ),
        labels=labels,
        searched=searched,
    )
    return result, rest


def ranks(question: Question, result: search_messages.SearchResult) -> bool:
    """Return whether some photos answer better than others; filters alone only choose."""
    if isinstance(question, search_messages.Similar) or question.has_examples:
        return True
    return result.ranks


def is_sure(result: search_messages.SearchResult) -> bool:
    """Return whether any hit is more than unlikely."""
    return any(_sureness(hit) != _WEAK for hit in result.hits)


def line(question: Question, result: search_messages.SearchResult) -> str:
    """Return in words what the grid shows: how many of how many."""
    if not result.hits:
        return ""
    if result.caveat:
        return translated(result.caveat)
    if not is_sure(result):
        return tr("Nothing here matches well. The nearest:")
    if not ranks(question, result):
        return tr_n("{n} photo matches the filters", "{n} photos match the filters", result.labels.strong)
    named, strong, likely, behind = _counts(result)
    parts = []
    if named:
        parts.append(tr_n("{n} by name, caption or text", "{n} by name, caption or text", named))
    if strong:
        parts.append(tr_n("{n} strong match", "{n} strong matches", strong))
    if likely:
        parts.append(tr_n("{n} likely", "{n} likely", likely))
    if behind:
        parts.append(tr_n("{n} by its folder or album", "{n} by their folder or album", behind))
    what = parts[0]
    for part in parts[1:]:
        what = tr("{strong}, {likely}", strong=what, likely=part)
    return tr("{what} among {n} photos", what=what, n=result.searched)


def new_matches(shown: ShownResults, now: search_messages.SearchResult) -> int:
    """Return how many strong and likely photos the answer has by now that were not shown as such."""
    sure = next((section.start for section in shown.sections if section.apart), len(shown.ids))
    known = set(shown.ids[:sure].tolist())
    return sum(hit.photo_id not in known for hit in now.hits if _sureness(hit) < _BEHIND)


def lacks(shown: search_messages.SearchResult, now: search_messages.SearchResult) -> bool:
    """Return whether there are fewer photos of some kind before the weak ones than the headings say."""
    return any(after < before for before, after in zip(_counts(shown), _counts(now), strict=True))


def _groups_of_sure(
    hits: Sequence[Hit], groups: Sequence[search_messages.HitGroup]
) -> list[search_messages.HitGroup]:
    """The groups without their weak hits; those that had no others are left out."""
    ends = [*(group.start for group in groups[1:]), len(hits)]
    kept, start = [], 0
    for group, end in zip(groups, ends, strict=True):
        members = sum(_sureness(hit) != _WEAK for hit in hits[group.start : end])
        if members:
            kept.append(replace(group, start=start))
        start += members
    return kept


def _counts(result: search_messages.SearchResult) -> list[int]:
    """Those before the weak ones, of all photos; where the engine does not count them, of the hits."""
    found = [_sureness(hit) for hit in result.hits]
    counted = _by_sureness(result.labels)[:_WEAK]
    return [max(count, found.count(kind)) for kind, count in enumerate(counted)]


def _by_sureness(labels: search_messages.Labels) -> tuple[int, ...]:
    return labels.named, labels.strong, labels.likely, labels.behind, labels.weak


def _sureness(hit: Hit) -> int:
    if hit.behind:
        return _BEHIND
    return _SURENESS[hit.confidence] if hit.found_in is None else _NAMED


def _parts(question: Question, hits: _Photos, rest: search_messages.Ranked | None) -> tuple[_Photos, _Photos]:
    """The first hits as they are shown, and the photos that go on after them."""
    if rest is None:
        return hits, _of_hits(())
    ranked = _of_ranked(rest)
    if question.group != "none":
        return hits, ranked.only(~np.isin(ranked.ids, hits.ids))
    if question.sort != "relevance":
        return ranked, _of_hits(())
    # What came since the hits did, and would stand among them, is offered as new matches.
    places = np.flatnonzero(np.isin(ranked.ids, hits.ids))
    return hits, ranked.only(slice(int(places[-1]) + 1 if len(places) else 0, None))


def _of_sure(
    question: Question, result: search_messages.SearchResult, sure: _Photos, more: _Photos, *, alone: bool
) -> list[Section]:
    """The headings of what is named, strong or likely; `alone`: nothing else follows."""
    named, strong, likely, behind = _counts(result)
    if result.groups:
        sections = by_groups(_groups_of_sure(result.hits, result.groups))
        return [*sections, *([Section(len(sure), tr("Further photos"))] if len(more) else [])]
    if not ranks(question, result):
        return []
    sureness = np.concatenate([sure.sureness, more.sureness])
    titles: list[tuple[str, int, tuple[int, ...]]] = [(tr("In names, captions and text"), named, (_NAMED,))]
    if question.sort == "relevance":
        titles += [(tr("Strong matches"), strong, (_STRONG,)), (tr("Likely matches"), likely, (_LIKELY,))]
    else:
        titles.append((tr("Matches"), strong + likely, (_STRONG, _LIKELY)))
    titles.append((tr("In folders and albums of this name"), behind, (_BEHIND,)))
    sections = [
        _counted(int(places[0]), title, count)
        for title, count, which in titles
        if len(places := np.flatnonzero(np.isin(sureness, which)))
    ]
    return [] if question.sort != "relevance" and alone and not named + behind else sections


def _counted(start: int, title: str, count: int) -> Section:
    return Section(start, tr("{title}  {n}", title=title, n=count))


def _of_hits(hits: Sequence[Hit]) -> _Photos:
    return _Photos(
        np.array([hit.photo_id for hit in hits], dtype=np.int64),
        np.array([hit.aspect for hit in hits], dtype=np.float32),
        np.array([_sureness(hit) for hit in hits], dtype=np.int8),
    )


def _of_ranked(ranked: search_messages.Ranked) -> _Photos:
    counts = _by_sureness(ranked.labels)
    return _Photos(
        np.frombuffer(ranked.ids, np.int64),
        np.frombuffer(ranked.aspects, np.float32),
        np.repeat(np.arange(len(counts), dtype=np.int8), counts),
    )
