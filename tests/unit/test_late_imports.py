"""What benchmarks and other programs of the tests import within functions, where no test would meet it."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SOURCES = [path for room in ("bench", "e2e", "torture") for path in sorted((TESTS / room).glob("*.py"))]


@cache
def bound_in(module: str) -> frozenset[str]:
    """The names that a module of ours has, and those of the modules below it."""
    path = TESTS.parent.joinpath(*module.split("."))
    names = {below.stem for below in path.iterdir()} if path.is_dir() else set()
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(one.asname or one.name for one in node.names)
    return frozenset(names)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_imported_is_there(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in (
            "photosearch",
            "trainer",
        ):
            assert {one.name for one in node.names} <= bound_in(str(node.module)), node.module
