"""Where the trainer keeps what it need not compute again."""

from pathlib import Path

import platformdirs


def default_cache() -> Path:
    """The cache folder of whoever runs the trainer, as the system has it; perhaps not there yet."""
    return Path(platformdirs.user_cache_dir("PhotoSearch", appauthor=False))
