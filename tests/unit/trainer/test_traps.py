"""docs/traps.md names tests that there are."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "traps.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_all_fifteen_are_there() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, 16)]


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_each_is_held_by_tests_that_exist(row: list[str]) -> None:
    _, _, _, held_by = row
    named = re.findall(r"`([^`:]+)::(\w+)`", held_by)
    assert named and held_by == " ".join(f"`{file}::{test}`" for file, test in named)
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (file, test)
