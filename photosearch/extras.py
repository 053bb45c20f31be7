"""What a person may have fetched beside the program, as its packages do not carry it: torch, and PyAV.

Each is an extra of the program's metadata, in a folder of its own for each Python, on sys.path only where it
is used. Here it is told and used; the engine fetches it.
"""

import importlib.metadata
import importlib.util
import re
import sys
import sysconfig
from pathlib import Path

from photosearch import paths
from photosearch.core.errors import Sentence

EXPORTER = "onnxscript"  # without which a model that is added runs in torch alone


class Fetchable:
    """One that can be fetched.

    Attributes:
        name: by which a person asks for it, and pip's of the extra
        package: by which the whole is told
        said: what sentences call it
        cost: what fetching it takes and under which licences it comes, to be said first
        missing: what one does without, in a line
    """

    def __init__(self, name: str, package: str, said: str, cost: Sentence, missing: Sentence) -> None:
        self.name, self.package, self.said, self.cost, self.missing = name, package, said, cost, missing
        self.add = f"photosearch extras add {name}"  # what a person is told to say
        self.add_from = f"{self.add} --from FOLDER"
        self.add_again = f"photosearch extras remove {name} && {self.add}"

    @property
    def title(self) -> str:
        """As a sentence begins with it."""
        return self.said[:1].upper() + self.said[1:]

    def folder(self) -> Path:
        """Where it is, whole, once it was fetched."""
        python = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
        # Torch was the first, fetched into a folder without its name, and is still found there.
        return paths.extras() / (python if self is GPU else f"{self.name}-{python}")

    def to_bring(self) -> str:
        """The command that fills a folder with its wheels, on another computer of the same system."""
        wanted = " ".join(f"'{one}'" for one in self.requirements())
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"pip download --only-binary :all: --python-version {version} --dest FOLDER {wanted}"

    def requirements(self) -> list[str]:
        """What pip is asked for: what the extra of that name says in the program's metadata."""
        found = (
            re.fullmatch(rf"([^;]+);\s*extra == ['\"]{self.name}['\"]", line)
            for line in importlib.metadata.requires("photosearch") or ()
        )
        return [match[1].strip() for match in found if match]

    def installed(self) -> str | None:
        """The version of it that is installed beside PhotoSearch; None: it is not."""
        own = str(self.folder())
        return _version(self.package, [place for place in sys.path if place != own])

    def fetched(self) -> str | None:
        """The version of it that was fetched; None: it was not."""
        return _version(self.package, [str(self.folder())])

    def mends(self, sentence: Sentence) -> bool:
        """Whether a sentence tells the person to fetch it; the window, which can do that, then offers to."""
        return self.add in sentence.values.values()

    def size(self) -> int:
        """Bytes of what was fetched."""
        return sum(file.stat().st_size for file in self.folder().rglob("*") if file.is_file())

    def use(self) -> None:
        """Let it be imported from there. What is installed goes before it."""
        own = self.folder()
        if own.is_dir() and str(own) not in sys.path:
            sys.path.append(str(own))


GPU = Fetchable(
    "gpu",
    "torch",
    "torch",
    Sentence(
        "Torch and what it needs come from where pip gets its packages, checked by hash: on Linux about "
        "3 GB to download, 9 GB on the disk until it is done and 6 GB afterwards. Their licences are free "
        "ones (BSD, Apache, MIT and alike), but for NVIDIA's libraries, which come on Linux under "
        "NVIDIA's own."
    ),
    Sentence(
        "no torch, which a graphics processor and models that were not exported take: {command}",
        command="photosearch extras add gpu",
    ),
)
VIDEO = Fetchable(
    "video",
    "av",
    "PyAV",
    Sentence(
        "PyAV, which reads videos, comes from where pip gets its packages, checked by hash: on Linux about "
        "36 MB to download and 104 MB on the disk. Its licence is BSD's; with it come FFmpeg under the LGPL, "
        "and x264 and x265 under the GPL, which is why PhotoSearch does not bring it."
    ),
    Sentence("no PyAV, which videos are read by: {command}", command="photosearch extras add video"),
)
BY_NAME = {extra.name: extra for extra in (GPU, VIDEO)}


def exports() -> bool:
    """Whether models that are added can be exported, to run without torch."""
    return _version(EXPORTER, [*sys.path, str(GPU.folder())]) is not None


def _version(package: str, places: list[str]) -> str | None:
    found = next(iter(importlib.metadata.distributions(name=package, path=places)), None)
    return found.version if found else None
