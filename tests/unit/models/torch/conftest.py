from pathlib import Path

import pytest

from tests.helpers.tiny_model import make_tiny_checkpoint


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A fresh checkpoint folder that a test may spoil."""
    return make_tiny_checkpoint(tmp_path / "tiny")
