"""A typed query goes before background work."""

import threading

LONGEST_WAIT = 1.0  # seconds: an endless stream of queries slows indexing down and does not stop it


class QueriesFirst:
    """Entered around each query; background work calls wait() between its steps."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queries = 0

    def __enter__(self) -> None:
        with self._changed:
            self._queries += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._queries -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Return when no query is being answered, or after LONGEST_WAIT."""
        with self._changed:
            self._changed.wait_for(lambda: not self._queries, LONGEST_WAIT)
