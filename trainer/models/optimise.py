"""What of a model learns, and how fast: locked parts, rates by depth, LoRA."""

import re
from typing import Any, Literal

import msgspec
import torch
from timm.models._manipulate import group_with_matcher
from timm.optim.lion import Lion
from timm.optim.muon import Muon
from torch import nn

from photosearch.core.errors import KnownError
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.towers import ImageTower
from trainer.bounds import Count, Fraction, NotNegative

Learns = (
    Literal["all", "none"] | Count
)  # a whole tower, nothing of it, or its last n layers (stages of a CNN)

# Queries, keys and values, as the libraries call them; timm keeps the three in one layer.
ATTENTION = ("query", "key", "value", "q_lin", "k_lin", "v_lin", "q_proj", "k_proj", "v_proj", "qkv")
TOWERS = ("image", "text")

OptimizerName = Literal["adamw", "adam", "sgd", "lion", "muon"]


class Lora(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Low-rank updates beside locked weights (Hu et al. 2021), W + alpha / rank * B A; merged at the end."""

    rank: Count = 4
    alpha: Count = 8
    dropout: Fraction = 0.25
    image: bool = True
    text: bool = True
    targets: tuple[str, ...] = ATTENTION  # the last part of the names of the layers that get one


class Unlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of the towers learns. The heads and the scale always do."""

    image: Learns = "all"  # "none" with text = "all" is LiT (Zhai et al. 2021)
    text: Learns = "all"
    batch_norm: Literal["eval", "train"] = "eval"  # whether the towers' batch norms keep their statistics
    lora: Lora | None = None

    def __post_init__(self) -> None:
        if self.lora and (
            (self.lora.image and self.image != "none") or (self.lora.text and self.text != "none")
        ):
            raise ValueError('a tower with LoRA is locked beside it: set image or text to "none" too')


class LearningRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The peak rate of each part of the model, that of its last layer."""

    heads: NotNegative = 1e-3  # and the scale and the bias
    image: NotNegative = 1e-4
    text: NotNegative = 1e-5


class WeightDecay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weight decay of each part of the model."""

    heads: NotNegative = 0.05
    image: NotNegative = 0.05
    text: NotNegative = 0.05


def apply_unlock(model: DualEncoder, unlock: Unlock) -> None:
    """Set `requires_grad` throughout the model, and add LoRA's weights.

    Raises:
        KnownError: peft is not installed, or a tower has no layers that LoRA could update.
    """
    for name, learns in zip(TOWERS, (unlock.image, unlock.text), strict=True):
        tower = _tower(model, name)
        depths = layer_depths(tower)
        deepest = max(depths.values())
        first = {"all": 0, "none": deepest + 1}[learns] if isinstance(learns, str) else deepest + 1 - learns
        for parameter_name, parameter in tower.named_parameters():
            parameter.requires_grad_(depths[parameter_name] >= first)
        if isinstance(tower, ImageTower) and tower.pooled:
            tower.classifier.requires_grad_(False)  # beside the features, as ConSE wants it
        if unlock.lora and getattr(unlock.lora, name):
            _add_lora(tower, unlock.lora, name)


def train_mode(model: DualEncoder, unlock: Unlock) -> None:
    """`model.train()`, but what is locked stays in eval mode, and batch norms where `unlock` says so.

    A batch norm updates its statistics in train mode even where its weights are locked, and dropout in a
    locked tower would only be noise.
    """
    model.train()
    for name in TOWERS:
        for module in _tower(model, name).modules():
            if unlock.batch_norm == "eval" and isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
            parameters = list(module.parameters())
            if parameters and not any(parameter.requires_grad for parameter in parameters):
                module.eval()


def parameter_groups(
    model: DualEncoder, lr: LearningRates, layer_decay: float = 1.0, weight_decay: WeightDecay | float = 0.0
) -> list[dict[str, Any]]:
    """All that learns, as groups for an optimiser of torch.

    A layer that lies d layers below its tower's last one learns at lr * layer_decay^d. Norms, biases, the
    scale and all other vectors have no weight decay.

    Returns:
        groups with a `name`: image.0 (the stem), image.1, ..., text.0, ..., heads, scale; what has no weight
        decay is in a group of its own, such as image.3.no_decay
    """
    groups: dict[str, dict[str, Any]] = {}
    if not isinstance(weight_decay, WeightDecay):
        weight_decay = WeightDecay(weight_decay, weight_decay, weight_decay)

    def add(name: str, rate: float, decay: float, parameter: nn.Parameter) -> None:
        decayed = parameter.ndim > 1
        full_name = name if decayed or name == "scale" else f"{name}.no_decay"
        group = groups.setdefault(
            full_name,
            {"name": full_name, "params": [], "lr": rate, "weight_decay": decay if decayed else 0.0},
        )
        group["params"].append(parameter)

    sides = ((lr.image, weight_decay.image), (lr.text, weight_decay.text))
    for name, (rate, decay) in zip(TOWERS, sides, strict=True):
        tower = _tower(model, name)
        depths = layer_depths(tower)
        deepest = max(depths.values(), default=0)
        for parameter_name, parameter in tower.named_parameters():
            if parameter.requires_grad:
                depth = depths[parameter_name]
                add(f"{name}.{depth}", rate * layer_decay ** (deepest - depth), decay, parameter)
    for parameter_name, parameter in model.named_parameters():
        if parameter.requires_grad and not parameter_name.startswith(("image_tower.", "text_tower.")):
            name = "scale" if parameter_name in ("log_scale", "bias") else "heads"
            add(name, lr.heads, weight_decay.heads, parameter)
    return list(groups.values())


def make_optimizer(name: OptimizerName, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """What moves the weights, by its name in a recipe.

    adamw   Loshchilov & Hutter 2019
    adam    Kingma & Ba 2015; weight decay is in the gradient
    sgd     with momentum 0.9; it wants rates ten to a hundred times as high as AdamW's
    lion    Chen et al. 2023; it wants rates a third to a tenth of AdamW's
    muon    Jordan et al. 2024, at AdamW's rates (Liu et al. 2025), for all but vectors, which AdamW moves

    Args:
        groups: as `parameter_groups` gives them
    """
    made: torch.optim.Optimizer
    match name:
        case "adamw":
            made = torch.optim.AdamW(groups)
        case "adam":
            made = torch.optim.Adam(groups)
        case "sgd":
            made = torch.optim.SGD(groups, momentum=0.9)
        case "lion":
            made = Lion(groups)
        case "muon":
            made = Muon(groups)
    return made


def layer_depths(tower: nn.Module) -> dict[str, int]:
    """The depth of each of a tower's parameters: 0 the stem or the embeddings, then one more a layer.

    A layer is a stage of a CNN, a block of a transformer; a norm behind the last one belongs to it.
    """
    network: Any = tower.network
    plain = {name: _plain(name) for name, _ in tower.named_parameters()}
    grouped = _timm_depths if hasattr(network, "group_matcher") else _transformers_depths
    depths = grouped(network, list(plain.values()))
    return {name: depths[plain_name] for name, plain_name in plain.items()}


def merge_lora(model: nn.Module) -> None:
    """Add LoRA's updates to the weights they stand beside, and take LoRA out.

    The model then has its first structure again and needs no peft; merge a copy where training goes on.
    """
    for name, module in list(model.named_modules()):
        if hasattr(module, "get_base_layer") and hasattr(module, "merge"):
            module.merge()
            model.set_submodule(name, module.get_base_layer())


def _timm_depths(network: Any, names: list[str]) -> dict[str, int]:
    depths: dict[str, int] = group_with_matcher(
        ((name, None) for name in names), network.group_matcher(coarse=True), reverse=True
    )
    modules = dict(network.named_modules())
    head = {name for name in names if modules[name.rpartition(".")[0]] is network.get_classifier()}
    deepest = max(depth for name, depth in depths.items() if name not in head)
    return {name: min(depth, deepest) for name, depth in depths.items()}


def _transformers_depths(network: nn.Module, names: list[str]) -> dict[str, int]:
    """By the longest list of modules, which is that of the layers."""
    lists = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.ModuleList)]
    prefix, _ = max(lists, key=lambda found: len(found[1]))
    depths, deepest = {}, 0
    for name in names:  # in the order in which the network applies them
        if name.startswith(f"{prefix}."):
            deepest = int(name.removeprefix(f"{prefix}.").split(".")[0]) + 1
        depths[name] = deepest
    return depths


def _add_lora(tower: nn.Module, lora: Lora, name: str) -> None:
    try:
        import peft
    except ImportError:
        raise KnownError(
            "LoRA needs the package peft; install it with: pip install 'photosearch[train-lora]'"
        ) from None
    pattern = rf"(.*\.)?({'|'.join(map(re.escape, lora.targets))})"
    if not any(re.fullmatch(pattern, layer) for layer, _ in tower.named_modules()):
        raise KnownError(
            f"The {name} tower has no layers that LoRA could update; set unlock.lora.{name} to false, or "
            "name its layers in unlock.lora.targets."
        )
    config = peft.LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=pattern
    )
    peft.inject_adapter_in_model(config, tower)


def _tower(model: DualEncoder, name: str) -> nn.Module:
    tower: nn.Module = getattr(model, f"{name}_tower")
    return tower


def _plain(name: str) -> str:
    """A parameter's name within the network, without what LoRA adds to it."""
    return re.sub(r"\.(base_layer|lora_[AB]\.default)(?=\.)", "", name).removeprefix("network.")
