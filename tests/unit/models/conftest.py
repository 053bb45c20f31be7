from pathlib import Path

import pytest

from tests.helpers.exported_models import copy_exported


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A fresh checkpoint folder with its exports, which a test may spoil."""
    return copy_exported(tmp_path / "tiny")
