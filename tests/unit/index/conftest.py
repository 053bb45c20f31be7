from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.decode.pool import DecoderPool
from tests.helpers.tiny_encoder import TinyEncoder
from tests.unit.index.index_under_test import Index


@pytest.fixture(scope="session")
def decoder_pool() -> Iterator[DecoderPool]:
    with DecoderPool(TinyEncoder().preprocessing, workers=2) as pool:
        yield pool


@pytest.fixture
def index(tmp_path: Path, decoder_pool: DecoderPool) -> Iterator[Index]:
    index = Index(tmp_path, decoder_pool)
    yield index
    index.writer.close()
