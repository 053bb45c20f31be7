"""The models that the program knows of and that can be had: what `resources/models/catalog.toml` says.

Nothing of it is asked of the network; which models are here is the catalogue's business (`catalog.py`).
"""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from photosearch import paths
from photosearch.core.errors import Sentence
from photosearch.core.model_messages import Recall

BYTES_GIVEN, BYTES_KEPT = 4, 2  # a parameter: given out in float32, kept here in float16
# For the one that is recommended. Measures are compared with themselves alone.
RANKED_BY = {"en": "COCO R@1", "zh": "XM3600 R@1, 5, 10"}
LONGEST = 8 * 3600.0  # seconds that a whole library may take, measured: a night
QUICK = 12.0  # gigaflops a photo that any computer of today can be asked for, unmeasured
ANY = "*"  # of languages


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
    gigaflops: float
    recall: tuple[Recall, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """What it is good at."""
        return Sentence(self.about)

    @property
    def pixels(self) -> int:
        """The edge of the square that it sees of a photo."""
        vision = self.architecture.get("vision_config") or self.architecture.get("vision_cfg") or {}
        return int(vision.get("image_size", 224))

    @property
    def download_bytes(self) -> int:
        """About so many are downloaded; the hub says exactly how many."""
        return self.parameters * BYTES_GIVEN + self.other_bytes

    @property
    def disk_bytes(self) -> int:
        """About so many stay on the disk."""
        return self.parameters * BYTES_KEPT + self.other_bytes


@functools.cache
def known_models() -> tuple[KnownModel, ...]:
    """All of them, in the order in which they are shown."""
    text = (paths.resources() / "models" / "catalog.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["model"], tuple[KnownModel, ...])


def recommended(
    language: str, seconds: Mapping[str, float], known: Sequence[KnownModel], in_use: str = ""
) -> str:
    """The source of the model that suits a person and their computer best; empty: none does for certain.

    It is free to use, knows their language, and reads their library within a night: by what was measured
    here, or, where nothing was, as it is one of the quick ones. Of those it is the one of the highest
    published recall in that language, and of no lower one than the model in use.

    Args:
        language: the person's, by its code ("en", "zh_CN")
        seconds: that all photos of the library take, of models that were measured on this computer
        in_use: source of the model that answers; empty: none of these
    """
    spoken = language.partition("_")[0]

    def suits(model: KnownModel) -> bool:
        free = bool(model.licence) and not model.research_only
        takes = seconds.get(model.source)
        quick = takes <= LONGEST if takes is not None else model.gigaflops <= QUICK
        return free and quick and (ANY in model.languages or spoken in model.languages)

    ranked = {
        model.source: found.percent
        for model in known
        for found in model.recall
        if (found.language, found.measure) == (spoken, RANKED_BY.get(spoken))
    }
    least = ranked.get(in_use, 0.0)
    suited = [
        (ranked[model.source], model.source) for model in known if model.source in ranked and suits(model)
    ]
    return max((each for each in suited if each[0] >= least), default=(0.0, ""))[1]


def named(name: str) -> KnownModel | None:
    """The model that a person means by an id of the hub or its name in the catalogue; None: none of these."""
    for model in known_models():
        names = (model.source, model.source.partition("@")[0], model.name)
        if name.casefold() in (each.casefold() for each in names):
            return model
    return None
