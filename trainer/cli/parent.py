"""A command that the engine runs ends with it."""

import os
import stat


def end_with_parent(source: int = 0) -> None:
    """Whoever started this holds the other side of a pipe; where it is gone, nobody waits for the result."""
    if stat.S_ISFIFO(os.fstat(source).st_mode):
        while os.read(source, 4096):
            pass
        os._exit(130)
