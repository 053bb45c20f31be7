"""Facts of photos, read from the library before they are asked for, so that painting never waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QObject

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.store.reader import Reader

_MOST = 20_000  # photos remembered

Fact = TypeVar("Fact")


class ReadAhead(Generic[Fact]):
    """Keeps facts of photos that were wanted once. It lives in the GUI thread.

    It reads once at a time; of what was wanted meanwhile, the newest is read next.
    """

    def __init__(
        self,
        owner: QObject,
        reader: LibraryReader,
        read: Callable[[Reader, Sequence[int]], Sequence[Fact | None]],
        arrived: Callable[[Sequence[int]], None],
    ) -> None:
        """
        Args:
            owner: shows the facts; once it is gone nobody is told.
            read: gives a fact for each id, None for what is not known.
            arrived: is told the ids whose facts are known now.
        """
        self._owner, self._reader, self._read, self._arrived = owner, reader, read, arrived
        self._facts: dict[int, Fact | None] = {}
        self._generation = 0
        self._reading = False
        self._next: Sequence[int] = ()
        reader.unanswered.connect(self._on_unanswered)

    def get(self, photo_id: int) -> Fact | None:
        """The fact of a photo; None while it is not read, and where there is none."""
        return self._facts.get(photo_id)

    def want(self, photo_ids: Sequence[int]) -> None:
        """Replace what is wanted."""
        self._next = [photo_id for photo_id in photo_ids if photo_id not in self._facts]
        self._read_next()

    def forget(self) -> None:
        """The library has changed."""
        self._facts.clear()
        self._generation += 1

    def _read_next(self) -> None:
        if self._reading or not self._next:
            return
        photo_ids, self._next = self._next, ()
        generation = self._generation

        def then(facts: Sequence[Fact | None]) -> None:
            self._reading = False
            if generation == self._generation:
                self._keep(photo_ids, facts)
            self._read_next()

        self._reading = True
        self._reader.ask(self._owner, lambda reader: self._read(reader, photo_ids), then)

    def _on_unanswered(self) -> None:
        self._reading = False
        self._read_next()

    def _keep(self, photo_ids: Sequence[int], facts: Sequence[Fact | None]) -> None:
        self._facts.update(zip(photo_ids, facts, strict=True))
        while len(self._facts) > _MOST:
            del self._facts[next(iter(self._facts))]
        self._arrived(photo_ids)
