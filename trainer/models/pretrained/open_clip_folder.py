"""Models in open_clip's format, put together of networks that we have: what is not the very same is refused.

The image network is timm's, be it open_clip's own ViT or one that open_clip takes from timm. The text network
is transformers': CLIP's, SigLIP's where each token sees all others, or RoBERTa where `hf_model_name` says so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import safetensors.torch
import timm
from safetensors import SafetensorError
from timm.models.vision_transformer import checkpoint_filter_fn
from torch import Tensor

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import HeadConfig, ImageTowerConfig, TextTowerConfig, ViTConfig
from photosearch.models.torch.bounds import refuse_out_of_bounds
from photosearch.models.torch.sketch import sketched
from photosearch.models.torch.towers import ImageTower
from trainer.models.folders import OPEN_CLIP, read_json
from trainer.models.pretrained.hub_card import languages_of, licence_of
from trainer.models.pretrained.hub_download import OPEN_CLIP_WEIGHTS, no_safetensors
from trainer.models.pretrained.hub_folder import PARTS, WHOLE
from trainer.models.pretrained.hub_tokenizer import tokenizer_bytes
from trainer.models.pretrained.image_network import image_dim

CLIP_VIT, CLIP_VIT_QUICK = "vit_base_patch32_clip_224", "vit_base_patch32_clip_quickgelu_224"
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
CONTEXT = 77  # tokens, where a config says nothing
HEAD_WIDTH = 64
# What a part of a config may say, with what is meant where it says nothing; all else changes the network.
MODEL = {
    "embed_dim",
    "vision_cfg",
    "text_cfg",
    "quick_gelu",
    "custom_text",
    "init_logit_scale",
    "init_logit_bias",
}
VIT = {"image_size", "layers", "width", "head_width", "patch_size", "mlp_ratio", "patch_dropout"}
TIMM = {"image_size", "timm_model_name", "timm_model_pretrained", "timm_pool", "timm_proj", "timm_drop"}
TIMM |= {"timm_drop_path", "timm_proj_bias"}
TEXT = {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "no_causal_mask", "pad_id"}
TEXT |= {"pool_type", "eos_id", "proj_bias", "hf_tokenizer_name"}
HF_TEXT = {"hf_model_name", "hf_tokenizer_name", "hf_pooler_type", "hf_proj_type", "hf_model_pretrained"}
HF_TEXT |= {"context_length"}
HF_TYPES = ("xlm-roberta", "roberta")  # by how `hf_model_name` begins
NORM_EPS = 1e-5  # torch's
# What is raised over values that make no network.
UNREADABLE = (msgspec.ValidationError, KeyError, TypeError, ValueError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class Part:
    """A tower with its head, and the weights of both."""

    tower: Any  # ImageTowerConfig or TextTowerConfig
    head: HeadConfig
    network: dict[str, Tensor]
    projection: dict[str, Tensor]


@dataclass(frozen=True)
class OpenClipBase:
    """A whole dual encoder of open_clip with its tokenizer."""

    image: Part
    text: Part
    preprocessing: Preprocessing
    tokenizer: bytes
    longest: int  # tokens that its own training cut texts to
    reads_padding: bool  # as any token; its texts are all padded to `longest`
    log_scale: float
    bias: float | None  # that is added to the logits; None: none is
    licence: str
    languages: tuple[str, ...]


def is_open_clip(folder: Path) -> bool:
    """Whether a folder is in open_clip's format, and has not transformers' beside it."""
    other = (folder / "config.json").is_file() and any((folder / name).is_file() for name in (WHOLE, PARTS))
    return (folder / OPEN_CLIP).is_file() and not other


def open_clip_base(folder: Path, source: str) -> OpenClipBase:
    """What a folder in open_clip's format holds.

    Raises:
        KnownError: a file is missing or damaged, or it is a network that we do not have.
    """
    described = read_json(folder / OPEN_CLIP)
    refuse_out_of_bounds(described, source, OPEN_CLIP)
    weights = _weights(folder, source)
    try:
        reader = _Reader(source, _mapping(described.get("model_cfg", described)), weights)
        preprocessing = reader.preprocessing(_mapping(described.get("preprocess_cfg", {})))
        return OpenClipBase(
            reader.image(preprocessing),
            reader.text(),
            preprocessing,
            reader.tokenizer(folder),
            reader.context,
            bool(reader.text_cfg.get("no_causal_mask")),
            float(weights["logit_scale"].item()),
            float(weights["logit_bias"].item()) if "logit_bias" in weights else None,
            licence_of(folder),
            languages_of(folder, {"model_type": "clip", "text_config": {"vocab_size": reader.vocabulary}}),
        )
    except UNREADABLE as error:
        raise KnownError("{source} cannot be loaded: {reason}", source=source, reason=error) from error


def photos_side(config: dict[str, Any]) -> ImageTowerConfig:
    """The image network of a model of open_clip's, by its `model_cfg` alone.

    Raises:
        KnownError: it is one that we do not have.
    """
    source = "The model"
    try:
        return _Reader(source, config, {}).image_tower()
    except UNREADABLE as error:
        raise KnownError("{source} cannot be loaded: {reason}", source=source, reason=error) from error


class _Reader:
    def __init__(self, source: str, config: dict[str, Any], weights: dict[str, Tensor]) -> None:
        self._source, self._weights = source, weights
        self._allow("model_cfg", config, MODEL)
        self._dim = int(config["embed_dim"])
        self._quick = bool(config.get("quick_gelu"))
        self._vision = _mapping(config["vision_cfg"])
        self.text_cfg = _mapping(config["text_cfg"])
        self.context = int(self.text_cfg.get("context_length", CONTEXT))
        self.vocabulary = int(self.text_cfg.get("vocab_size", 0))

    def preprocessing(self, said: dict[str, Any]) -> Preprocessing:
        size = self._vision.get("image_size", 224)
        if not isinstance(size, int):
            height, width = size
            size = height if height == width else self._refuse("image_size", size)
        mode = said.get("resize_mode") or "shortest"
        if mode not in ("shortest", "squash"):
            self._refuse("resize_mode", mode)
        return msgspec.convert(
            {
                "size": size,
                "fit": "squash" if mode == "squash" else "crop",
                "interpolation": said.get("interpolation") or "bicubic",
                "mean": [255 * float(value) for value in said.get("mean") or CLIP_MEAN],
                "std": [255 * float(value) for value in said.get("std") or CLIP_STD],
                "half": "even",
            },
            Preprocessing,
        )

    def image_tower(self) -> ImageTowerConfig:
        """What open_clip's config says of the photos' side; no weights are looked at."""
        if name := self._vision.get("timm_model_name"):
            self._allow("vision_cfg", self._vision, TIMM)
            if not timm.is_model(name):
                raise KnownError("timm has no image network {name}.", name=repr(name))
            if (projects := self._vision.get("timm_proj", "linear")) not in (None, "", "linear"):
                self._refuse("timm_proj", projects)
            return ImageTowerConfig(name, image_dim(name))
        self._allow("vision_cfg", self._vision, VIT)
        width = int(self._vision.get("width", 768))
        return ImageTowerConfig(
            CLIP_VIT_QUICK if self._quick else CLIP_VIT,
            width,
            vit=ViTConfig(
                patch=int(self._vision.get("patch_size", 16)),
                width=width,
                depth=int(self._vision.get("layers", 12)),
                heads=width // int(self._vision.get("head_width", HEAD_WIDTH)),
                mlp_ratio=float(self._vision.get("mlp_ratio", 4.0)),
            ),
        )

    def image(self, preprocessing: Preprocessing) -> Part:
        tower = self.image_tower()
        if tower.vit:
            seen = {key: value for key, value in self._weights.items() if key.startswith("visual.")}
            shapes = [weight.shape for weight in seen.values()]
            sketch = sketched(lambda: ImageTower(tower, preprocessing), shapes, self._source)
            network = checkpoint_filter_fn(seen, sketch.network)
            projection = _linear(network.pop("head.weight"), network.pop("head.bias"))
        else:
            network = _without("visual.trunk.", self._weights)
            default: Any = timm.get_pretrained_cfg(tower.architecture)
            classifier = f"{default.classifier}."
            last = _without(classifier, network)
            if self._vision.get("timm_proj", "linear"):
                last = _without("visual.head.proj.", self._weights)
            network = {key: value for key, value in network.items() if not key.startswith(classifier)}
            projection = _linear(last["weight"], last.get("bias"))
        return Part(tower, self._linear_head(tower.dim), network, projection)

    def text(self) -> Part:
        return self._roberta() if self.text_cfg.get("hf_model_name") else self._transformer()

    def _transformer(self) -> Part:
        self._allow("text_cfg", self.text_cfg, TEXT)
        weights = _without("text.", self._weights) or self._weights
        sees_all = bool(self.text_cfg.get("no_causal_mask"))
        pool = self.text_cfg.get("pool_type", "argmax")
        if pool not in ("argmax", "eos"):
            self._refuse("pool_type", pool)
        width, vocabulary = int(self.text_cfg.get("width", 512)), int(self.text_cfg.get("vocab_size", 49_408))
        config = {
            "model_type": "siglip_text_model" if sees_all else "clip_text_model",
            "vocab_size": vocabulary,
            "hidden_size": width,
            "intermediate_size": int(width * float(self.text_cfg.get("mlp_ratio", 4.0))),
            "num_hidden_layers": int(self.text_cfg.get("layers", 12)),
            "num_attention_heads": int(self.text_cfg.get("heads", 8)),
            "max_position_embeddings": self.context,
            "hidden_act": "quick_gelu" if self._quick else "gelu",
            "layer_norm_eps": NORM_EPS,
            "bos_token_id": None,
            "pad_token_id": None,
            # Its tokenizer's end is the last of its vocabulary, which is what "argmax" finds.
            "eos_token_id": int(self.text_cfg["eos_id"]) if pool == "eos" else vocabulary - 1,
        }
        if self.text_cfg.get("proj_bias"):
            projection = _linear(weights["text_projection.weight"], weights["text_projection.bias"])
        else:
            projection = _linear(weights["text_projection"].T, None)
        tower = TextTowerConfig(config, width, pooling="end", normed=False)
        return Part(tower, self._linear_head(width), _as_transformers(weights), projection)

    def _roberta(self) -> Part:
        """RoBERTa, of the sizes that its weights have, with open_clip's MLP behind the mean of its tokens."""
        self._allow("text_cfg", self.text_cfg, HF_TEXT)
        name = str(self.text_cfg["hf_model_name"])
        model_type = next((kind for kind in HF_TYPES if Path(name).name.startswith(kind)), None)
        if model_type is None:
            self._refuse("hf_model_name", name)
        if (pooler := self.text_cfg.get("hf_pooler_type", "mean_pooler")) != "mean_pooler":
            self._refuse("hf_pooler_type", pooler)
        if (projects := self.text_cfg.get("hf_proj_type", "mlp")) != "mlp":
            self._refuse("hf_proj_type", projects)
        weights = _without("text.transformer.", self._weights)
        vocabulary, width = weights["embeddings.word_embeddings.weight"].shape
        config = {
            "model_type": model_type,
            "vocab_size": vocabulary,
            "hidden_size": width,
            "intermediate_size": len(weights["encoder.layer.0.intermediate.dense.bias"]),
            "num_hidden_layers": _count(r"encoder\.layer\.(\d+)\.", weights),
            "num_attention_heads": width // HEAD_WIDTH,
            "max_position_embeddings": len(weights["embeddings.position_embeddings.weight"]),
            "type_vocab_size": len(weights["embeddings.token_type_embeddings.weight"]),
            "layer_norm_eps": NORM_EPS,
            "bos_token_id": 0,
            "pad_token_id": 1,
            "eos_token_id": 2,
        }
        first, second = self._weights["text.proj.0.weight"], self._weights["text.proj.2.weight"]
        unused = ("pooler.", "embeddings.position_ids")  # what is made anew, or not read
        return Part(
            TextTowerConfig(config, width, normed=False),
            HeadConfig(width, len(first), self._dim, 0.0, "residual"),
            {key: value for key, value in weights.items() if not key.startswith(unused)},
            _mlp_alone(first, second),
        )

    def tokenizer(self, folder: Path) -> bytes:
        """As open_clip reads texts: its own tokenizer pads with 0, RoBERTa's with the second token."""
        for field in ("tokenizer_kwargs", "tokenizer_mode"):
            if self.text_cfg.get(field):
                self._refuse(field, self.text_cfg[field])
        pad_id = None
        if self.text_cfg.get("hf_model_name"):
            pad_id = 1
        elif not self.text_cfg.get("hf_tokenizer_name"):
            pad_id = int(self.text_cfg.get("pad_id", 0))
        return tokenizer_bytes(folder, self._source, side="right", pad_id=pad_id)

    def _linear_head(self, width: int) -> HeadConfig:
        return HeadConfig(width, 0, self._dim, 0.0, "linear")

    def _allow(self, part: str, said: Mapping[str, Any], allowed: set[str]) -> None:
        for field in sorted(said.keys() - allowed):
            if said[field] not in (None, False, "", {}):
                self._refuse(f"{part}.{field}", said[field])

    def _refuse(self, field: str, value: object) -> NoReturn:
        raise KnownError(
            "{source} is a network of open_clip's that is not supported: its {file} has {field} = {value}; "
            "name another model.",
            source=self._source,
            file=OPEN_CLIP,
            field=field,
            value=value,
        )


