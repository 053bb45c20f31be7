from pathlib import Path

import pytest

from tests.helpers.photos import make_photo


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Five, each with a picture of its own."""
    return [make_photo(tmp_path / f"{seed}.png", seed) for seed in range(5)]
