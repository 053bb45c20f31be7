"""Stacks in the library, kept as its photos come and go, where the person wants to see each as one photo."""

import math
import time
from collections.abc import Callable, Sequence

from photosearch import settings
from photosearch.core.errors import Cancelled
from photosearch.core.stack_messages import StacksChanged
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.reader import Reader, setting
from photosearch.store.writer import Writer

SECONDS_BETWEEN_LOOKS_AT_STACKS = 5.0
_RESTS = 20  # times as long as it took, so that a large library, to which photos come, does not keep a core


class KeptStacks:
    """Looks for stacks once the library's photos rest, and only where they are others than the last time.

    Args:
        find: looks for stacks; see `StackFinder.stacks`.
        answering: tells which model answers; None where there is none.
        publish: told when other photos belong together than before.
        clock: in seconds
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        find: Callable[[], Sequence[tuple[int, ...]]],
        answering: Callable[[], ModelInfo | None],
        publish: Callable[[StacksChanged], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library, self._writer, self._find = library, writer, find
        self._answering, self._publish, self._clock = answering, publish, clock
        self._rests_until = -math.inf
        self._seen = ""  # what told the photos apart at the last look
        self._tried = ""  # among which photos stacks were looked for last, be it in vain

    def look(self) -> None:
        """Look for stacks where the photos are others than those they were found among, as at the last look.

        Raises:
            KnownError: the library cannot be read or written.
        """
        if setting(self._library, settings.STACK) != settings.YES or not (model := self._answering()):
            return
        with Reader.open(self._library) as reader:
            among = " ".join(map(str, (model.model_id, *reader.photos_held())))
            kept = reader.setting(settings.STACKED)
        settled, self._seen = among == self._seen, among
        began = self._clock()
        if not settled or among in (kept, self._tried) or began < self._rests_until:
            return
        self._tried = among
        try:
            stacks = self._find()
        except Cancelled:
            return  # the engine is closing; the next one does it
        self._rests_until = self._clock() + _RESTS * (self._clock() - began)
        self._writer.keep_stacks(stacks, among)
        self._publish(StacksChanged())
