"""JSON lines: an image and its captions each, as many tools and the datasets library write them."""

from pathlib import Path
from typing import Literal

import msgspec

from photosearch.core.errors import KnownError
from trainer.data.formats.files import FileIndex
from trainer.data.formats.listing import Listing
from trainer.data.formats.splits import by_split, settled
from trainer.data.formats.text import read_text

LOOKS_FOR = 'JSON lines (.jsonl) such as {"image": "1.jpg", "caption": "..."}'


class _Line(msgspec.Struct):
    image: str | None = None
    filename: str | None = None
    file_name: str | None = None
    caption: str | list[str] | None = None
    captions: list[str] | None = None
    text: str | list[str] | None = None
    label: str | int | None = None
    split: Literal["train", "val", "test"] | None = None


def read(files: FileIndex) -> Listing | None:
    """All .jsonl files; the split is told by a line, or by the name of the file or of its folder."""
    tables = files.ending(".jsonl")
    if not tables:
        return None
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for path in tables:
        folder, split = path.parent.relative_to(files.folder), by_split(files.folder, path) or "all"
        for number, text in enumerate(read_text(path).split("\n"), 1):
            if not text.strip():
                continue
            line = _parse(text, path, number)
            name, captions = _content(line, path, number)
            inner = (folder / name).as_posix()
            found = inner if files.find(inner) else name
            label = "" if line.label is None else str(line.label)
            rows.setdefault(line.split or split, []).extend((found, text, label) for text in captions)
    listing = Listing("JSON lines", {})
    for split, some in rows.items():
        listing.add_named(split, some, files)
    return settled(listing)


def _parse(text: str, path: Path, number: int) -> _Line:
    try:
        return msgspec.json.decode(text, type=_Line)
    except msgspec.DecodeError as error:
        raise KnownError(f"Line {number} of {path} is not as it must be: {error}.") from None


def _content(line: _Line, path: Path, number: int) -> tuple[str, list[str]]:
    name = line.image or line.filename or line.file_name
    captions = line.captions or line.caption or line.text
    if not name or captions is None:
        raise KnownError(
            f'Line {number} of {path} must have "image" (or "filename", "file_name") and "caption" (or '
            '"captions", "text").'
        )
    return name, [captions] if isinstance(captions, str) else captions
