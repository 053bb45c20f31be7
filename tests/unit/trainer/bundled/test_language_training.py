import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.config import HeadConfig
from photosearch.models.tokenizer import Tokenizer, Tokens
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.heads import ResidualHead
from tests.helpers.e5_model import write_e5
from tests.helpers.multilingual_model import multilingual_config
from tests.helpers.tiny_model import tiny_model
from trainer.bundled.language_training import (
    Captions,
    LanguageMaterial,
    Sayings,
    Texts,
    train_text_head,
    tune_text_tower,
)
from trainer.data.pairs import Pairs
from trainer.models.precision import Precision
from trainer.models.pretrained.e5_file import E5File, read_e5
from trainer.recipes.bundled import LanguagesStage, LanguageSteps, LanguageTower
from trainer.run.run_folder import RunFolder

PHOTOS, DIM = 40, 24
NO_TOKENS = Tokens(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int64), np.zeros(0, np.bool_))
SHORT = LanguageSteps(steps=3, captions=20, names=40, sentences=10)
TOWER = LanguageTower(
    steps=2,
    rounds=3,
    captions=2,
    names=3,
    sentences=2,
    layers=1,
    tower_learning_rate=1e-2,
)


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

    def said(of: np.ndarray[Any, Any]) -> Texts:
        noise = 0.1 * torch.randn(len(of), 32, generator=generator)
        return Texts(NO_TOKENS, hidden[of] @ read + noise)

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
        best = (head(captions.texts.features) @ captions.photos.T).argmax(dim=1)
    return float((best.numpy() == captions.pairs.image_of).mean())


def test_a_head_learns_to_find_the_photos_in_each_language() -> None:
    head, learnt = fresh(), material()
    steps = LanguageSteps(steps=60, captions=20, names=40, learning_rate=1e-2)
    train_text_head(head, learnt, LanguagesStage(head=steps), seed=0)
    assert not head.training
    for captions in learnt.captions:
        assert found(head, captions) > 0.9


def test_the_same_seed_makes_the_same_head() -> None:
    heads = [fresh(), fresh(), fresh()]
    for head, seed in zip(heads, (1, 1, 2), strict=True):
        train_text_head(head, material(), LanguagesStage(head=SHORT), seed)
    first, same, other = (head.linear.weight for head in heads)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_loss_that_is_no_number_is_said() -> None:
    learnt = material()
    learnt.captions[0].photos[:] = float("nan")
    with pytest.raises(KnownError, match=r"no longer a number at step 1 of 3; .* languages\.head"):
        train_text_head(fresh(), learnt, LanguagesStage(head=SHORT), seed=0)


@pytest.fixture
def file(tmp_path: Path) -> E5File:
    write_e5(tmp_path / "e5.bin")
    return read_e5(tmp_path / "e5.bin")


def spoken(file: E5File) -> DualEncoder:
    """A tiny model whose text tower can learn."""
    model = tiny_model(multilingual_config(file))
    model.text_tower = file.tower().eval()
    return model


def read_by(model: DualEncoder, file: E5File) -> LanguageMaterial:
    """Captions, names and sentences as that model's tower reads them."""
    tokenizer = Tokenizer(file.tokenizer(), 16)

    def texts(some: list[str]) -> Texts:
        tokens = tokenizer(some)
        with torch.inference_mode():
            return Texts(
                tokens, model.text_features(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask))
            )

    english, chinese = ["two dogs", "dog on beach", "two", "beach"], ["两只狗", "海滩上的狗", "两只", "海滩"]
    generator = torch.Generator().manual_seed(0)
    photos, taught = (
        F.normalize(torch.randn(size, model.bank.shape[1], generator=generator), dim=-1) for size in (4, 4)
    )
    return LanguageMaterial(
        [
            Captions(pairs_of(4, english), texts(english), photos, photos, taught),
            Captions(pairs_of(4, chinese), texts(chinese), photos, photos),
        ],
        Sayings(texts(["dog", "狗", "chien", "beach"]), taught, np.array([0, 0, 0, 1])),
        Sayings(texts(["two dogs on beach", "beach on two"]), taught[:2], np.arange(2)),
    )


def tuned(file: E5File, folder: Path, precision: Precision = "float32") -> DualEncoder:
    model = spoken(file)
    stage = LanguagesStage(tower=TOWER, precision=precision)
    tune_text_tower(model, read_by(model, file), stage, TOWER, folder, seed=0)
    return model


def changed(model: DualEncoder, other: DualEncoder) -> set[str]:
    after, before = model.state_dict(), other.state_dict()
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_the_last_layers_and_the_head_learn_and_no_photo_changes(file: E5File, tmp_path: Path) -> None:
    names = changed(tuned(file, tmp_path), spoken(file))
    assert {name for name in names if not name.startswith("text_tower.network.encoder.layer.1.")} == {
        name for name, _ in spoken(file).named_parameters() if name.startswith("text_head.")
    }
    assert "text_tower.network.encoder.layer.1.output.dense.weight" in names


def test_a_tuning_that_was_killed_goes_on_to_the_same_weights(
    file: E5File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tuned(file, tmp_path / "whole")
    save_state = RunFolder.save_state

    def killed(self: RunFolder, step: int, *state: Any) -> None:
        if step == 2:
            raise KeyboardInterrupt
        save_state(self, step, *state)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RunFolder, "save_state", killed)
        tuned(file, tmp_path / "killed")
    assert not changed(tuned(file, tmp_path / "killed"), whole)


def test_bfloat16_is_near_to_float32(file: E5File, tmp_path: Path) -> None:
    exact = tuned(file, tmp_path / "exact")
    near = tuned(file, tmp_path / "near", "bf16")
    before = copy.deepcopy(spoken(file))
    moved, apart = (
        (model.text_head.linear.weight - other.text_head.linear.weight).norm()
        for model, other in ((exact, before), (near, exact))
    )
    assert apart < moved / 2
