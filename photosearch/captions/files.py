"""The files of a data folder, so that a table's names find them wherever they lie in it."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from photosearch.core.errors import KnownError
from photosearch.core.file_names import path_of, spellings

# The folders that the known data sets keep their photos in; they go before others of the same depth.
_PHOTO_FOLDERS = {"images", "flickr8k_dataset", "flicker8k_dataset", "flickr30k_images", "flickr30k-images"}


class FileIndex:
    """Every file below a folder, found by the end of its path.

    A name in a table is only ever looked up here, so none can reach out of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._named: dict[str, list[Path]] = {}
        self._found: dict[str, Path | None] = {}
        for path in _files(folder):
            self._named.setdefault(composed(path.name), []).append(path)

    def find(self, name: str) -> Path | None:
        """The file that a table calls `name`, "1.jpg" or "beach/1.jpg"; the least deep one that fits.

        Raises:
            KnownError: the name leads out of the folder, or fits several files equally well.
        """
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def one(self, *names: str) -> Path | None:
        """The first of these that is here, by its name alone."""
        return next((found[0] for name in names if (found := self._named.get(name))), None)

    def ending(self, *suffixes: str) -> list[Path]:
        """The files whose names end so, in lower case or not; in order of their paths."""
        return sorted(p for paths in self._named.values() for p in paths if p.name.lower().endswith(suffixes))

    def _find(self, name: str) -> Path | None:
        refuse_outside(name)
        parts = parts_of(name)
        wanted = [composed(part) for part in parts]
        fitting = [
            path for path in self._named.get(wanted[-1], []) if self._inner(path)[-len(parts) :] == wanted
        ]
        if not fitting:
            return None
        ranks = sorted((self._rank(path, parts), path) for path in fitting)
        if len(ranks) > 1 and ranks[0][0] == ranks[1][0]:
            first, second = (path.relative_to(self.folder) for _, path in ranks[:2])
            raise KnownError(
                "{name} may be {first} or {second}; write the folder in the table, as in {example}.",
                name=repr(name),
                first=first,
                second=second,
                example=repr(first.as_posix()),
            )
        return ranks[0][1]

    def _rank(self, path: Path, parts: list[str]) -> tuple[int, bool, bool]:
        inner = self._inner(path)
        elsewhere = not any(part.lower() in _PHOTO_FOLDERS for part in inner[:-1])
        return len(inner), elsewhere, list(path.parts[-len(parts) :]) != parts

    def _inner(self, path: Path) -> list[str]:
        return [composed(part) for part in path.relative_to(self.folder).parts]


class FilesNear:
    """The files in a folder and in those of photos inside it, found by their paths; nothing is listed."""

    def __init__(self, folder: Path) -> None:
        try:
            inner = sorted(path for path in folder.iterdir() if path.name.lower() in _PHOTO_FOLDERS)
        except OSError:
            inner = []
        self._folders = [folder, *inner]

    def find(self, name: str) -> Path | None:
        """The file at this path, "1.jpg" or "beach/1.jpg"; the folder itself goes first.

        Raises:
            KnownError: the name leads out of the folder.
        """
        refuse_outside(name)
        paths = (
            folder.joinpath(*parts_of(spelling)) for folder in self._folders for spelling in spellings(name)
        )
        return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113  (any name is asked)


def refuse_outside(name: str) -> None:
    """Raises KnownError for an image's name that is no path inside a folder."""
    windows = PureWindowsPath(name)
    if (
        not parts_of(name)
        or ".." in windows.parts
        or windows.drive
        or windows.root
        or PurePosixPath(name).is_absolute()
    ):
        raise KnownError(
            "The table names the image {name}, which is not inside the folder; write paths that begin there.",
            name=repr(name),
        )


def parts_of(name: str) -> list[str]:
    """The folders and the file that a path names, written with / or \\."""
    written = name.replace("\\", "/")
    root = ["/"] if written.startswith("/") else []
    return root + [part for part in written.split("/") if part not in ("", ".")]


def is_read_as_it_is(name: str) -> bool:
    """Whether a table can hold this path inside a folder: it is Unicode, and read as nothing else."""
    try:
        name.encode()
        refuse_outside(name)
    except (UnicodeEncodeError, KnownError):
        return False
    return name == name.strip() and path_of(name) is None


def composed(name: str) -> str:
    """macOS writes accents as letters of their own; tables mostly do not."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _files(folder: Path) -> Iterator[Path]:
    """Links to folders are followed, for photos often lie on another disk; none is entered twice."""
    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield from (Path(place, name) for name in sorted(files))
