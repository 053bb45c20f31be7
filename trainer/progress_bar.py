"""How far a long step is, in one line on stderr, only where a person watches."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Self, TypeVar

from photosearch.core.progress import Rate

T = TypeVar("T")


def track(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Pass `items` on; on a TTY say how many are done, how fast, and how long the rest takes."""
    if not sys.stderr.isatty():
        yield from items
        return
    rate = Rate()
    for done, item in enumerate(items):
        per_second = rate.add(done)
        left = f", {(total - done) / per_second:.0f} s left" if per_second else ""
        sys.stderr.write(f"\r\033[K{label}: {done} of {total}, {per_second:.1f}/s{left}")
        sys.stderr.flush()
        yield item
    sys.stderr.write(f"\r\033[K{label}: {total} done\n")


class Bar:
    """The line of a training run: its step, its latest figures, and the time left."""

    WIDTH = 20

    def __init__(self, total: int, *, show: bool = True) -> None:
        self._total, self._shown = total, show and sys.stderr.isatty()
        self._figures: dict[str, str] = {}
        self._rate = Rate(window_seconds=60)

    def show(self, step: int, figures: Mapping[str, str]) -> None:
        """Say that `step` steps are done; figures stay until others of their name come."""
        self._figures.update(figures)
        if not self._shown:
            return
        per_second = self._rate.add(step)
        left = f"  {duration((self._total - step) / per_second)} left" if per_second else ""
        full = round(self.WIDTH * step / max(self._total, 1))
        bar = "█" * full + "░" * (self.WIDTH - full)
        said = "  ".join(f"{name} {value}" for name, value in self._figures.items())
        sys.stderr.write(f"\r\033[K{bar} {step}/{self._total}  {said}{left}")
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._figures:
            sys.stderr.write("\n")


def duration(seconds: float) -> str:
    """ "45 s", "12 min", "3 h 20 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
