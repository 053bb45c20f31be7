"""Models at tiny widths in open_clip's format: its own code, random weights."""

import functools
import json
from pathlib import Path
from typing import Any

import open_clip
import safetensors.torch
import torch
import transformers
from timm.models import eva, fastvit, generate_default_cfgs, register_model

from tests.helpers.tiny_hub import WIDTHS, xlm_roberta_pieces

IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
VIT = {"image_size": 64, "layers": 2, "width": 128, "patch_size": 16}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
SQUASHED = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bilinear", "resize_mode": "squash"}
BARE = {"mean": [0.0] * 3, "std": [1.0] * 3, "interpolation": "bilinear", "resize_mode": "shortest"}


# What timm says of the two networks below.
default_cfgs = generate_default_cfgs(
    {"shallow_pe_core": {"classifier": "head"}, "shallow_mobile_clip": {"classifier": "head.fc"}}
)


@register_model
def shallow_pe_core(pretrained: bool = False, **options: Any) -> Any:
    """timm's smallest PE-Core with a sixth of its layers: to export all of them takes 20 seconds."""
    return eva.vit_pe_core_tiny_patch16_384(pretrained, depth=2, **options)


@register_model
def shallow_mobile_clip(pretrained: bool = False, **options: Any) -> Any:
    """timm's smallest image side of MobileCLIP2 with one layer of each kind."""
    return fastvit.fastvit_mci0(pretrained, layers=(1, 1, 1, 1), **options)


def _timm(name: str, size: int, pool: str) -> dict[str, Any]:
    return {
        "image_size": size,
        "timm_model_name": name,
        "timm_model_pretrained": False,
        "timm_pool": pool,
        "timm_proj": None,
    }


# By kind: what open_clip_config.json says.
KINDS: dict[str, dict[str, Any]] = {
    "ViT": {"model_cfg": {"embed_dim": 32, "vision_cfg": VIT, "text_cfg": TEXT}},
    "ViT, quick": {
        "model_cfg": {"embed_dim": 32, "quick_gelu": True, "vision_cfg": VIT, "text_cfg": TEXT},
        "preprocess_cfg": {**IMAGENET, "interpolation": "bicubic", "resize_mode": "shortest"},
    },
    "XLM-R": {
        "model_cfg": {
            "embed_dim": 32,
            "vision_cfg": VIT,
            "text_cfg": {
                "hf_model_name": "xlm-roberta-base",
                "hf_tokenizer_name": "xlm-roberta-base",
                "hf_pooler_type": "mean_pooler",
            },
        },
    },
    "PE-Core": {
        "model_cfg": {
            "embed_dim": 32,
            "vision_cfg": _timm("shallow_pe_core", 384, "map"),
            "text_cfg": {**TEXT, "context_length": 32},
            "custom_text": True,
        },
        "preprocess_cfg": SQUASHED,
    },
    "MobileCLIP2": {
        "model_cfg": {
            "embed_dim": 32,
            "vision_cfg": {
                **_timm("shallow_mobile_clip", 256, "avg"),
                "timm_drop": 0.0,
                "timm_drop_path": 0.0,
            },
            "text_cfg": {**TEXT, "no_causal_mask": True},
            "custom_text": True,
        },
        "preprocess_cfg": BARE,
    },
}


def make_open_clip(folder: Path, kind: str = "ViT", seed: int = 0) -> Any:
    """Write a model as `open_clip.push_to_hf_hub` does, without the pickle; -> open_clip's own network.

    Its weights are numbers of half precision.
    """
    folder.mkdir(parents=True)
    described = KINDS[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _built(described["model_cfg"], folder.parent)
        deep = kind in ("PE-Core", "MobileCLIP2")  # whose weights are timm's own random ones
        for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
            if not tensor.is_floating_point() or "attn_mask" in name:
                continue
            if name.endswith("running_var") or (name.endswith("weight") and tensor.ndim == 1):
                tensor.data.uniform_(0.5, 1.5)
            elif name.endswith(("running_mean", "bias")) and tensor.ndim == 1:
                tensor.data.normal_(std=0.1)
            elif tensor.ndim > 1 and not (deep and name.startswith("visual")):
                tensor.data.normal_(std=1.5 * (tensor.numel() / len(tensor)) ** -0.5)
            tensor.data = tensor.data.half().float()
        network.logit_scale.data.fill_(4.2)
    weights = {name: value.contiguous().clone() for name, value in network.state_dict().items()}
    safetensors.torch.save_file(weights, folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps(described))
    if kind == "XLM-R":
        xlm_roberta_pieces(folder)
    else:
        clip_tokenizer().save_pretrained(folder)
    return network.eval()


def _built(config: dict[str, Any], place: Path) -> Any:
    text = config["text_cfg"]
    if "hf_model_name" not in text:
        build = open_clip.CustomTextCLIP if config.get("custom_text") else open_clip.CLIP
        return build(**{key: value for key, value in config.items() if key != "custom_text"})
    # open_clip asks the hub for the text network's config, or reads a folder.
    sizes = {**WIDTHS, "hidden_size": 128, "num_attention_heads": 2, "max_position_embeddings": 100}
    roberta = transformers.XLMRobertaConfig(vocab_size=300, type_vocab_size=1, **sizes)
    roberta.save_pretrained(place / text["hf_model_name"])
    local = {**text, "hf_model_name": str(place / text["hf_model_name"]), "hf_model_pretrained": False}
    return open_clip.CustomTextCLIP(**{**config, "text_cfg": local})


@functools.cache
def clip_tokenizer() -> Any:
    """CLIP's tokenizer in transformers' form, of the vocabulary that comes with open_clip."""
    own = open_clip.SimpleTokenizer()
    merges = [" ".join(pair) for pair in own.bpe_ranks]
    vocabulary = {
        piece.replace("<start_of_text>", "<|startoftext|>").replace("<end_of_text>", "<|endoftext|>"): number
        for piece, number in own.encoder.items()
    }
    return transformers.CLIPTokenizer(vocab=vocabulary, merges=[tuple(merge.split(" ")) for merge in merges])
