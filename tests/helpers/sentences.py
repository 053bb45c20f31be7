"""The sentences that the engine and the command line may say of what went wrong, found in the sources."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import photosearch

SOURCES = sorted(Path(photosearch.__file__).parent.rglob("*.py"))

_TOLD = {
    "KnownError",
    "DecodeError",
    "DecodeFailed",
    "Failed",
    "Problem",
}  # whose first argument a person reads


def sentences() -> dict[str, str]:
    """Each sentence with {0}, {1}, ... for its values, and where it stands.

    They are what is given to an error that is told, what is given as a `reason`, and what functions return
    that say they return a Sentence.
    """
    trees = {source: ast.parse(source.read_text("utf-8")) for source in SOURCES}
    told = _with_subclasses(_TOLD, list(trees.values()))
    return {
        template(text): f"{source.name}:{text.lineno}"
        for source, tree in trees.items()
        for node in ast.walk(tree)
        for value in _worded(node, told)
        for text in _texts(value)
        if template(text)
    }


def template(text: ast.Constant | ast.JoinedStr) -> str:
    parts = [text] if isinstance(text, ast.Constant) else text.values
    said, values = "", 0
    for part in parts:
        if isinstance(part, ast.Constant):
            assert "{" not in part.value, f"braces in {part.value}"
            said += part.value
        else:
            said += f"{{{values}}}"
            values += 1
    return said


def _with_subclasses(names: set[str], trees: Sequence[ast.Module]) -> set[str]:
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return names | {
        node.name
        for node in classes
        if any(isinstance(base, ast.Name) and base.id in names for base in node.bases)
    }


def _worded(node: ast.AST, told: set[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in told:
            yield from node.args[:1]
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "reason")
    elif isinstance(node, ast.FunctionDef) and node.returns and "Sentence" in ast.unparse(node.returns):
        yield from (
            inner.value
            for inner in ast.walk(node)
            if isinstance(inner, ast.Return) and inner.value is not None
        )


def _texts(value: ast.expr) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The literals that a value may be; a name or a call hands on what another place has worded."""
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield value
        case ast.IfExp():
            yield from _texts(value.body)
            yield from _texts(value.orelse)
        case ast.BinOp():
            raise AssertionError(f"line {value.lineno}: a sentence that is put together cannot be translated")
