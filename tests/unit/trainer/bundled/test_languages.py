import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.config import HeadConfig
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.heads import ResidualHead
from tests.helpers.e5_model import PIECES, write_e5
from trainer.bundled.languages import Captions, Names, needed_pieces, train_text_head
from trainer.data.pairs import Pairs
from trainer.models.pretrained.e5_file import E5File, read_e5
from trainer.recipes.bundled import LanguagesStage

PHOTOS, DIM = 40, 24


@pytest.fixture
def file(tmp_path: Path) -> E5File:
    write_e5(tmp_path / "e5.bin")
    return read_e5(tmp_path / "e5.bin")


@pytest.fixture
def frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frequent words of two languages."""
    words = {"fr": ["chien", "dogs"], "zh": ["海滩", "狗"]}
    counted = SimpleNamespace(
        available_languages=lambda: words, top_n_list=lambda language, count: words[language][:count]
    )
    monkeypatch.setitem(sys.modules, "wordfreq", counted)


def material(seed: int = 0) -> tuple[list[Captions], Names]:
    """Photos of a hidden state each; captions of two languages and names are noisy views of theirs."""
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(PHOTOS, 12, generator=generator)
    space, read = (torch.randn(12, dim, generator=generator) for dim in (DIM, 32))
    photos = F.normalize(hidden @ space, dim=-1)
    image_of = np.repeat(np.arange(PHOTOS), 3)
    pairs = Pairs(
        [Path(str(i)) for i in range(PHOTOS)],
        [bytes([i]) for i in range(PHOTOS)],
        [""] * len(image_of),
        image_of,
    )
    texts = hidden[image_of] @ read + 0.1 * torch.randn(len(image_of), 32, generator=generator)
    others = hidden[image_of] @ read + 0.1 * torch.randn(len(image_of), 32, generator=generator)
    captions = [
        Captions(pairs, texts, photos, photos, photos[image_of]),
        Captions(pairs, others, photos, photos),
    ]
    things = np.tile(np.arange(PHOTOS), 2)
    named = hidden[things] @ read + 0.1 * torch.randn(len(things), 32, generator=generator)
    return captions, Names(named, photos[things], things)


def fresh() -> ResidualHead:
    return ResidualHead(HeadConfig(dim_in=32, hidden=16, dim_out=DIM, dropout=0.1))


def found(head: ResidualHead, captions: Captions) -> float:
    """The share of captions whose photo is the first of all."""
    with torch.inference_mode():
        best = (head(captions.features) @ captions.photos.T).argmax(dim=1)
    return float((best.numpy() == captions.pairs.image_of).mean())


def test_a_head_learns_to_find_the_photos_in_each_language() -> None:
    captions, names = material()
    head = fresh()
    train_text_head(
        head, captions, names, LanguagesStage(steps=60, captions=20, names=40, learning_rate=1e-2), seed=0
    )
    assert not head.training
    for some in captions:
        assert found(head, some) > 0.9


def test_the_same_seed_makes_the_same_head() -> None:
    captions, names = material()
    stage = LanguagesStage(steps=3, captions=20, names=40)
    heads = [fresh(), fresh(), fresh()]
    for head, seed in zip(heads, (1, 1, 2), strict=True):
        train_text_head(head, captions, names, stage, seed)
    first, same, other = (head.linear.weight for head in heads)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_loss_that_is_no_number_is_said() -> None:
    captions, names = material()
    captions[0].photos[0] = float("nan")
    with pytest.raises(KnownError, match="no longer a number at step 1 of 3"):
        train_text_head(fresh(), captions, names, LanguagesStage(steps=3, captions=40, names=40), seed=0)


@pytest.mark.usefixtures("frequent")
def test_pieces_are_kept_that_texts_and_frequent_words_need(file: E5File) -> None:
    def kept(texts: list[str], words: int) -> set[str]:
        return {PIECES[number][0] for number in needed_pieces(file, texts, words)}

    always = {"<s>", "</s>", "<pad>", "<unk>", "▁", ":", "上", "▁上", "的", "▁的", "狗", "▁狗", "▁que", "ry"}
    assert kept([], 1) == always | {"▁chien", "▁海滩"}
    assert kept(["two dogs"], 2) == always | {"▁chien", "▁海滩", "▁two", "▁dogs"}
    fewer = file.only(needed_pieces(file, ["two dogs"], 2))
    whole, pruned = (Tokenizer(some.tokenizer(), 16)(["two dogs 海滩"]).ids[0] for some in (file, fewer))
    assert [fewer.pieces[number] for number in pruned] == [file.pieces[number] for number in whole]
