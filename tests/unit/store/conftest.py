from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def writer(library: Library) -> Iterator[Writer]:
    with Writer.open(library) as writer:
        writer.register_model(MODEL, "tiny", DIM)
        yield writer


@pytest.fixture
def reader(library: Library, writer: Writer) -> Iterator[Reader]:
    with Reader.open(library) as reader:
        yield reader


@pytest.fixture
def folder(writer: Writer) -> Folder:
    return writer.add_folder(b"/photos", "disk")
