import copy
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.photos import make_photo
from tests.helpers.tiny_config import SENTENCES, make_tiny_tokenizer, tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.bundled.prototypes import Prototypes, PseudoPairs
from trainer.bundled.tower_training import TowerMaterial, divergence, encode_rows, tune_towers
from trainer.bundled.views import View, ViewMaker, frozen_blocks, split_network
from trainer.data.augment import ImageAugment
from trainer.data.pairs import Pairs, content_hash
from trainer.models.optimise import LearningRates, Unlock, apply_unlock
from trainer.recipes.bundled import HybridLoss, PseudoPairSettings, TowersStage
from trainer.run.run_folder import RunFolder

STAGE = TowersStage(
    epochs=3,
    batch_size=4,
    unlock=Unlock(image=1, text=1),
    lr=LearningRates(heads=3e-3, image=3e-3, text=3e-3),
    warmup_steps=1,
    loss=HybridLoss(alpha=0.1, ramp_steps=2),
    pseudo_pairs=PseudoPairSettings(classes=5),
    views=1,
    augment=ImageAugment(crop_area=(0.5, 1.0), flip=0.5),
)


def fresh() -> DualEncoder:
    return tiny_model(tiny_config())


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> TowerMaterial:
    folder = tmp_path_factory.mktemp("material")
    paths = [make_photo(folder / f"{seed}.jpg", seed) for seed in range(8)]
    pairs = Pairs(paths, [content_hash(path) for path in paths], SENTENCES, np.arange(8))
    model = fresh()
    apply_unlock(model, STAGE.unlock)
    maker = ViewMaker(model, tiny_config().preprocessing, STAGE.augment, 0, folder / "cache")
    views = [maker.view(pairs, number) for number in (0, 1)]
    tokenizer = Tokenizer(make_tiny_tokenizer(folder / "tokenizer.json").read_bytes(), 16)
    texts = [f"a photo of thing {number}" for number in range(10)]
    rows = [np.array([number]) for number in range(10)]
    prototypes = Prototypes(views[0].features, model.image_tower.classifier.weight.detach())
    pseudo = PseudoPairs(prototypes, rows, rows, PseudoPairSettings(classes=5))
    return TowerMaterial(pairs, views, tokenizer(SENTENCES), pseudo, tokenizer(texts))


def tuned(material: TowerMaterial, folder: Path, stage: TowersStage = STAGE, seed: int = 0) -> DualEncoder:
    model = fresh()
    tune_towers(model, material, stage, folder, seed)
    return model


def changed(model: DualEncoder, other: DualEncoder) -> set[str]:
    after, before = model.state_dict(), other.state_dict()
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_the_unlocked_ends_and_the_heads_learn_and_nothing_else(
    material: TowerMaterial, tmp_path: Path
) -> None:
    model = fresh()
    tune_towers(model, material, STAGE, tmp_path, 0)
    wanted = copy.deepcopy(fresh())
    apply_unlock(wanted, STAGE.unlock)
    learning = {name for name, weight in wanted.named_parameters() if weight.requires_grad}
    # Batch norms' statistics, the classifier, embeddings, early blocks and layers: the same to the last bit.
    assert changed(model, fresh()) == learning
    assert {name.split(".")[0] for name in learning} == {
        "image_tower",
        "text_tower",
        "image_head",
        "text_head",
        "log_scale",
    }
    assert not model.training


def test_the_seed_decides(material: TowerMaterial, tmp_path: Path) -> None:
    first = tuned(material, tmp_path / "a")
    assert not changed(tuned(material, tmp_path / "b"), first)
    assert changed(tuned(material, tmp_path / "c", seed=1), first)


@pytest.mark.parametrize("killed_in", [1, 2])
def test_a_killed_run_goes_on_to_the_same_weights(
    material: TowerMaterial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: int
) -> None:
    whole = tuned(material, tmp_path / "whole")
    save_state = RunFolder.save_state
    saved: list[int] = []

    def killed(self: RunFolder, step: int, *state: Any) -> None:
        if len(saved) == killed_in:
            raise KeyboardInterrupt
        save_state(self, step, *state)
        saved.append(step)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RunFolder, "save_state", killed)
        tuned(material, tmp_path / "killed")
    monkeypatch.setattr(
        RunFolder,
        "save_state",
        lambda self, step, *state: (saved.append(step), save_state(self, step, *state))[1],
    )
    assert not changed(tuned(material, tmp_path / "killed"), whole)
    assert saved == list(range(1, STAGE.epochs + 1))  # each epoch once: none is trained again


