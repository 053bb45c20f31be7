"""Stacks in the library, kept as its photos come and go, where the person wants to see each as one photo."""

from collections.abc import Callable, Sequence

from photosearch import settings
from photosearch.core.errors import Cancelled
from photosearch.core.stack_messages import StacksChanged
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.reader import Reader, setting
from photosearch.store.writer import Writer

SECONDS_BETWEEN_LOOKS_AT_STACKS = 5.0


class KeptStacks:
    """Looks for stacks once the library's photos rest, and only where they are others than the last time.

    Args:
        find: looks for stacks; see `StackFinder.stacks`.
        answering: tells which model answers; None where there is none.
        publish: told when other photos belong together than before.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        find: Callable[[], Sequence[tuple[int, ...]]],
        answering: Callable[[], ModelInfo | None],
        publish: Callable[[StacksChanged], object],
    ) -> None:
        self._library, self._writer, self._find = library, writer, find
        self._answering, self._publish = answering, publish
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
        rests, self._seen = among == self._seen, among
        if not rests or among in (kept, self._tried):
            return
        self._tried = among
        try:
            stacks = self._find()
        except Cancelled:
            return  # the engine is closing; the next one does it
        self._writer.keep_stacks(stacks, among)
        self._publish(StacksChanged())
