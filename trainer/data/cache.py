"""Where the trainer keeps what it need not compute again."""

from pathlib import Path

import platformdirs


def default_cache() -> Path:
    return Path(platformdirs.user_cache_dir("PhotoSearch", appauthor=False))
