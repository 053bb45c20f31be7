from collections.abc import Iterator

import pytest

from tests.helpers.served import Served, served, serving


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Ten photos, served read-only; nothing in it is changed."""
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def changing(running: Served) -> Iterator[Served]:
    """The same library, where changes are allowed; whoever makes one takes it back."""
    with serving(running.library, running.folder, running.engine, allow_writes=True) as changing:
        yield changing
