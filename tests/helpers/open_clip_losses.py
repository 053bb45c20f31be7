"""open_clip's losses without the rest of open_clip, which takes seconds to import."""

import importlib.util
from pathlib import Path
from types import ModuleType


def open_clip_losses() -> ModuleType:
    """The module `open_clip.loss`."""
    package = importlib.util.find_spec("open_clip")
    assert package is not None
    assert package.origin is not None
    spec = importlib.util.spec_from_file_location("open_clip_loss", Path(package.origin).with_name("loss.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
