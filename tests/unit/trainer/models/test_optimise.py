import builtins
import copy
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.tiny_hub import IMAGE_KINDS, TEXT_KINDS, make_hub_image, make_hub_text, make_hub_whole
from trainer.models.build import Built, Towers, build, load_any
from trainer.models.optimise import (
    ATTENTION,
    LearningRates,
    Lora,
    Unlock,
    WeightDecay,
    apply_unlock,
    layer_depths,
    merge_lora,
    parameter_groups,
    train_mode,
)

PAIRS = [("test_resnet", "distilbert"), ("test_vit", "roberta"), ("test_efficientnet", "bert")]
WHOLE = ("clip", "siglip", "align")
IMAGES = torch.randint(0, 256, (4, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
TEXTS = ["a photo of a cat", "two dogs run", "a red flower", "a rocket at night"]
RATES = LearningRates(heads=1e-2, image=1e-3, text=1e-3)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    root: Path = tmp_path_factory.mktemp("sources")
    for kind in TEXT_KINDS:
        make_hub_text(root / kind, kind)
    for kind in IMAGE_KINDS:
        make_hub_image(root / kind, kind)
    built = {
        image: build(Towers(image=str(root / image), text=str(root / text), size=64, dim=16), seed=0)
        for image, text in PAIRS
    }
    return built | {family: load_any(str(make_hub_whole(root / family, family))) for family in WHOLE}


@pytest.fixture(params=[*IMAGE_KINDS, *WHOLE])
def built(request: pytest.FixtureRequest, sources: dict[str, Built]) -> Built:
    """A fresh copy of each kind of model, which a test may train."""
    source = sources[request.param]
    return Built(copy.deepcopy(source.model), source.config, source.tokenizer)


def loss(built: Built) -> Tensor:
    ids, mask, _ = built.tokenizer(TEXTS)
    images = built.model.encode_image(IMAGES)
    texts = built.model.encode_text(torch.from_numpy(ids), torch.from_numpy(mask))
    return F.cross_entropy(built.model.scale * images @ texts.T, torch.arange(4))


def train(built: Built, unlock: Unlock, steps: int = 2) -> None:
    apply_unlock(built.model, unlock)
    optimizer = torch.optim.AdamW(parameter_groups(built.model, RATES, weight_decay=0.1))
    for _ in range(steps):
        train_mode(built.model, unlock)
        optimizer.zero_grad()
        loss(built).backward()
        optimizer.step()


def state(model: DualEncoder, prefix: str = "") -> dict[str, Tensor]:
    return {name: t.clone() for name, t in model.state_dict().items() if name.startswith(prefix)}


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    return {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}


@pytest.mark.parametrize("locked", ["image", "text"])
def test_a_locked_tower_is_byte_identical_after_training_statistics_included(built, locked: str):
    for module in built.model.modules():  # what would move a batch norm by much
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 0.5
    before = state(built.model)
    train(built, msgspec.convert({locked: "none", "batch_norm": "train"}, Unlock))
    moved = changed(before, state(built.model))
    assert not any(name.startswith(f"{locked}_tower.") for name in moved)
    other = "text" if locked == "image" else "image"
    assert any(name.startswith(f"{other}_tower.") for name in moved)
    assert "log_scale" in moved


def test_a_tower_that_learns_keeps_the_statistics_of_its_batch_norms(built):
    buffers = {name for name, _ in built.model.named_buffers()}
    before = state(built.model)
    train(built, Unlock())
    assert not changed(before, state(built.model)) & buffers


@pytest.mark.parametrize("name", ["test_resnet", "align"])
def test_batch_norms_may_be_asked_to_learn_their_statistics(sources, name: str):
    built = Built(copy.deepcopy(sources[name].model), sources[name].config, sources[name].tokenizer)
    before = state(built.model)
    train(built, Unlock(batch_norm="train"))
    assert any(name.endswith("running_mean") for name in changed(before, state(built.model)))


def test_dropout_is_off_in_a_locked_tower_and_on_in_one_that_learns(sources):
    model = copy.deepcopy(sources["test_vit"].model)
    unlock = Unlock(image="none", text=1)
    apply_unlock(model, unlock)
    train_mode(model, unlock)
    layers = model.text_tower.network.encoder.layer
    assert not any(module.training for module in model.image_tower.modules())
    assert not layers[0].attention.output.dropout.training
    assert layers[-1].attention.output.dropout.training


@pytest.mark.parametrize("count", [1, 2, 100])
def test_the_last_layers_learn_and_no_others(built, count: int):
    apply_unlock(built.model, Unlock(image=count, text=count))
    for tower in (built.model.image_tower, built.model.text_tower):
        depths = layer_depths(tower)
        deepest = max(depths.values())
        assert deepest >= 2
        for name, parameter in tower.named_parameters():
            assert parameter.requires_grad == (depths[name] > deepest - count)


@pytest.mark.parametrize(
    ("name", "side", "expected"),
    [
        ("test_resnet", "text", {"embeddings": 0, "transformer.layer.0": 1, "transformer.layer.2": 3}),
        ("test_resnet", "image", {"conv1": 0, "bn1": 0, "layer1": 1, "layer4": 4}),
        ("test_vit", "image", {"cls_token": 0, "patch_embed": 0, "blocks.0": 1, "blocks.5": 6, "norm": 6}),
        ("test_vit", "text", {"embeddings": 0, "encoder.layer.1": 2}),
        ("clip", "image", {"embeddings": 0, "pre_layrnorm": 0, "encoder.layers.1": 2, "post_layernorm": 3}),
        ("clip", "text", {"embeddings": 0, "encoder.layers.0": 1, "final_layer_norm": 3}),
        ("siglip", "image", {"encoder.layers.2": 3, "post_layernorm": 3, "head": 3}),
        ("siglip", "text", {"encoder.layers.2": 3, "head": 3}),
        ("align", "image", {"embeddings": 0, "encoder.blocks.0": 1}),
    ],
)
def test_a_layers_depth_is_its_place_behind_the_stem(sources, name: str, side: str, expected: dict[str, int]):
    depths = layer_depths(getattr(sources[name].model, f"{side}_tower"))
    for prefix, depth in expected.items():
        found = {d for parameter, d in depths.items() if parameter.startswith(f"network.{prefix}.")}
        found |= {d for parameter, d in depths.items() if parameter == f"network.{prefix}"}
        assert found == {depth}, prefix


def test_groups_hold_each_parameter_that_learns_once_and_say_which(built):
    apply_unlock(built.model, Unlock(image=2, text="none"))
    groups = parameter_groups(built.model, LearningRates(heads=1.0, image=0.1, text=0.01), 0.5, 0.05)
    held = [id(parameter) for group in groups for parameter in group["params"]]
    assert len(held) == len(set(held))
    assert set(held) == {id(p) for p in built.model.parameters() if p.requires_grad}
    names = [group["name"] for group in groups]
    assert len(names) == len(set(names)) and "scale" in names
    assert not any(name.startswith("text") for name in names)
    torch.optim.AdamW(groups)


def test_rates_fall_with_the_distance_from_the_last_layer(built):
    apply_unlock(built.model, Unlock())
    groups = parameter_groups(built.model, LearningRates(heads=1.0, image=0.1, text=0.01), layer_decay=0.5)
    for side, rate in (("image", 0.1), ("text", 0.01)):
        deepest = max(layer_depths(getattr(built.model, f"{side}_tower")).values())
        rates = {
            int(group["name"].split(".")[1]): group["lr"]
            for group in groups
            if group["name"].startswith(side)
        }
        assert rates == {
            depth: pytest.approx(rate * 0.5 ** (deepest - depth)) for depth in range(deepest + 1)
        }
    heads = {group["lr"] for group in groups if group["name"].split(".")[0] in ("heads", "scale")}
    assert heads == {1.0}


def test_each_part_may_have_a_weight_decay_of_its_own(built):
    apply_unlock(built.model, Unlock())
    groups = parameter_groups(
        built.model, LearningRates(), weight_decay=WeightDecay(0.3, image=0.0, text=0.1)
    )
    decays = {"heads": 0.3, "image": 0.0, "text": 0.1}
    for group in groups:
        part, _, rest = group["name"].partition(".")
        if part in decays and not rest.endswith("no_decay"):
            assert group["weight_decay"] == decays[part]


def test_norms_biases_and_the_scale_have_no_weight_decay(built):
    apply_unlock(built.model, Unlock())
    names = {id(parameter): name for name, parameter in built.model.named_parameters()}
    free = set()
    for group in parameter_groups(built.model, LearningRates(), weight_decay=0.05):
        assert group["weight_decay"] in (0.0, 0.05)
        if group["weight_decay"] == 0:
            free |= {names[id(parameter)] for parameter in group["params"]}
    for name, module in built.model.named_modules():
        if isinstance(module, torch.nn.LayerNorm | torch.nn.BatchNorm2d):
            assert {f"{name}.weight", f"{name}.bias"} <= free
    assert all(name in free for name in names.values() if name.endswith("bias") or name == "log_scale")
    assert "text_head.projection.weight" not in free


def test_lora_learns_beside_locked_weights_and_merges_into_them(built, tmp_path):
    layers = {name.rpartition(".")[2] for name, _ in built.model.image_tower.named_modules()}
    image = bool(layers & set(ATTENTION))  # a CNN has none
    lora = Lora(rank=2, dropout=0.0, image=image)
    unlock = Unlock(image="none", text="none", lora=lora)
    before = state(built.model)
    train(built, unlock, steps=3)
    learnt = [name for name, p in built.model.named_parameters() if p.requires_grad and "_tower" in name]
    assert learnt and all("lora_" in name for name in learnt)
    assert any(name.startswith("image_tower") for name in learnt) == image

    built.model.eval()
    with torch.no_grad():
        trained = loss(built)
    merged = Built(copy.deepcopy(built.model), built.config, built.tokenizer)
    merge_lora(merged.model)
    with torch.no_grad():
        torch.testing.assert_close(loss(merged), trained, atol=1e-4, rtol=1e-4)
    after = state(merged.model)
    assert after.keys() == before.keys()
    moved = {name for name in changed(before, after) if "_tower" in name}
    assert moved and all(name.split(".")[-2] in lora.targets for name in moved)
    checkpoint.save(tmp_path / "m", merged.model, merged.config, merged.tokenizer_bytes)
    checkpoint.load(tmp_path / "m")


def test_lora_has_groups_of_the_depth_where_it_stands(sources):
    model = copy.deepcopy(sources["clip"].model)
    apply_unlock(model, Unlock(image="none", text="none", lora=Lora()))
    groups = parameter_groups(model, LearningRates(), 0.5)
    names = {group["name"] for group in groups}
    assert names == {
        *(f"{side}.{depth}" for side in ("image", "text") for depth in (1, 2, 3)),
        "heads",
        "scale",
    }


def test_a_tower_without_attention_cannot_have_lora(sources):
    model = copy.deepcopy(sources["test_resnet"].model)
    with pytest.raises(
        KnownError, match=r"image tower has no layers that LoRA could update; set unlock\.lora\.image"
    ):
        apply_unlock(model, Unlock(image="none", text="none", lora=Lora()))


def test_without_peft_a_sentence_says_how_to_install_it(sources, monkeypatch):
    plain = builtins.__import__

    def no_peft(name: str, *args: object, **kwargs: object) -> object:
        if name == "peft":
            raise ImportError(name)
        return plain(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_peft)
    with pytest.raises(KnownError, match="pip install"):
        apply_unlock(copy.deepcopy(sources["clip"].model), Unlock(image="none", text="none", lora=Lora()))


@pytest.mark.parametrize(
    "values",
    [
        {"image": "some"},
        {"image": 0},
        {"text": -1},
        {"batch_norm": "off"},
        {"lora": {"rank": 0}, "image": "none", "text": "none"},
        {"lora": {}},
        {"lora": {"text": False}},
        {"surprise": 1},
    ],
)
def test_a_wrong_setting_is_refused_when_it_is_read(values: dict[str, object]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values, Unlock)
