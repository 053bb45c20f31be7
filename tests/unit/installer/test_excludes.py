"""What packages leave out, and the libraries that the program imports when it works."""

import ast
import subprocess
import sys
from pathlib import Path

SPEC = Path(__file__).parents[3] / "installer" / "photosearch.spec"
# What the base dependencies import in a process that indexes, searches, watches, serves and adds models.
WORK = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None  # its import raises, as it does where it was left out
import huggingface_hub, msgspec, numkong, onnxruntime, pi_heif, rawpy, safetensors.numpy, send2trash
import sqlite_utils, tokenizers, watchdog.observers
from huggingface_hub import HfApi, hf_hub_download
import photosearch.engine.adding, photosearch.engine.service, photosearch.index.watcher
import photosearch.serve.server, photosearch.store.migrations
import trainer.publish
"""


def left_out() -> list[str]:
    """The names in the list `excludes`, of which those that begin with a star are other lists of the file."""
    found = ast.parse(SPEC.read_text(encoding="utf-8"))
    lists = {
        target.id: [part.value for part in node.value.elts]
        for node in ast.walk(found)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
        for target in node.targets
        if isinstance(target, ast.Name) and all(isinstance(part, ast.Constant) for part in node.value.elts)
    }
    [excludes] = [
        node.value for node in ast.walk(found) if isinstance(node, ast.keyword) and node.arg == "excludes"
    ]
    assert isinstance(excludes, ast.List)
    names: list[str] = []
    for part in excludes.elts:
        if isinstance(part, ast.Starred) and isinstance(part.value, ast.Name):
            names += lists[part.value.id]
        elif isinstance(part, ast.Constant):
            names.append(part.value)
    return names


def test_nothing_that_packages_leave_out_is_imported_by_what_they_hold() -> None:
    names = left_out()
    assert {"av", "hf_xet", "huggingface_hub.cli"} <= set(names)
    done = subprocess.run([sys.executable, "-c", WORK, *names], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
