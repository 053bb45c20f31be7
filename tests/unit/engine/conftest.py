from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.engine.service import Engine
from photosearch.paths import Library
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import engine_of


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """With a model and nothing else in it."""
    library = Library(tmp_path / "library")
    describe_model(library)
    return library


@pytest.fixture
def engine(library: Library) -> Iterator[Engine]:
    with engine_of(library) as engine:
        yield engine