def _weights(folder: Path, source: str) -> dict[str, Tensor]:
    """In float32."""
    if not (folder / OPEN_CLIP_WEIGHTS).is_file():
        raise no_safetensors(source)
    try:
        found = safetensors.torch.load_file(folder / OPEN_CLIP_WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise KnownError("{source} cannot be loaded: {reason}", source=source, reason=error) from error
    return {name: value.float() if value.is_floating_point() else value for name, value in found.items()}


def _mapping(value: object) -> dict[str, Any]:
    return msgspec.convert(value, dict[str, Any])


def _without(prefix: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those whose names begin so, by the rest of their names."""
    return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}


def _count(pattern: str, names: Iterable[str]) -> int:
    """How many different numbers there are in names."""
    return len({found[1] for name in names if (found := re.match(pattern, name))})


def _linear(weight: Tensor, bias: Tensor | None) -> dict[str, Tensor]:
    """Of a LinearHead."""
    return {
        "1.weight": weight.contiguous(),
        "1.bias": weight.new_zeros(len(weight)) if bias is None else bias,
    }


def _mlp_alone(first: Tensor, second: Tensor) -> dict[str, Tensor]:
    """Of a ResidualHead whose linear map gives nothing, over features as they are."""
    hidden, width = first.shape
    dim = len(second)
    return {
        "mean": first.new_zeros(width),
        "std": first.new_ones(width),
        "linear.weight": first.new_zeros(dim, width),
        "linear.bias": first.new_zeros(dim),
        "mlp.0.weight": first,
        "mlp.0.bias": first.new_zeros(hidden),
        "mlp.3.weight": second,
        "mlp.3.bias": first.new_zeros(dim),
    }


def _as_transformers(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """open_clip's text transformer by the names of transformers' CLIP, whose three projections are apart."""
    renamed = {
        "embeddings.token_embedding.weight": weights["token_embedding.weight"],
        "embeddings.position_embedding.weight": weights["positional_embedding"],
        "final_layer_norm.weight": weights["ln_final.weight"],
        "final_layer_norm.bias": weights["ln_final.bias"],
    }
    parts = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj"}
    parts |= {"mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}
    for layer in range(_count(r"transformer\.resblocks\.(\d+)\.", weights)):
        ours, theirs = f"encoder.layers.{layer}", f"transformer.resblocks.{layer}"
        for kind in ("weight", "bias"):
            for old, new in parts.items():
                renamed[f"{ours}.{new}.{kind}"] = weights[f"{theirs}.{old}.{kind}"]
            thirds = weights[f"{theirs}.attn.in_proj_{kind}"].chunk(3)
            for name, third in zip("qkv", thirds, strict=True):
                renamed[f"{ours}.self_attn.{name}_proj.{kind}"] = third
    return renamed
