"""What the grid knows of photos besides their thumbnails: colours, marks, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QDateTime, QLocale, QObject, Qt, Signal
from PySide6.QtGui import QColor

from photosearch import i18n
from photosearch.core.photo import Photo
from photosearch.core.query import Away, Favourite
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.read_ahead import ReadAhead
from photosearch.gui.desktop import files
from photosearch.i18n import tr
from photosearch.store.reader import Reader


class Marks(NamedTuple):
    """The ids of photos that carry a mark, (n,) each and ascending."""

    favourites: NDArray[np.int64]
    away: NDArray[np.int64]  # their drive is not connected
    rated: NDArray[np.int64]
    stars: NDArray[np.int64]  # of each that is rated
    videos: NDArray[np.int64]
    seconds: NDArray[np.float64]  # of each that is a video


class PhotoFacts(QObject):
    """Tells at once what it knows, and reads ahead what is wanted."""

    arrived = Signal(object)  # Sequence[int], photos whose colour or name is known now
    marks_changed = Signal()

    def __init__(self, reader: LibraryReader) -> None:
        super().__init__()
        self._reader = reader
        self._colours = ReadAhead(self, reader, _colours, self.arrived.emit)
        self._photos = ReadAhead(self, reader, self._read_photos, self.arrived.emit)
        self._ids = nothing = np.empty(0, dtype=np.int64)
        self._marks = Marks(nothing, nothing, nothing, nothing, nothing, np.empty(0, dtype=np.float64))
        self.moments: Mapping[int, int] = {}
        self._liked: Sequence[int] = ()
        self._disliked: Sequence[int] = ()
        self._lines: Mapping[int, str] = {}  # by photo
        self._has_line = np.empty(0, dtype=bool)  # (N,), by position
        self._is_favourite = self._is_away = np.empty(0, dtype=bool)  # (N,), by position
        self._stars = self._thumbs = np.empty(0, dtype=np.int8)  # (N,), by position
        self._seconds = np.empty(0, dtype=np.float64)  # (N,), by position: NaN of photos

    def want_colours(self, photo_ids: Sequence[int]) -> None:
        """Read the average colours of these photos, and no others that still wait."""
        self._colours.want(photo_ids)

    def want_names(self, photo_ids: Sequence[int]) -> None:
        """Read the names of these photos, and no others that still wait."""
        self._photos.want(photo_ids)

    def colour(self, photo_id: int) -> QColor | None:
        """Return the average colour of a photo, or None until it is read."""
        return self._colours.get(photo_id)

    def name(self, photo_id: int) -> str | None:
        """Return the file name and date of a photo, as one says them, or None until they are read.

        Where a line in it was looked for, that too.
        """
        photo = self._photos.get(photo_id)
        return self.spoken(photo) if photo else None

    def spoken(self, photo: Photo) -> str:
        """Return what name() does of a photo that was read."""
        line = self._lines.get(photo.photo_id)
        return tr("{photo}: “{line}”", photo=spoken(photo), line=line) if line else spoken(photo)

    @property
    def marks(self) -> Marks:
        """Which photos are favourites, away or rated."""
        return self._marks

    def follow(self, ids: NDArray[np.int64]) -> None:
        """Tell marks by the positions of these photos, (N,), from now on."""
        self._ids = ids
        marks = self._marks
        self._is_favourite, self._is_away = (
            np.isin(ids, marked) for marked in (marks.favourites, marks.away)
        )
        self._stars = np.zeros(len(ids), dtype=np.int8)
        _fill(self._stars, ids, marks.rated, marks.stars)
        self._seconds = np.full(len(ids), np.nan)
        _fill(self._seconds, ids, marks.videos, marks.seconds)
        self._follow_thumbs()
        self._follow_lines()

    def show_moments(self, moments: Mapping[int, int]) -> None:
        """Show these videos, by id, at a time, in milliseconds from the beginning, and others by posters."""
        self.moments = moments

    def moment(self, photo_id: int) -> int | None:
        """Return where in a video the picture is that is to be shown; None: its poster is."""
        return self.moments.get(photo_id)

    def show_thumbs(self, liked: Sequence[int], disliked: Sequence[int]) -> None:
        """These photos are marked, by id, as right or as wrong for what is searched."""
        if (liked, disliked) != (self._liked, self._disliked):
            self._liked, self._disliked = liked, disliked
            self._follow_thumbs()
            self.marks_changed.emit()

    def show_lines(self, lines: Mapping[int, str]) -> None:
        """These photos, by id, were found by what is written in them."""
        if lines != self._lines:
            self._lines = lines
            self._follow_lines()
            self.marks_changed.emit()

    def line(self, index: int) -> str:
        """Return what is written in the photo at a position where the words stand; empty for nothing."""
        return self._lines.get(int(self._ids[index]), "")

    def _follow_lines(self) -> None:
        self._has_line = np.isin(self._ids, list(self._lines))

    def _follow_thumbs(self) -> None:
        self._thumbs = np.zeros(len(self._ids), dtype=np.int8)
        for photo_ids, thumb in ((self._liked, 1), (self._disliked, -1)):
            if photo_ids:
                self._thumbs[np.isin(self._ids, photo_ids)] = thumb

    def is_favourite(self, index: int) -> bool:
        """Return whether the photo at a position is a favourite."""
        return bool(self._is_favourite[index])

    def is_away(self, index: int) -> bool:
        """Return whether the drive of the photo at a position is not connected."""
        return bool(self._is_away[index])

    def stars(self, index: int) -> int:
        """Return how many stars the photo at a position has; 0 for none."""
        return int(self._stars[index])

    def seconds(self, index: int) -> float | None:
        """Return how long the video at a position is, 0 where it does not say so; None of a photo."""
        seconds = float(self._seconds[index])
        return None if np.isnan(seconds) else seconds

    def thumb(self, index: int) -> int:
        """Return 1 for a photo that is marked as right, -1 as wrong, 0 without a mark."""
        return int(self._thumbs[index])

    def marked(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return which of a run of positions carry a mark (stop - start,)."""
        run = slice(start, stop)
        marked: NDArray[np.bool_] = self._is_favourite[run] | self._is_away[run]
        marked |= (self._stars[run] != 0) | (self._thumbs[run] != 0)
        marked |= self._has_line[run] | ~np.isnan(self._seconds[run])
        return marked

    def refresh(self) -> None:
        """Read names and marks again: the library, its drives or what the person noted have changed."""
        self._photos.forget()
        self._reader.ask(self, _marks, self._on_marks_read)

    def _read_photos(self, reader: Reader, photo_ids: Sequence[int]) -> list[Photo | None]:
        return [reader.photo(photo_id, self._reader.choice) for photo_id in photo_ids]

    def _on_marks_read(self, marks: Marks) -> None:
        before, self._marks = self._marks, marks
        if any(not np.array_equal(*pair) for pair in zip(before, marks, strict=True)):
            self.follow(self._ids)
            self.marks_changed.emit()


