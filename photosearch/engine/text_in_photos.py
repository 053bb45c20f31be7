"""The stage that reads what is written in photos, those first that are asked for or most likely hold text."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from photosearch import settings
from photosearch.core.errors import Cancelled
from photosearch.core.lines import Line
from photosearch.decode.pool import DecodeError, DecoderPool
from photosearch.engine.reading_child import CHILD, ReadingChild, Unreadable
from photosearch.engine.stages import switched_on
from photosearch.index.looked_at import LookedAt
from photosearch.paths import Library
from photosearch.search.query import Query
from photosearch.search.searcher import Searcher
from photosearch.store.reader import Reader, setting
from photosearch.store.writer import Writer
from photosearch.text.reading import VERSION, longest_edge

_log = logging.getLogger(__name__)
_SECONDS_AT_ONCE = 1.0
_SECONDS_HELD = 30.0  # that the children stay when nothing is asked of them
_MOST_THREADS = 2  # more gain little, and others want them
LIKELY = Query(sentence="a photo of text: a sign, a page, a receipt, a screenshot")


class TextStage:
    """See `Stage`.

    Args:
        searcher: of the model that answers, to tell which photos likely hold text; None where there is none.
        looked_at: photos that go before others.
        on_gone: told of paths at which no file was found.
        child: the beginning of the reading child's command line.
    """

    key = settings.TEXT
    prepared = 1.0

    def __init__(
        self,
        library: Library,
        writer: Writer,
        searcher: Callable[[], Searcher | None],
        looked_at: LookedAt,
        on_gone: Callable[[Sequence[bytes]], object],
        child: Sequence[str] = CHILD,
    ) -> None:
        self._library, self._writer, self._searcher, self._command = library, writer, searcher, child
        self._looked_at, self._looks = looked_at, 0
        self._on_gone = on_gone
        self._first: list[int] = []  # asked for by themselves; the next is the last
        self._ahead: list[int] = []  # the others, likewise
        self._passing: set[int] = set()  # could not be read for now, so not by this engine
        self._not_there: set[int] = set()  # had no file that was there, so once they have
        self._hands: tuple[DecoderPool, ReadingChild] | None = None
        self._using = threading.Lock()  # the hands
        self._rest: threading.Timer | None = None
        self._closed = False

    def is_on(self, reader: Reader) -> bool:
        """See Stage."""
        return switched_on(self.key, reader)

    def count(self, reader: Reader) -> tuple[int, int]:
        """How many photos were read, and how many there are."""
        return reader.text_counts(VERSION)

    def away(self, reader: Reader) -> int:
        """See Stage."""
        return reader.away_for_text(VERSION)

    def do_some(self) -> bool:
        """Read the next few photos; False when none is left that can be read.

        Raises:
            KnownError: no decoder or no reading child starts; the library cannot be read or written.
            Cancelled: it was closed.
        """
        return self._read_some(self._next)

    def first(self, photo_ids: Sequence[int]) -> Callable[[], bool]:
        """Let these go before all others; -> what do_some() does, for these alone."""
        wanted = set(photo_ids)
        with self._using, Reader.open(self._library) as reader:
            self._passing -= wanted  # who names a photo has it tried again
            before = [photo_id for photo_id in self._first if photo_id not in wanted]
            self._first = [*before, *(photo_id for photo_id in self._unread(reader) if photo_id in wanted)]
            self._ahead = []
        return lambda: self._read_some(
            lambda reader: None if wanted.isdisjoint(self._first) else self._first.pop()
        )

    def close(self) -> None:
        """End the children, whatever they are doing."""
        self._closed = True
        if hands := self._hands:
            pool, child = hands
            child.close()
            pool.close()
        with self._using:
            self._let_go()

    def _read_some(self, next_one: Callable[[Reader], int | None]) -> bool:
        """Read one photo after the other for a while; False where there is no next one."""
        with self._using, Reader.open(self._library) as reader:
            until = time.monotonic() + _SECONDS_AT_ONCE
            while (photo_id := next_one(reader)) is not None:
                lines = self._read(photo_id, reader)
                if lines is not None:
                    self._writer.keep_lines([(photo_id, lines)], VERSION)
                elif _is_there(photo_id, reader):
                    self._passing.add(photo_id)
                else:
                    self._not_there.add(photo_id)
                    self._on_gone(reader.paths_here(photo_id))
                if time.monotonic() >= until:
                    self._let_go_later()
                    return True
            self._let_go()
        return False

    def _next(self, reader: Reader) -> int | None:
        if self._first:
            return self._first.pop()
        refilled = not self._ahead
        if refilled:
            self._ahead = self._unread(reader)
        if refilled or self._looks != self._looked_at.times:
            self._looks = self._looked_at.times
            self._ahead.sort(key=self._looked_at.__contains__)
        return self._ahead.pop() if self._ahead else None

    def _unread(self, reader: Reader) -> list[int]:
        """Those that likely hold text are last."""
        unread = reader.unread_for_text(VERSION)
        self._not_there = {one for one in self._not_there if not _is_there(one, reader)}
        unread = unread[~np.isin(unread, list(self._passing | self._not_there))]
        searcher = self._searcher()
        likely = searcher.first(LIKELY, len(unread), unread) if searcher and unread.size else unread[:0]
        return [*unread[~np.isin(unread, likely)].tolist(), *likely[::-1].tolist()]

    def _read(self, photo_id: int, reader: Reader) -> Sequence[Line] | None:
        """What is written in a photo, and in a video's poster; None where that cannot be told now."""
        pool, child = self._at_hand()
        video = reader.video(photo_id)
        at_ms = video.poster_ms if video else 0
        edges = [longest_edge(photo.width, photo.height) for photo in reader.photos([photo_id])]
        for path in reader.paths_here(photo_id):
            try:
                return child.lines(pool.preview(path, edges[0], at_ms).jpeg)
            except DecodeError as error:
                if not error.passing:
                    return ()  # the same bytes give no picture elsewhere either
            except Unreadable as error:
                _log.warning("No text can be read in %s: %s", os.fsdecode(path), error)
                return None
        return None

    def _at_hand(self) -> tuple[DecoderPool, ReadingChild]:
        if self._rest:
            self._rest.cancel()
        if self._closed:
            raise Cancelled
        if self._hands is None:
            cores = int(setting(self._library, settings.THREADS)) or os.cpu_count() or 1
            child = ReadingChild(self._library, min(cores, _MOST_THREADS), command=self._command)
            self._hands = DecoderPool(None, workers=1), child
        return self._hands

    def _let_go_later(self) -> None:
        """Where the stage is not asked to go on, as it was paused, its children hold memory for nothing."""

        def rest() -> None:
            with self._using:
                self._let_go()

        self._rest = threading.Timer(_SECONDS_HELD, rest)
        self._rest.daemon = True
        self._rest.start()

    def _let_go(self) -> None:
        if self._rest:
            self._rest.cancel()
        if hands := self._hands:
            self._hands = None
            pool, child = hands
            child.end()
            pool.close()


def _is_there(photo_id: int, reader: Reader) -> bool:
    """Whether a file of the photo is where it was last seen."""
    return any(map(os.path.lexists, reader.paths_here(photo_id)))
