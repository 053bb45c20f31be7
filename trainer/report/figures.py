"""The report's tables: figures side by side, changes against the first run, settings that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainer.evaluate.compare import Comparison, compare_models, intervals
from trainer.evaluate.recall import KS, recall_of
from trainer.evaluate.statistics import Interval
from trainer.report.finished_run import FinishedRun, Measured

WAYS = {"t2i": "text → image", "i2t": "image → text"}
FIGURES = {**{f"R@{k}": f"R@{k}" for k in KS}, "median_rank": "median rank", "mrr": "MRR"}
LESS_IS_BETTER = {"median_rank"}


@dataclass(frozen=True)
class FigureCell:
    """One figure of one run, as text."""

    value: str
    interval: str = ""
    best: bool = False


@dataclass(frozen=True)
class FigureRow:
    """One figure of all runs."""

    label: str
    cells: list[FigureCell]  # one a run


@dataclass(frozen=True)
class Against:
    """A run against the first."""

    label: str
    colour: int
    ways: list[tuple[str, Comparison]]  # the way in words
    differs: str = ""  # why the two do not compare, instead of `ways`


def figure_tables(runs: Sequence[FinishedRun]) -> list[tuple[str, list[FigureRow]]]:
    """For each way, the figures of all runs, the best of each marked where there are several."""
    of_runs = [_figures(run) for run in runs]
    tables = []
    for way, title in WAYS.items():
        rows = []
        for key, label in FIGURES.items():
            values = [of_run[way][0].get(key) if of_run else None for of_run in of_runs]
            known = [value for value in values if value is not None]
            best = (min if key in LESS_IS_BETTER else max)(known, default=None)
            marked = len(known) > 1 and len(set(known)) > 1
            cells = [
                FigureCell(
                    value=formatted(key, value) if value is not None else "–",
                    interval=_interval(key, of_run[way][1].get(key) if of_run else None),
                    best=marked and value == best,
                )
                for value, of_run in zip(values, of_runs, strict=True)
            ]
            rows.append(FigureRow(label, cells))
        tables.append((title, rows))
    return tables


def fact_rows(runs: Sequence[FinishedRun]) -> list[FigureRow]:
    """What each run cost and on how much data it was made."""

    def row(label: str, values: Sequence[str]) -> FigureRow:
        return FigureRow(label, [FigureCell(value) for value in values])

    return [
        row("steps", [f"{run.steps[-1]['step']:,}" if run.steps else "–" for run in runs]),
        row("best step", [f"{run.info.best['step']:,}" if run.info.best else "–" for run in runs]),
        row("pairs a second", [_median(run, "pairs_per_second", "{:,.0f}") for run in runs]),
        row("peak memory", [_most(run, "memory_mib", "{:,.0f} MiB") for run in runs]),
        row("parameters", [f"{run.info.model_parameters:,}" for run in runs]),
        row("training images", [_count(run, "train_images") for run in runs]),
        row("training captions", [_count(run, "train_captions") for run in runs]),
        row("seed", [str(run.info.seed) for run in runs]),
    ]


def against_first(runs: Sequence[FinishedRun]) -> list[Against]:
    """Every other run compared with the first, query by query."""
    first, *others = runs
    return [_against(first.measured, run, colour) for colour, run in enumerate(others, 1)]


def differing(settings: Sequence[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """The settings, by dotted name, that are not the same in all; "–" where one is not set."""
    flat = [flattened(one) for one in settings]
    names = dict.fromkeys(name for one in flat for name in one)
    rows = [(name, [one.get(name, "–") for one in flat]) for name in names if name != "name"]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def flattened(values: Any, prefix: str = "") -> dict[str, str]:
    """{"a": {"b": [1, 2]}} -> {"a.b.0": "1", "a.b.1": "2"}."""
    if isinstance(values, dict):
        items = [(str(key), value) for key, value in values.items()]
    elif isinstance(values, list | tuple):
        items = [(str(i), value) for i, value in enumerate(values)]
    else:
        return {
            prefix: "off" if values is None or values is False else "on" if values is True else str(values)
        }
    found: dict[str, str] = {}
    for key, value in items:
        found |= flattened(value, f"{prefix}.{key}" if prefix else key)
    return found


def formatted(key: str, value: float) -> str:
    """A figure with as many digits as its kind has a meaning for."""
    if key == "median_rank":
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:.3f}" if key == "mrr" else f"{value:.1f}"


def _figures(run: FinishedRun) -> dict[str, tuple[dict[str, float], dict[str, Interval]]] | None:
    """For each way, the figures and what intervals are known."""
    if run.measured is not None:
        ranks, image_of = run.measured.ranks, run.measured.image_of
        found = recall_of(ranks, len(run.measured.photos))
        return {
            "t2i": (found.t2i, intervals(ranks.t2i, image_of)),
            "i2t": (found.i2t, intervals(ranks.i2t, ranks.images)),
        }
    if run.info.best:  # in training: known from the curve only
        return {way: (run.info.best[way], {}) for way in WAYS}
    return None


def _against(first: Measured | None, run: FinishedRun, colour: int) -> Against:
    if first is None or run.measured is None:
        return Against(run.label, colour, [], "one of the two has no published model yet")
    if not first.same_queries(run.measured):
        return Against(
            run.label, colour, [], "the two were measured on different photos, captions or protocols"
        )
    found = compare_models(first.ranks, run.measured.ranks, first.image_of)
    return Against(run.label, colour, [(WAYS[way], comparison) for way, comparison in found.items()])


def _interval(key: str, interval: Interval | None) -> str:
    return f"{formatted(key, interval.low)} – {formatted(key, interval.high)}" if interval else ""


def _median(run: FinishedRun, key: str, form: str) -> str:
    values = sorted(event[key] for event in run.steps if event.get(key))
    return form.format(values[len(values) // 2]) if values else "–"


def _most(run: FinishedRun, key: str, form: str) -> str:
    values = [event[key] for event in run.steps if event.get(key)]
    return form.format(max(values)) if values else "–"


def _count(run: FinishedRun, key: str) -> str:
    value = run.info.data.get(key)
    return f"{value:,}" if isinstance(value, int) else "–"
