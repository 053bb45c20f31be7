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
    remembered = _read(cache_dir)
    try:
        found: T = msgspec.convert(remembered.get(key), kind)
    except msgspec.ValidationError:
        found = measure()
        if cache_dir is not None:
            _write(cache_dir, {**remembered, key: msgspec.to_builtins(found)})
    return found


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
