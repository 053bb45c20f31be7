"""Being somebody whom permission bits bind."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def as_somebody_else() -> Iterator[None]:
    """Be nobody for a while where the tests run as root, whom no permission binds."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
