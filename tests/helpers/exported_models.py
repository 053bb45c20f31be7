"""Tiny checkpoints with their exports, made before: `python -m tests.helpers.tiny_model` makes them anew.

They run without torch, and to export one takes seconds.
"""

import shutil
from pathlib import Path

import msgspec

from photosearch.models.config import CONFIG, encode_config, read_config

EXPORTED = Path(__file__).with_name("exported")
SEEDS = {"tiny": 0, "other": 1}


def copy_exported(folder: Path, name: str = "tiny") -> Path:
    """A copy of one as the catalogue takes it, in a folder of its own."""
    return Path(shutil.copytree(EXPORTED / name, folder))


def copy_to_run(runtime: str, folder: Path, name: str = "tiny") -> Path:
    """A copy that this one of `runtimes.RUNTIMES` runs; its vectors and its id are the same in each."""
    copy_exported(folder, name)
    if runtime == "torch":
        unexported = msgspec.structs.replace(read_config(folder), exports={})
        (folder / CONFIG).write_bytes(encode_config(unexported))
    return folder
