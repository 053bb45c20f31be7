"""Models that were begun to be downloaded: where their files lie until one is whole and made ours.

Each has a folder with what is known of it and, in a folder of its name, its files; one that is not whole yet
ends in `.part`. So a download goes on where it was, whatever ended it.
"""

import re
import shutil
from pathlib import Path

import msgspec

from photosearch.core.reading import decode_json, read_regular
from photosearch.core.writing import written_whole

PART = ".part"
_BEGUN = "begun.json"
_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w.-]+(/[\w.-]+)*)?", re.ASCII)
_PAGE = re.compile(r"https?://[^/\s]+/([\w.-]+/[\w.-]+)(?:/tree/([\w.-]+(?:/[\w.-]+)*))?/?", re.ASCII)


class Download(msgspec.Struct, frozen=True):
    """A model that is not whole yet."""

    source: str  # an id of the hub, with @revision where it has one
    total: int  # bytes of all its files
    done: int = 0  # bytes that are here


def hub_id(named: str) -> str:
    """The id that the address of a model's page on the hub means; what is no such address stays."""
    page = _PAGE.fullmatch(named.strip())
    return "@".join(filter(None, page.groups())) if page else named


def is_hub_id(source: str) -> bool:
    """Whether it can be an id of the hub: OWNER/NAME, with @REVISION behind it or not."""
    return _ID.fullmatch(source) is not None


def place(root: Path, source: str) -> Path:
    """Where the files of a model lie. The folder has the model's own name."""
    return _folder(root, source) / source.partition("@")[0].rpartition("/")[2]


def begin(root: Path, source: str, total: int) -> Path:
    """Make the place of a model's files, or find it as it was left.

    Raises:
        OSError: the disk refuses.
    """
    files = place(root, source)
    files.mkdir(parents=True, exist_ok=True)
    with written_whole(files.parent / _BEGUN) as file:
        file.write(msgspec.json.encode(Download(source, total)))
    return files


def begun(root: Path) -> list[Download]:
    """The models that were begun with, by name. What tells nothing is left out."""
    found = []
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        try:
            known = decode_json(read_regular(folder / _BEGUN), Download)
        except (OSError, msgspec.DecodeError):
            continue
        if is_hub_id(known.source) and _folder(root, known.source) == folder:
            found.append(msgspec.structs.replace(known, done=size(place(root, known.source))))
    return found


def size(files: Path) -> int:
    """Bytes that are in a folder."""
    return sum(file.stat().st_size for file in files.iterdir()) if files.is_dir() else 0


def forget(root: Path, source: str) -> None:
    """Delete what was downloaded of a model; nothing where it was not begun with."""
    if is_hub_id(source):
        shutil.rmtree(_folder(root, source), ignore_errors=True)


def _folder(root: Path, source: str) -> Path:
    return root / source.replace("/", "--")
