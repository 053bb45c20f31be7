"""Files that are overwritten with what means nothing."""

import random
from pathlib import Path


def spoil(folder: Path) -> None:
    """Put other bytes, as many, into all files below."""
    others = random.Random(0)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.write_bytes(others.randbytes(path.stat().st_size))
