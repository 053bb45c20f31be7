"""What ImageNet's thousand classes are called: the words that a trained classifier already knows."""

import importlib.util
import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError

TEMPLATES = (
    "{}",
    "{a}",
    "a photo of {a}",
    "a picture of {a}",
    "there is {a} in the picture",
    "a close-up of {a}",
    "{a} in the background",
    "someone with {a}",
    "{a} outside",
    "two of them : {a} and another {}",
)
LEMMAS = 3  # synonyms taken of each synset


@dataclass(frozen=True)
class ClassTexts:
    """Texts for each class of ImageNet-1k, in the classifier's order."""

    names: list[str]  # one short name a class
    sayings: list[list[str]]  # every name of it in every template
    definitions: list[str]

    @property
    def kinds(self) -> tuple[list[str], list[str], list[str]]:
        """All texts to learn from: sayings, definitions, and names with their definitions."""
        explained = [f"{name}, {text}" for name, text in zip(self.names, self.definitions, strict=True)]
        return [text for texts in self.sayings for text in texts], self.definitions, explained

    @property
    def saying_rows(self) -> list[NDArray[np.int64]]:
        """Where in the texts of `kinds`, one after the other, each class's sayings are; C x (n_c,)."""
        ends = np.cumsum([len(texts) for texts in self.sayings])
        return np.split(np.arange(ends[-1]), ends[:-1])

    @property
    def explanation_rows(self) -> list[NDArray[np.int64]]:
        """Where its definition is, alone and with the name; C x (2,)."""
        first = sum(len(texts) for texts in self.sayings) + np.arange(len(self.names))
        return list(np.stack([first, first + len(self.names)], axis=1))


def photo_of(name: str) -> str:
    """The sentence that stands for an object: "a photo of a dog"."""
    return f"a photo of {with_article(name)}"


def imagenet_texts() -> ClassTexts:
    """Names cleaned by hand (open_clip's list), WordNet's synonyms and definitions (timm's tables).

    Raises:
        KnownError: a package of the `train` extra is missing.
    """
    from timm.data.imagenet_info import ImageNetInfo

    tables = ImageNetInfo("imagenet-1k")
    names = _cleaned_names()
    sayings, definitions = [], []
    synsets: list[str] = tables.label_names()
    for name, synset in zip(names, synsets, strict=True):
        lemmas = tables.label_name_to_description(synset, detailed=False).split(", ")[:LEMMAS]
        definition = tables.label_name_to_description(synset, detailed=True).partition(": ")[2]
        said = dict.fromkeys([name, *lemmas])
        sentences = [template.format(n, a=with_article(n)) for n in said for template in TEMPLATES]
        sayings.append(list(dict.fromkeys(sentences)))
        definitions.append(definition)
    return ClassTexts(names, sayings, definitions)


def known_nouns() -> set[str]:
    """The nouns of ImageNet's 21,841 synsets, lower case: a word list of things that photos can show."""
    from timm.data.imagenet_info import ImageNetInfo

    tables = ImageNetInfo("imagenet-22k")
    synsets: list[str] = tables.label_names()
    lemmas = (tables.label_name_to_description(synset, detailed=False) for synset in synsets)
    return {noun.lower() for line in lemmas for noun in line.split(", ")}


def with_article(name: str) -> str:
    """ "an apple", "a dog"."""
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def clip_templates() -> tuple[str, ...]:
    """The 80 sentences in which CLIP was asked for the classes of ImageNet, "{}" for the class.

    Source: Radford et al. 2021, section 3.1.4, and the notebook on prompts that they published; open_clip
    carries the list.

    Raises:
        KnownError: a package of the `train` extra is missing.
    """
    return tuple(template("{}") for template in _open_clip_tables()["OPENAI_IMAGENET_TEMPLATES"])


def _cleaned_names() -> list[str]:
    return list(_open_clip_tables()["IMAGENET_CLASSNAMES"])


def _open_clip_tables() -> dict[str, Any]:
    # By its file: importing open_clip itself takes many seconds, and this is a module of constants.
    package = importlib.util.find_spec("open_clip")
    if package is None or package.origin is None:
        raise KnownError("Training needs open-clip-torch; install it with: pip install 'photosearch[train]'")
    path = Path(package.origin).with_name("zero_shot_metadata.py")
    return runpy.run_path(str(path))
