"""A person's captions, and the names in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from photosearch.core.teaching import Word
from photosearch.models.rewriting import Rewriter
from trainer.adapt.general_words import general_captions
from trainer.adapt.material import Material, Rows, Vectors
from trainer.adapt.names import Name, find_names


@dataclass(frozen=True)
class Corpus:
    """What the words are learnt from. C captions, W names."""

    material: Material
    captions: list[str]
    photo_of: Rows  # (C,), rows of the gallery
    edited: list[Word]  # chosen by the person, and not to be learnt
    names: list[Name]

    @classmethod
    def of(cls, material: Material, rows: Rows, edited: Sequence[Word] = ()) -> "Corpus":
        """The captions `rows` (C,) of the material, and the names in them that are not explained yet."""
        captions = [material.captions[row] for row in rows.tolist()]
        theirs = {word.name.casefold() for word in edited}
        found = find_names(captions, general_captions())
        names = [name for name in found if name.name.casefold() not in theirs]
        return cls(material, captions, material.photo_of[rows], list(edited), names)

    @cached_property
    def groups(self) -> Rows:
        """Of the captions' photos; (C,)."""
        return self.material.groups[self.photo_of]

    @cached_property
    def has_name(self) -> NDArray[np.bool_]:
        """(C, W)"""
        has = np.zeros((len(self.captions), len(self.names)), bool)
        for column, name in enumerate(self.names):
            has[list(name.rows), column] = True
        return has

    @cached_property
    def stripped(self) -> Vectors:
        """The captions without their names; (C, D)."""
        dropped = [Word(name.name, vector=0) for name in self.names]
        return self.material.encode(self.read(dropped))

    def read(self, words: Sequence[Word], rows: Rows | None = None) -> list[str]:
        """The captions, or those of `rows`, with names replaced."""
        rewriter = Rewriter([*words, *self.edited])
        chosen = range(len(self.captions)) if rows is None else rows.tolist()
        return [rewriter.rewrite(self.captions[row]) for row in chosen]
