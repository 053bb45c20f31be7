"""Photos of the library by the files that hold them."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH100, PTH112

import os
from collections.abc import Sequence
from pathlib import Path

from photosearch.cli.connect import open_reader
from photosearch.cli.text import escaped
from photosearch.core.errors import KnownError
from photosearch.core.query import InFolder
from photosearch.core.reading import exists
from photosearch.paths import Library


def photo_ids(library: Library, files: Sequence[str]) -> tuple[int, ...]:
    """
    Raises:
        KnownError: a file is not there, or not one of the library's photos.
    """
    found = []
    with open_reader(library) as reader:
        for file in files:
            path = os.path.abspath(os.fsencode(file))
            photo_id = reader.photo_at(path) or reader.photo_at(os.path.realpath(path))
            if photo_id is None and not exists(Path(os.fsdecode(path))):
                raise KnownError("There is no file {path}.", path=escaped(file))
            if photo_id is None:
                raise KnownError(
                    "{file} is no photo of this library; index its folder: photosearch index FOLDER",
                    file=escaped(file),
                )
            found.append(photo_id)
    return tuple(found)


def photo_ids_in(library: Library, paths: Sequence[str]) -> tuple[int, ...]:
    """Those of files, and of all that lie in folders or below them; each once.

    Raises:
        KnownError: a file is not there, or not one of the library's photos; a folder has none of them.
    """
    found: dict[int, None] = {}
    for path in paths:
        if os.path.isdir(path):
            folder = os.fsencode(path)
            with open_reader(library) as reader:
                ids = reader.matching([InFolder((os.path.abspath(folder), os.path.realpath(folder)))])
            if not ids.size:
                raise KnownError(
                    "No photo of this library lies in {folder}; index it: photosearch index FOLDER",
                    folder=escaped(path),
                )
            found |= dict.fromkeys(ids.tolist())
        else:
            found |= dict.fromkeys(photo_ids(library, [path]))
    return tuple(found)
