"""Line charts as SVG, without scripts; the page's style gives the colours, light and dark."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 460, 270
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 40
POINTS = 100  # of one line; longer curves are averaged in bins, which also calms them
COLOURS = 6  # the style has so many


class Series(NamedTuple):
    """One curve; x and y are as long as each other."""

    label: str
    colour: int  # which of the style's colours
    x: Sequence[float]
    y: Sequence[float]


class Mark(NamedTuple):
    """A horizontal line that means something."""

    y: float
    label: str


def line_chart(
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    mark: Mark | None = None,
    low: float | None = None,
    dots: bool = False,
) -> Markup:
    """Curves over one pair of axes; hovering a point names it.

    Args:
        low: where the vertical axis begins, rather than at the least value
        dots: show every point, for curves of few
    """
    curves = [thinned(one) for one in series]
    curves = [one for one in curves if one.x]
    if not curves:
        return Markup('<p class="empty">Nothing recorded yet.</p>')
    ys = (
        [y for one in curves for y in one.y] + ([mark.y] if mark else []) + ([low] if low is not None else [])
    )
    y_ticks = ticks(min(ys), max(ys))
    last = max(x for one in curves for x in one.x)
    x_ticks = [tick for tick in ticks(0, last) if tick <= last]
    across = _Scale(0, max(last, 1), LEFT, WIDTH - RIGHT)
    up = _Scale(y_ticks[0], y_ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(y_label)} by '
        f'{escape(x_label)}">'
    ]
    for tick in y_ticks:
        y = up(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>'
        )
    for tick in x_ticks:
        parts.append(
            f'<text class="tick" x="{across(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{number(tick)}</text>"
        )
    parts.append(
        f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_label)}</text>'
    )
    if mark:
        y = up(mark.y)
        parts.append(f'<line class="mark" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="axis" x="{WIDTH - RIGHT}" y="{y - 6:.1f}" text-anchor="end">')
        parts.append(f"{escape(mark.label)}</text>")
    for one in curves:
        parts.append(_curve(one, across, up, y_label, dots=dots or len(one.x) == 1))
    return Markup("".join(parts) + "</svg>")  # every text in it was escaped


def thinned(series: Series) -> Series:
    """The finite points, averaged in bins where there are more than a picture can show."""
    points = [(x, y) for x, y in zip(series.x, series.y, strict=True) if math.isfinite(y)]
    size = math.ceil(len(points) / POINTS) if points else 1
    bins = [points[start : start + size] for start in range(0, len(points), size)]
    return series._replace(
        x=[sum(x for x, _ in one) / len(one) for one in bins],
        y=[sum(y for _, y in one) / len(one) for one in bins],
    )


def ticks(low: float, high: float) -> list[float]:
    """Four to seven round numbers, from `low` or below to `high` or above."""
    if high <= low:
        low, high = low - 0.5, low + 0.5
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def number(value: float) -> str:
    """As an axis shows it: 1,200; 2.5; −0.1."""
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"
    return text.replace("-", "−")


class _Scale:
    """From values to places."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self._low, self._first = low, first
        self._slope = (last - first) / (high - low)

    def __call__(self, value: float) -> float:
        return self._first + (value - self._low) * self._slope


def _curve(series: Series, across: _Scale, up: _Scale, y_label: str, *, dots: bool) -> str:
    places = [(across(x), up(y)) for x, y in zip(series.x, series.y, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    colour = f"c{series.colour % COLOURS}"
    parts = [f'<g class="{colour}"><polyline class="line" points="{path}"/>']
    for (x, y), step, value in zip(places, series.x, series.y, strict=True):
        title = escape(f"{series.label}, step {number(round(step))}: {y_label} {number(round(value, 3))}")
        dot = "dot" if dots else "dot faint"
        parts.append(
            f'<circle class="{dot}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"><title>{title}</title></circle>'
        )
    return "".join(parts) + "</g>"
