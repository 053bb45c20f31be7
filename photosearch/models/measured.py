"""Choices that were measured on this computer, kept so that they are measured once."""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

FILE = "measured.json"


def measured_once(
    cache_dir: Path | None, key: str, allowed: tuple[str, ...], measure: Callable[[], str]
) -> str:
    """What was chosen under `key` before, else what `measure` chooses now.

    Args:
        cache_dir: where choices are kept; None: nowhere
        key: all that the choice depends on: device, versions, model
        allowed: a remembered choice that is none of these is measured again
    """
    remembered = _read(cache_dir)
    if remembered.get(key) in allowed:
        return remembered[key]
    chosen = measure()
    if cache_dir is not None:
        _write(cache_dir, {**remembered, key: chosen})
    return chosen


def _read(cache_dir: Path | None) -> dict[str, str]:
    if cache_dir is None:
        return {}
    try:
        values = json.loads((cache_dir / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write(cache_dir: Path, values: dict[str, str]) -> None:
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        fresh = cache_dir / f"{FILE}.{os.getpid()}"
        fresh.write_text(json.dumps(values, indent=1), encoding="utf-8")
        fresh.replace(cache_dir / FILE)
    except OSError as error:
        log.warning("What was measured could not be remembered in %s: %s", cache_dir, error)
