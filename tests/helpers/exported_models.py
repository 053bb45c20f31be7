"""Tiny checkpoints with their exports, made before: `python -m tests.helpers.tiny_model` makes them anew.

They run without torch, and to export one takes seconds.
"""

import shutil
from pathlib import Path

EXPORTED = Path(__file__).with_name("exported")
SEEDS = {"tiny": 0, "other": 1}


def copy_exported(folder: Path, name: str = "tiny") -> Path:
    """A copy of one as the catalogue takes it, in a folder of its own."""
    return Path(shutil.copytree(EXPORTED / name, folder))
