"""What a hub's folder says of its model for people to read: its licence and its languages."""

import re
from pathlib import Path
from typing import Any

LONGEST_FRONT, LONGEST_LICENCE = 65_536, 80  # characters
CLIP_PIECES = 49_408  # of the English vocabulary that CLIP came with
_LANGUAGES = re.compile(r"^language:(.*(?:\n\s*-.*)*)", re.MULTILINE)
_CODE = re.compile(r"(?<![\w-])[A-Za-z]{2,3}(?:-\w+)*(?![\w-])")
_LICENCE = re.compile(r"^(license|license_name):\s*(?:-\s*)?[\"']?([^\s\"'][^\n\"']*)", re.MULTILINE)


def licence_of(folder: Path) -> str:
    """What the front matter of README.md names, else the first line of LICENSE; empty: neither."""
    found = dict(_LICENCE.findall(_front_matter(folder)))
    if name := found.get("license_name") or found.get("license"):
        return str(name).strip()[:LONGEST_LICENCE]
    text = _beginning(folder / "LICENSE") or _beginning(folder / "LICENSE.txt")
    return text.strip().partition("\n")[0].strip()[:LONGEST_LICENCE]


def languages_of(folder: Path, config: dict[str, Any]) -> tuple[str, ...]:
    """Codes of the languages that a dual encoder reads: as README.md's front matter says, else as its texts'
    vocabulary is known to be; none: unknown."""
    if named := _LANGUAGES.search(_front_matter(folder)):
        return tuple(_CODE.findall(named[1]))
    if config["model_type"] == "clip" and config["text_config"]["vocab_size"] == CLIP_PIECES:
        return ("en",)
    return ("zh",) if config["model_type"] == "chinese_clip" else ()


def _front_matter(folder: Path) -> str:
    front = re.match(r"---\s*\n(.*?)\n---", _beginning(folder / "README.md"), re.DOTALL)
    return front[1] if front else ""


def _beginning(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.read(LONGEST_FRONT)
