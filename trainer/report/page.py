"""What the page says, as the template takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from trainer.evaluate.recall import KS
from trainer.report import figures, queries
from trainer.report.charts import COLOURS, Mark, Series, line_chart
from trainer.report.finished_run import FinishedRun, Measured
from trainer.report.heatmap import heat_map
from trainer.report.thumbnails import InlineThumbnails

STATUS = {
    "running": "still running",
    "finished": "finished",
    "stopped": "stopped by the guard",
    "cancelled": "cancelled",
    "failed": "failed",
}
VERDICT = {
    "better": "finds photos better than",
    "worse": "finds photos worse than",
    "no measurable change": "shows no measurable change against",
}


@dataclass(frozen=True)
class Head:
    """A run at the top of the page."""

    label: str
    colour: int
    status: str  # a key of STATUS
    said: str
    reason: str
    when: str


@dataclass(frozen=True)
class Chart:
    """A drawing with its heading."""

    title: str
    drawing: Markup
    wide: bool = False


@dataclass(frozen=True)
class Looked:
    """Lists of single queries under one heading."""

    label: str
    colour: int
    lists: list[tuple[str, list[queries.ShownQuery]]]


def page_values(runs: Sequence[FinishedRun]) -> dict[str, Any]:
    """All that page.html shows."""
    thumbnails = InlineThumbnails()
    against = figures.against_first(runs)
    return {
        "signed": signed,
        "title": " · ".join(run.label for run in runs),
        "heads": [_head(run, i) for i, run in enumerate(runs)],
        "verdicts": _verdicts(runs, against),
        "warnings": _warnings(runs),
        "charts": _charts(runs),
        "tables": figures.figure_tables(runs),
        "facts": figures.fact_rows(runs),
        "against": against,
        "heat_maps": [
            (run.label, i % COLOURS, heat_map(run.measured, thumbnails))
            for i, run in enumerate(runs)
            if run.measured
        ],
        "looked": _looked(runs, thumbnails),
        "protocol": _protocol(runs),
        "differing": figures.differing([run.info.recipe for run in runs]) if len(runs) > 1 else [],
        "settings": [(run.label, figures.flattened(run.info.recipe)) for run in runs],
        "environments": [
            (run.label, figures.flattened(run.info.environment | {"data": run.info.data})) for run in runs
        ],
    }


def signed(value: float, digits: int) -> str:
    """+0.022, −1.5"""
    return f"{value:+.{digits}f}".replace("-", "−")


def _head(run: FinishedRun, number: int) -> Head:
    info = run.info
    return Head(
        label=run.label,
        colour=number % COLOURS,
        status=info.status,
        said=STATUS[info.status],
        reason=info.reason,
        when=_when(info.started_at, info.finished_at),
    )


def _verdicts(runs: Sequence[FinishedRun], against: Sequence[figures.Against]) -> list[str]:
    """The report in a sentence or two."""
    said = []
    for one in against:
        if not one.ways:
            said.append(f"{one.label} is not compared with {runs[0].label}: {one.differs}.")
            continue
        _, t2i = one.ways[0]
        change = t2i.changes["mrr"]
        low, high = change.interval
        said.append(
            f"{one.label} {VERDICT[t2i.verdict]} {runs[0].label}: MRR {signed(change.difference, 3)}, "
            f"between {signed(low, 3)} and {signed(high, 3)}."
        )
    if len(runs) == 1 and runs[0].measured:
        said.append(_plain(runs[0].measured))
    return said or ["No model has been published yet."]


def _plain(measured: Measured) -> str:
    hundred = [round(100 * float((measured.ranks.t2i < k).mean())) for k in (1, 10)]
    return (
        f"Of 100 sentences, {hundred[0]} find their photo first and {hundred[1]} among the first ten, "
        f"out of {len(measured.photos):,} photos."
    )


def _warnings(runs: Sequence[FinishedRun]) -> list[str]:
    found = []
    for run in runs:
        if run.info.status == "stopped":
            found.append(f"{run.label} was stopped: {run.info.reason}")
        elif run.info.status == "cancelled":
            found.append(f"{run.label} was cancelled before its time; it can go on with --resume.")
        elif run.info.status == "failed":
            found.append(f"{run.label} failed and can go on with --resume: {run.info.reason}")
        if run.measured and run.truncated:
            found.append(
                f"{run.label} reads only the beginning of {run.truncated:,} of the "
                f"{len(run.measured.captions):,} captions: they are longer than its limit of tokens."
            )
    return found


def _charts(runs: Sequence[FinishedRun]) -> list[Chart]:
    losses = [Series(run.label, i, *run.curve()) for i, run in enumerate(runs)]
    scales = [
        Series(run.label, i, *_points(run.steps, lambda event: event.get("scale")))
        for i, run in enumerate(runs)
    ]
    mark = Mark(0.0, "guessing")
    charts = [
        Chart(
            "Loss − ln(batch)",
            line_chart(losses, x_label="step", y_label="loss − ln B", mark=mark),
            wide=True,
        ),
        Chart("Logit scale 1/τ", line_chart(scales, x_label="step", y_label="scale"), wide=True),
    ]
    for way, name in figures.WAYS.items():
        for k in KS:
            curves = [
                Series(run.label, i, *_points(run.validations, lambda event: event[way][f"R@{k}"]))  # noqa: B023
                for i, run in enumerate(runs)
            ]
            drawing = line_chart(curves, x_label="step", y_label=f"R@{k}, %", low=0.0, dots=True)
            charts.append(Chart(f"R@{k}, {name}", drawing))
    return charts


def _points(events: Sequence[dict[str, Any]], value: Any) -> tuple[list[float], list[float]]:
    kept = [(event["step"], value(event)) for event in events if value(event) is not None]
    return [step for step, _ in kept], [y for _, y in kept]


def _looked(runs: Sequence[FinishedRun], thumbnails: InlineThumbnails) -> list[Looked]:
    found = []
    first = runs[0].measured
    for i, run in enumerate(runs):
        if run.measured is None:
            continue
        lists = []
        if i and first and first.same_queries(run.measured):
            gained, lost = queries.changed(first, run.measured, thumbnails)
            lists += [
                (f"Lost most against {runs[0].label}", lost),
                (f"Gained most against {runs[0].label}", gained),
            ]
        lists += [
            ("Worst", queries.worst(run.measured, thumbnails)),
            ("Best", queries.best(run.measured, thumbnails)),
        ]
        found.append(Looked(run.label, i % COLOURS, [(title, some) for title, some in lists if some]))
    return found


def _protocol(runs: Sequence[FinishedRun]) -> str:
    said = dict.fromkeys(
        f"{len(m.photos):,} photos, {len(m.captions):,} captions ({m.protocol})"
        for m in (run.measured for run in runs)
        if m
    )
    return "; ".join(said)


def _when(started: str, finished: str | None) -> str:
    """Dates as the run wrote them, in UTC, and how long it took."""
    begun = datetime.fromisoformat(started)
    if finished is None:
        return f"since {begun:%d %B %Y, %H:%M} UTC"
    minutes = round((datetime.fromisoformat(finished) - begun).total_seconds() / 60)
    took = (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min"
        if minutes
        else "under a minute"
    )
    return f"{begun:%d %B %Y, %H:%M} UTC, {took}"
