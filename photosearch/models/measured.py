"""What was measured on this computer, kept so that they are measured once."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from photosearch.core.reading import decode_json, read_regular
from photosearch.core.writing import written_whole

log = logging.getLogger(__name__)

FILE = "measured.json"

T = TypeVar("T")


def measured_once(cache_dir: Path | None, key: str, kind: Any, measure: Callable[[], T]) -> T:
    """What was measured under `key` before, else what `measure` gives now.

    Args:
        cache_dir: where choices are kept; None: nowhere
        key: all that it depends on: device, versions, model
        kind: its type, as msgspec takes one; what is remembered and is none of that is measured again
    """
    found: T | None = remembered(cache_dir, key, kind)
    if found is None:
        found = measure()
        if cache_dir is not None:
            remember(cache_dir, key, found)
    return found


def remembered(cache_dir: Path | None, key: str, kind: Any) -> Any:
    """What was measured under `key` before, as `kind`; None where nothing was, or what is none of that."""
    try:
        return msgspec.convert(_read(cache_dir).get(key), kind)
    except msgspec.ValidationError:
        return None


def remember(cache_dir: Path, key: str, found: Any) -> None:
    """Keep what was measured; where that cannot be, it is measured again."""
    _write(cache_dir, {**_read(cache_dir), key: msgspec.to_builtins(found)})


def _read(cache_dir: Path | None) -> dict[str, Any]:
    if cache_dir is None:
        return {}
    try:
        return decode_json(read_regular(cache_dir / FILE), dict[str, Any])
    except (OSError, msgspec.DecodeError):
        return {}


def _write(cache_dir: Path, values: dict[str, Any]) -> None:
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with written_whole(cache_dir / FILE) as file:
            file.write(msgspec.json.format(msgspec.json.encode(values), indent=1))
    except OSError as error:
        log.warning("What was measured could not be remembered in %s: %s", cache_dir, error)
