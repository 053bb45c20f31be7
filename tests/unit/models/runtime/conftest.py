from pathlib import Path

import pytest

from tests.helpers.exported_models import EXPORTED, copy_exported


@pytest.fixture(scope="module")
def folder() -> Path:
    """An exported checkpoint that nobody changes."""
    return EXPORTED / "tiny"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """One that a test may spoil."""
    return copy_exported(tmp_path / "tiny")
