"""Which files and folders a person leaves out, by patterns that are written as git's are.

Not by a library: pathspec makes one regular expression of a pattern, which backtracks. Three `**/` in a file
that came with somebody's photos would hold a scan for seconds at each long path. Here the names of a path are
walked once, and only an entry itself is judged, as a folder that is left out is never looked into.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118

import errno
import fnmatch
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from photosearch.core.reading import read_regular

IGNORE_FILE = b".photosearchignore"
LARGEST = 64 << 10  # bytes of an ignore file
MOST_PATTERNS = 500  # in one place, where ignore files add any: each entry is compared with all, at 1 to 5 µs
_ANY = None  # stands for any number of names: `**`
_SEPARATOR = os.fsencode(os.sep)
_ESCAPED = re.compile(r"\\(.)")
_TRAILING_SPACES = re.compile(r"(?<!\\) +$")


@dataclass(frozen=True)
class _Pattern:
    """One line."""

    includes: bool  # it begins with "!"
    folders_only: bool
    names: tuple[re.Pattern[str] | None, ...]

    def matches(self, names: list[str], *, is_folder: bool) -> bool:
        if self.folders_only and not is_folder:
            return False
        if len(self.names) == 2 and self.names[0] is _ANY and (last := self.names[1]) is not None:
            return last.match(names[-1]) is not None
        reached = self._past_any({0})
        for name in names:
            reached = self._past_any(
                {
                    at if wanted is _ANY else at + 1
                    for at in reached
                    if at < len(self.names) and ((wanted := self.names[at]) is _ANY or wanted.match(name))
                }
            )
        return len(self.names) in reached

    def _past_any(self, reached: set[int]) -> set[int]:
        return reached | {at + 1 for at in reached if at < len(self.names) and self.names[at] is _ANY}


@dataclass(frozen=True)
class Exclusion:
    """The patterns that hold in a folder: those for all, and those of ignore files, the innermost last.

    Upper and lower case are alike, as are the ways in which a system composes accents. The last pattern
    that matches decides, so that `!` takes back what one before it, or one further out, leaves out.
    """

    sets: tuple[tuple[bytes, tuple[_Pattern, ...]], ...] = ()  # the folder that patterns are relative to

    @classmethod
    def of_all_folders(cls, patterns: str, root: bytes) -> "Exclusion":
        """The patterns of the setting, one a line, in an added folder.

        A line that begins with the folder's own absolute path is relative to it, which names one place.
        """
        within = _comparable(os.path.join(root, b"").replace(_SEPARATOR, b"/"))
        lines = (
            "/" + line[len(within) :] if _comparable_text(_unescaped(line)).startswith(within) else line
            for line in patterns.split("\n")
        )
        return cls(((root, _read(lines)),))._tidy()

    def below(self, folder: bytes) -> "Exclusion":
        """These, and those of the ignore file that lies in the folder.

        Raises:
            OSError: it cannot be read, or is too large, alone or with those above it.
        """
        data = read_regular(Path(os.fsdecode(os.path.join(folder, IGNORE_FILE))), LARGEST)
        lines = data.decode("utf-8-sig", errors="surrogateescape").split("\n")
        found = Exclusion((*self.sets, (folder, _read(lines))))._tidy()
        if sum(len(patterns) for _, patterns in found.sets) > MOST_PATTERNS:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return found

    def _tidy(self) -> "Exclusion":
        return Exclusion(tuple(one for one in self.sets if one[1]))

    def leaves_out(self, path: bytes, *, is_folder: bool) -> bool:
        """Whether this entry of a folder is left out."""
        for folder, patterns in reversed(self.sets):
            relative = path[len(os.path.join(folder, b"")) :]
            names = _comparable(relative.replace(_SEPARATOR, b"/")).split("/")
            for pattern in reversed(patterns):
                if pattern.matches(names, is_folder=is_folder):
                    return not pattern.includes
        return False


def can_be_left_out(folder: bytes) -> bool:
    """Whether a line of text can hold the path of a folder."""
    try:
        return not {"\n", "\r"} & set(folder.decode())
    except UnicodeDecodeError:
        return False


def pattern_of(folder: bytes) -> str:
    """The line for the setting that leaves out a folder, given by its absolute path."""
    quoted = re.sub(r"([\\*?\[\]!# ])", r"\\\1", os.fsdecode(folder).replace(os.sep, "/").rstrip("/"))
    return f"{quoted}/"


def _unescaped(line: str) -> str:
    """A line without the backslashes that make characters plain."""
    return _ESCAPED.sub(r"\1", line)


def _read(lines: Iterable[str]) -> tuple[_Pattern, ...]:
    patterns = (_pattern(line) for line in lines)
    return tuple(pattern for pattern in patterns if pattern)


def _pattern(line: str) -> _Pattern | None:
    """None where the line says nothing."""
    line = _comparable_text(_TRAILING_SPACES.sub("", line.rstrip("\r")))
    if not line or line.startswith("#"):
        return None
    includes = line.startswith("!")
    line = line[includes:]
    folders_only = line.endswith("/")
    anchored = "/" in line.rstrip("/")
    names: list[re.Pattern[str] | None] = [] if anchored else [_ANY]
    for name in filter(None, line.split("/")):
        if name != "**":
            names.append(re.compile(fnmatch.translate(_as_fnmatch(name))))
        elif not names or names[-1] is not _ANY:
            names.append(_ANY)
    if names and names[-1] is _ANY and len(line.strip("/")) > 0:
        names.append(re.compile(""))  # what lies in a folder, not the folder itself
    return _Pattern(includes, folders_only, tuple(names)) if line.strip("/") else None


def _as_fnmatch(name: str) -> str:
    """Python's form, which has no backslash and knows only `!` in brackets."""
    plain = _ESCAPED.sub(lambda found: f"[{found[1]}]" if found[1] in "*?[" else found[1], name)
    return plain.replace("[^", "[!")


def _comparable(path: bytes) -> str:
    return _comparable_text(os.fsdecode(path))


def _comparable_text(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
