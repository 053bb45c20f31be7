"""`make torture`, a minute of it: the same parts, as short as they can be."""

from pathlib import Path

import pytest

from tests.torture.parts import PARTS, run

SECONDS = {
    "kills": 8.0,
    "pictures": 4.0,
    "files": 6.0,
    "disks": 1.0,
    "burst": 4.0,
    "many": 2.0,
    "window": 3.0,
    "stages": 1.0,
}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_promised_holds(part: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    tally = run(part, SECONDS[part], 1, place, tmp_path / "kept")
    print("\n".join(tally.lines()))
    assert not tally.broken
