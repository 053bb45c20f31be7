"""Photos of the library by the files that hold them."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH100

import os
from collections.abc import Sequence
from pathlib import Path

from photosearch.cli.connect import open_reader
from photosearch.cli.text import escaped
from photosearch.core.errors import KnownError
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
