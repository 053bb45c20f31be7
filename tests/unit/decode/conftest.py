import os
from pathlib import Path

import pytest

from tests.helpers.photos import make_photo


@pytest.fixture
def photo(tmp_path: Path) -> bytes:
    """Its path: 320 x 240 pixels as stored, to be shown turned."""
    return os.fsencode(make_photo(tmp_path / "photo.jpg", 1, size=(320, 240), exif_orientation=6))
