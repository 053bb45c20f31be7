"""The extra `gpu`: torch, and what comes with it, where a person had it fetched into their data folder.

A folder of its own for each Python, on sys.path only where a model is run in torch. Here it is told and
used; the engine fetches it.
"""

import importlib.metadata
import importlib.util
import re
import sys
import sysconfig
from pathlib import Path

from photosearch import paths
from photosearch.core.errors import Sentence

NAME = "gpu"
PACKAGE = "torch"  # by which the whole is told
EXPORTER = "onnxscript"  # without which a model that is added runs in torch alone
ADD = f"photosearch extras add {NAME}"  # what a person is told to say
ADD_FROM = f"{ADD} --from FOLDER"
ADD_AGAIN = f"photosearch extras remove {NAME} && {ADD}"


def folder() -> Path:
    """Where it is, whole, once it was fetched."""
    return paths.extras() / f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


def cost() -> Sentence:
    """What fetching it takes and under which licences it comes, to be said first."""
    return Sentence(
        "Torch and what it needs come from where pip gets its packages, checked by hash: on Linux about "
        "3 GB to download, 9 GB on the disk until it is done and 6 GB afterwards. Their licences are free "
        "ones (BSD, Apache, MIT and alike), but for NVIDIA's libraries, which come on Linux under "
        "NVIDIA's own."
    )


def to_bring() -> str:
    """The command that fills a folder with its wheels, on another computer of the same system."""
    wanted = " ".join(f"'{one}'" for one in requirements())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"pip download --only-binary :all: --python-version {version} --dest FOLDER {wanted}"


def requirements() -> list[str]:
    """What pip is asked for: what the extra of that name says in the program's metadata."""
    found = (
        re.fullmatch(rf"([^;]+);\s*extra == ['\"]{NAME}['\"]", line)
        for line in importlib.metadata.requires("photosearch") or ()
    )
    return [match[1].strip() for match in found if match]


def installed() -> str | None:
    """The version of torch that is installed beside PhotoSearch; None: it is not."""
    own = str(folder())
    return _version(PACKAGE, [place for place in sys.path if place != own])


def fetched() -> str | None:
    """The version of torch that was fetched; None: it was not."""
    return _version(PACKAGE, [str(folder())])


def mends(sentence: Sentence) -> bool:
    """Whether a sentence tells the person to fetch it; the window, which can do that, then offers to."""
    return ADD in sentence.values.values()


def exports() -> bool:
    """Whether models that are added can be exported, to run without torch."""
    return _version(EXPORTER, [*sys.path, str(folder())]) is not None


def size() -> int:
    """Bytes of what was fetched."""
    return sum(file.stat().st_size for file in folder().rglob("*") if file.is_file())


def use() -> None:
    """Let torch be imported from there. What is installed goes before it."""
    own = folder()
    if own.is_dir() and str(own) not in sys.path:
        sys.path.append(str(own))


def _version(package: str, places: list[str]) -> str | None:
    found = next(iter(importlib.metadata.distributions(name=package, path=places)), None)
    return found.version if found else None
