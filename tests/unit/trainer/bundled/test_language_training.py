from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.config import HeadConfig
from photosearch.models.torch.heads import ResidualHead
from trainer.bundled.language_training import Captions, LanguageMaterial, Sayings, train_text_head
from trainer.data.pairs import Pairs
from trainer.recipes.bundled import LanguagesStage

PHOTOS, DIM = 40, 24
SHORT = LanguagesStage(steps=3, captions=20, names=40, sentences=10)


def pairs_of(photos: int, captions: list[str]) -> Pairs:
    """As many captions of each photo, one photo after the other."""
    image_of = np.repeat(np.arange(photos), len(captions) // photos)
    return Pairs(
        [Path(str(i)) for i in range(photos)], [bytes([i]) for i in range(photos)], captions, image_of
    )


def material(seed: int = 0) -> LanguageMaterial:
    """Photos of a hidden state each; captions of two languages and names are noisy views of theirs."""
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(PHOTOS, 12, generator=generator)
    space, read = (torch.randn(12, dim, generator=generator) for dim in (DIM, 32))
    photos = F.normalize(hidden @ space, dim=-1)
    pairs = pairs_of(PHOTOS, [""] * (3 * PHOTOS))

    def said(of: np.ndarray[Any, Any]) -> Tensor:
        return hidden[of] @ read + 0.1 * torch.randn(len(of), 32, generator=generator)

    captions = [
        Captions(pairs, said(pairs.image_of), photos, photos, photos[pairs.image_of]),
        Captions(pairs, said(pairs.image_of), photos, photos),
    ]
    things = np.tile(np.arange(PHOTOS), 2)
    return LanguageMaterial(captions, Sayings(said(things), photos[things], things))


def fresh() -> ResidualHead:
    return ResidualHead(HeadConfig(dim_in=32, hidden=16, dim_out=DIM, dropout=0.1))


def found(head: ResidualHead, captions: Captions) -> float:
    """The share of captions whose photo is the first of all."""
    with torch.inference_mode():
        best = (head(captions.texts) @ captions.photos.T).argmax(dim=1)
    return float((best.numpy() == captions.pairs.image_of).mean())


def test_a_head_learns_to_find_the_photos_in_each_language() -> None:
    head, learnt = fresh(), material()
    stage = LanguagesStage(steps=60, captions=20, names=40, learning_rate=1e-2)
    train_text_head(head, learnt, stage, seed=0)
    assert not head.training
    for captions in learnt.captions:
        assert found(head, captions) > 0.9


def test_the_same_seed_makes_the_same_head() -> None:
    heads = [fresh(), fresh(), fresh()]
    for head, seed in zip(heads, (1, 1, 2), strict=True):
        train_text_head(head, material(), SHORT, seed)
    first, same, other = (head.linear.weight for head in heads)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_loss_that_is_no_number_is_said() -> None:
    learnt = material()
    learnt.captions[0].photos[:] = float("nan")
    with pytest.raises(KnownError, match=r"no longer a number at step 1 of 3; .* languages"):
        train_text_head(fresh(), learnt, SHORT, seed=0)