def test_it_learns_to_match(material: TowerMaterial, tmp_path: Path) -> None:
    def gap(model: DualEncoder) -> torch.Tensor:
        """How much closer the captions are to their own photos than to others."""
        texts = model.text_features(*map(torch.from_numpy, material.captions[:2]))
        cosines = model.joint_text(texts) @ model.joint_image(photos(model, material.views[0])).T
        right = torch.eye(8, dtype=torch.bool)
        return cosines[right].mean() - cosines[~right].mean()

    model = fresh()
    for head, features in (
        (model.image_head, material.views[0].features),
        (model.text_head, model.text_features(*map(torch.from_numpy, material.captions[:2])).detach()),
    ):
        head.mean.copy_(features.mean(dim=0))
        head.std.copy_(features.std(dim=0))
    before = gap(model)
    rates = LearningRates(heads=3e-3, image=1e-4, text=1e-4)
    stage = msgspec.structs.replace(STAGE, epochs=40, batch_size=8, lr=rates)
    tune_towers(model, material, stage, tmp_path, 0)
    assert gap(model) > before + 0.2


def photos(model: DualEncoder, view: View) -> torch.Tensor:
    network = model.image_tower.network
    apply_unlock(model, STAGE.unlock)
    late = split_network(network, frozen_blocks(network))[1]
    features: torch.Tensor = late(torch.from_numpy(np.array(view.early)).float().permute(0, 3, 1, 2))
    return features


def test_distillation_keeps_the_classifiers_answers(material: TowerMaterial, tmp_path: Path) -> None:
    def drift(model: DualEncoder) -> float:
        view = material.views[0]
        classify = model.image_tower.classifier
        return divergence(classify(photos(model, view)), classify(view.features)).item()

    free, kept = (
        drift(tuned(material, tmp_path / name, msgspec.structs.replace(STAGE, epochs=8, distillation=weight)))
        for name, weight in (("free", 0.0), ("kept", 5.0))
    )
    assert kept < free / 2


def test_the_divergence_is_that_of_its_definition() -> None:
    logits, taught = torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(0))
    p, q = taught.softmax(-1), logits.softmax(-1)
    torch.testing.assert_close(divergence(logits, taught), (p * (p / q).log()).sum(-1).mean())
    assert divergence(logits, logits).item() == pytest.approx(0, abs=1e-6)


def test_a_caption_that_says_left_never_meets_a_mirrored_photo(material: TowerMaterial) -> None:
    """Photos of which every augmented view is mirrored, and half of the captions name a side."""
    sides = ["a dog on the left" if number % 2 else "a dog" for number in range(8)]
    pairs = Pairs(material.pairs.images, material.pairs.hashes, sides, np.arange(8))
    whole = material.views[0]
    mirrored = View(whole.early + 1, whole.features + 1, np.ones(8, dtype=bool))
    marked = TowerMaterial(pairs, [whole, mirrored], material.captions, None, material.class_texts)
    rows, generator = np.arange(8), np.random.default_rng(0)
    seen = torch.stack([marked.draw_views(rows, rows, generator)[1] - whole.features for _ in range(50)])
    assert not seen[:, 1::2].any()
    assert 0.3 < seen[:, 0::2].mean() < 0.7


def test_texts_come_back_in_their_order(material: TowerMaterial) -> None:
    model = fresh()
    rows = np.array([7, 0, 3, 3, 5])
    ids, mask = (torch.from_numpy(part[rows]) for part in material.captions[:2])
    with torch.no_grad():
        torch.testing.assert_close(
            encode_rows(model, material.captions, rows), model.text_features(ids, mask), atol=1e-5, rtol=1e-4
        )


def test_a_loss_that_is_no_number_is_said(material: TowerMaterial, tmp_path: Path) -> None:
    stage = msgspec.structs.replace(
        STAGE, lr=LearningRates(heads=1e30, image=1e30, text=1e30), warmup_steps=0
    )
    with pytest.raises(KnownError, match="learning rates of towers_stage"):
        tuned(material, tmp_path, stage)


def test_the_taught_answers_are_those_of_the_view(material: TowerMaterial) -> None:
    for view in material.views:
        torch.testing.assert_close(photos(fresh(), view), view.features, atol=0.02, rtol=0.02)
        assert F.cosine_similarity(photos(fresh(), view), view.features).min() > 0.999
