from collections.abc import Iterator

import pytest

from tests.helpers.served import Served, served


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Ten photos, served read-only; nothing in it is changed."""
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running
