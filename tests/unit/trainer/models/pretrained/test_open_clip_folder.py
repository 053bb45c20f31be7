import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch

from photosearch.core.errors import KnownError
from tests.helpers.tiny_hub import make_hub_whole
from tests.helpers.tiny_open_clip import make_open_clip
from trainer.models.build import load_any
from trainer.models.folders import OPEN_CLIP, is_checkpoint
from trainer.models.pretrained.hub_download import OPEN_CLIP_WEIGHTS
from trainer.models.pretrained.open_clip_folder import is_open_clip, open_clip_base


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_open_clip(tmp_path / "model", "XLM-R")
    return tmp_path / "model"


def described(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((folder / OPEN_CLIP).read_text())
    change(config)
    (folder / OPEN_CLIP).write_text(json.dumps(config))


def test_a_folder_is_open_clips_unless_transformers_form_is_beside_it(folder: Path, tmp_path: Path) -> None:
    assert is_open_clip(folder) and not is_checkpoint(folder)
    whole = make_hub_whole(tmp_path / "clip")
    assert not is_open_clip(whole)
    (whole / OPEN_CLIP).write_text((folder / OPEN_CLIP).read_text())
    assert not is_open_clip(whole)
    (whole / "model.safetensors").unlink()  # as where only a pickle is in transformers' form
    assert is_open_clip(whole)


def test_what_the_repository_says_of_itself_is_kept(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlicense: mit\nlanguage: [en, zh]\n---\n")
    config = load_any(str(folder)).config
    assert (config.licence, config.languages, config.name) == ("mit", ("en", "zh"), "model")
    assert (config.max_tokens, config.fixed_length, config.bias) == (77, False, False)
    assert (config.preprocessing.size, config.preprocessing.fit) == (64, "crop")
    assert config.text_tower.transformers["num_hidden_layers"] == 3


def test_a_bias_of_the_logits_is_kept(folder: Path) -> None:
    weights = safetensors.torch.load_file(folder / OPEN_CLIP_WEIGHTS)
    weights["logit_bias"] = weights["logit_scale"] * 0 - 9.5
    safetensors.torch.save_file(weights, folder / OPEN_CLIP_WEIGHTS)
    model = load_any(str(folder)).model
    assert model.bias.item() == -9.5


@pytest.mark.parametrize("part", ["vision_cfg", "text_cfg"])
def test_a_network_that_is_far_larger_than_its_weights_is_not_built(tmp_path: Path, part: str) -> None:
    folder = tmp_path / "model"
    make_open_clip(folder, "ViT")
    described(folder, lambda config: config["model_cfg"][part].update(layers=500, width=65_536))
    with pytest.raises(KnownError, match="asks for a far larger network than its weights are of"):
        load_any(str(folder))


REFUSED: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda c: c["model_cfg"]["vision_cfg"].update(pool_type="avg"), r"has vision_cfg\.pool_type = avg"),
    (lambda c: c["model_cfg"]["vision_cfg"].update(no_ln_pre=True), r"has vision_cfg\.no_ln_pre = True"),
    (lambda c: c["model_cfg"].update(multimodal_cfg={"width": 8}), r"has model_cfg\.multimodal_cfg = "),
    (
        lambda c: c["model_cfg"]["text_cfg"].update(hf_model_name="google/mt5"),
        "has hf_model_name = google/mt5",
    ),
    (lambda c: c["model_cfg"]["text_cfg"].update(hf_pooler_type="cls_pooler"), "hf_pooler_type = cls_pooler"),
    (lambda c: c["model_cfg"]["text_cfg"].update(hf_proj_type="linear"), "hf_proj_type = linear"),
    (lambda c: c["model_cfg"]["text_cfg"].update(tokenizer_kwargs={"clean": "x"}), "tokenizer_kwargs"),
    (lambda c: c["model_cfg"]["vision_cfg"].update(image_size=[64, 32]), r"has image_size = \[64, 32\]"),
    (lambda c: c.update(preprocess_cfg={"resize_mode": "longest"}), "has resize_mode = longest"),
    (
        lambda c: c["model_cfg"].update(vision_cfg={"timm_model_name": "hf-hub:a/b"}),
        "no image network 'hf-hub:a/b'",
    ),
    (
        lambda c: c["model_cfg"].update(vision_cfg={"timm_model_name": "test_vit", "timm_proj": "mlp"}),
        "timm_proj = mlp",
    ),
    (lambda c: c["model_cfg"]["vision_cfg"].update(width=64), "cannot be loaded"),
    (lambda c: c["model_cfg"].pop("embed_dim"), "cannot be loaded"),
    (lambda c: c.update(model_cfg=[]), "cannot be loaded"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_another_network_is_refused_by_what_says_so(
    folder: Path, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    described(folder, change)
    with pytest.raises(KnownError, match=sentence):
        load_any(str(folder))


def test_only_safetensors_are_read(folder: Path) -> None:
    (folder / OPEN_CLIP_WEIGHTS).rename(folder / "open_clip_pytorch_model.bin")
    with pytest.raises(KnownError, match="pickles are never loaded"):
        open_clip_base(folder, "x")
    (folder / OPEN_CLIP_WEIGHTS).write_bytes(b"none")
    with pytest.raises(KnownError, match="cannot be loaded"):
        open_clip_base(folder, "x")
