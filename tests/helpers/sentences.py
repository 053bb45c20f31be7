"""The sentences that engine, teaching and command line may say of what went wrong, found in the sources."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter

import photosearch
import trainer
from photosearch.models.offers import known_models

_TRAINER = Path(trainer.__file__).parent
SOURCES = [
    *sorted(Path(photosearch.__file__).parent.rglob("*.py")),
    *sorted((_TRAINER / "adapt").glob("*.py")),  # what it says of a teaching comes to the window
    *sorted((_TRAINER / "publish").glob("*.py")),  # and of a model that is taken in
    *sorted((_TRAINER / "models" / "pretrained").glob("*.py")),  # from the hub too
    _TRAINER / "cli" / "adapt.py",
    _TRAINER / "models" / "folders.py",
]

_WORDED = {"Sentence", "KnownError", "DecodeError"}  # whose first argument is a template


def templates() -> Iterator[tuple[str, set[str], str]]:
    """Each template, the names of the values that it is given, and where it stands."""
    for model in known_models():
        yield model.about, set(), "catalog.toml"
    trees = {source: ast.parse(source.read_text("utf-8")) for source in SOURCES}
    worded = _with_subclasses(_WORDED, list(trees.values()))
    for source, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in worded:
                where = f"{source.name}:{node.lineno}"
                given = {keyword.arg for keyword in node.keywords if keyword.arg} - {
                    "passing",
                    "for_memory",
                    "instead",
                }  # no part of what is said
                for text in _texts(node.args[0], where):
                    yield text, given, where


def fields(template: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _with_subclasses(names: set[str], trees: Sequence[ast.Module]) -> set[str]:
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = names | {node.name for node in classes if names & set(map(_name, node.bases))}
    return found if found == names else _with_subclasses(found, trees)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _texts(value: ast.expr, where: str) -> Iterator[str]:
    """The literals that a template may be; a name or a call hands on what another place has worded."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from _texts(value.body, where)
            yield from _texts(value.orelse, where)
        case ast.JoinedStr() | ast.BinOp():
            raise AssertionError(f"{where}: a sentence that is put together cannot be translated")