def spoken(photo: Photo) -> str:
    """Return the name and date of a photo as a screen reader says them."""
    name = files.shown(photo.path_bytes).replace("\\", "/").rsplit("/", 1)[-1]
    taken = QDateTime.fromString((photo.taken_at or "")[:19], Qt.DateFormat.ISODate)
    if not taken.isValid():
        return name
    told = taken if "T" in (photo.taken_at or "") else taken.date()  # some know no time
    date = QLocale(i18n.language()).toString(told, QLocale.FormatType.ShortFormat)
    return tr("{name}, {date}", name=name, date=date)


def _colours(reader: Reader, photo_ids: Sequence[int]) -> list[QColor]:
    return [QColor(*colour) for colour in reader.colours(photo_ids).tolist()]


def _marks(reader: Reader) -> Marks:
    return Marks(reader.matching([Favourite()]), reader.matching([Away()]), *reader.stars(), *reader.videos())


def _fill(
    values: NDArray[np.generic],
    ids: NDArray[np.int64],
    marked: NDArray[np.int64],
    marks: NDArray[np.generic],
) -> None:
    """Put the marks (n,) of these photos (n,), ascending, where the photos stand among `ids` (N,)."""
    if len(marked):
        places = np.minimum(np.searchsorted(marked, ids), len(marked) - 1)
        known = marked[places] == ids
        values[known] = marks[places[known]]
