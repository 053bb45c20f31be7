"""The photos that a person looked at last, which are read before others."""

import threading
from collections.abc import Iterable

MOST = 10_000  # ids that are kept, the latest


class LookedAt:
    """Ids of photos, the latest looked at last. Thread-safe."""

    def __init__(self) -> None:
        self._ids: dict[int, None] = {}
        self._times = 0
        self._changing = threading.Lock()

    def add(self, ids: Iterable[int]) -> None:
        """Somebody looks at these photos."""
        with self._changing:
            for photo_id in ids:
                self._ids.pop(photo_id, None)
                self._ids[photo_id] = None
            while len(self._ids) > MOST:
                del self._ids[next(iter(self._ids))]
            self._times += 1

    def __contains__(self, photo_id: int | None) -> bool:
        return photo_id in self._ids

    @property
    def times(self) -> int:
        """How often somebody looked."""
        return self._times
