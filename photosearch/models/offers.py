"""The models that the program knows of and that can be had: what `resources/models/catalog.toml` says.

Nothing of it is asked of the network; which models are here is the catalogue's business (`catalog.py`).
"""

import functools
import tomllib
from typing import Any

import msgspec

from photosearch import paths
from photosearch.core.errors import Sentence
from photosearch.core.model_messages import Recall

BYTES_A_PARAMETER = 4  # float32, as models are given out and kept here


class KnownModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model of the catalogue; the fields are explained in its file."""

    source: str
    name: str
    about: str
    languages: tuple[str, ...]
    licence: str = ""
    research_only: bool = False
    architecture: dict[str, Any]
    parameters: int
    other_bytes: int
    recall: tuple[Recall, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """What it is good at."""
        return Sentence(self.about)

    @property
    def download_bytes(self) -> int:
        """About so many are downloaded; the hub says exactly how many."""
        return self.disk_bytes + self.other_bytes

    @property
    def disk_bytes(self) -> int:
        """About so many stay on the disk."""
        return self.parameters * BYTES_A_PARAMETER


@functools.cache
def known_models() -> tuple[KnownModel, ...]:
    """All of them, in the order in which they are shown."""
    text = (paths.resources() / "models" / "catalog.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["model"], tuple[KnownModel, ...])
