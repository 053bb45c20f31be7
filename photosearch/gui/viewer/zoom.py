"""Where a picture lies in a viewport as one zooms and pans. Device pixels throughout."""

from __future__ import annotations

from typing import NamedTuple

_CLOSEST = 8.0  # device pixels for one of the photo
_SAME = 0.001  # scales this near to each other are one


class Size(NamedTuple):
    """Width and height in pixels, of a photo or of a viewport."""

    width: float
    height: float


class Zoom:
    """A photo of `photo` pixels in full: whole in view, or at a scale of its own.

    It never leaves the viewport further than it must, and lies in the middle where it is smaller.
    """

    def __init__(self) -> None:
        self._photo = Size(1, 1)
        self._viewport = Size(1, 1)
        self._scale = 1.0
        self._left = self._top = 0.0
        self._fitted = True

    @property
    def photo(self) -> Size:
        """The photo in full."""
        return self._photo

    @property
    def scale(self) -> float:
        """Device pixels for one of the photo."""
        return self._scale

    @property
    def fitted(self) -> bool:
        """Whether the whole photo is shown, and will be when the window changes."""
        return self._fitted

    @property
    def fit_scale(self) -> float:
        """Screen pixels to each of the photo's at which it is shown whole."""
        return min(
            self._viewport.width / self._photo.width,
            self._viewport.height / self._photo.height,
        )

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """Left, top, width, height of the photo in the viewport."""
        return self._left, self._top, self._photo.width * self._scale, self._photo.height * self._scale

    @property
    def movable(self) -> bool:
        """Some of the photo is out of view."""
        _, _, width, height = self.rect
        return width > self._viewport.width + 0.5 or height > self._viewport.height + 0.5

    def show(self, photo: Size) -> None:
        """Another photo, whole in view."""
        self._photo = photo
        self.fit()

    def resize(self, viewport: Size) -> None:
        """The same middle in another viewport."""
        left = self._left + (viewport.width - self._viewport.width) / 2
        top = self._top + (viewport.height - self._viewport.height) / 2
        self._viewport = viewport
        if self._fitted:
            self.fit()
        else:
            self._place(left, top)

    def fit(self) -> None:
        """Show the whole photo from now on."""
        self._fitted = True
        self._scale = self.fit_scale
        self._place(0, 0)

    def by(self, factor: float, x: float, y: float) -> None:
        """Closer or farther, with what is at (x, y) staying there.

        No farther than the whole photo, or than its own pixels where these take less room.
        """
        fit = self.fit_scale
        scale = min(max(self._scale * factor, min(fit, 1.0)), max(_CLOSEST, fit))
        if abs(scale / fit - 1) < _SAME:
            self.fit()
            return
        factor = scale / self._scale
        self._scale = scale
        self._fitted = False
        self._place(x + (self._left - x) * factor, y + (self._top - y) * factor)

    def toggle(self, x: float, y: float) -> None:
        """Between the whole photo and its own pixels; twice its size where both are the same."""
        if not self._fitted:
            self.fit()
            return
        actual = 2.0 if abs(self._scale - 1) < _SAME else 1.0
        self.by(actual / self._scale, x, y)

    def pan(self, dx: float, dy: float) -> None:
        """Move the photo by so many pixels, as far as its edges allow."""
        self._place(self._left + dx, self._top + dy)

    def _place(self, left: float, top: float) -> None:
        _, _, width, height = self.rect
        self._left = _held(left, width, self._viewport.width)
        self._top = _held(top, height, self._viewport.height)


def _held(start: float, length: float, room: float) -> float:
    """Without a gap where the photo is longer than the room, else in the middle."""
    if length <= room:
        return (room - length) / 2
    return min(0.0, max(start, room - length))
