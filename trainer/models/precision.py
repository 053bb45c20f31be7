"""The number format that networks compute in."""

from typing import Literal

import torch
from torch import nn
from transformers import PreTrainedModel

Precision = Literal["float32", "bf16", "fp16"]
_DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """A context in which networks compute in `precision`; their weights stay as they are."""
    return torch.autocast(device.type, _DTYPES[precision], enabled=precision != "float32")


def without_fused_attention(model: nn.Module, device: torch.device, precision: Precision) -> None:
    """Let transformers' networks in `model` attend step by step, where that is the faster way to train.

    In bfloat16 on a CPU the backward pass of torch's fused attention took longer than all the rest for texts
    of 18 tokens, and was at no length the faster one.
    """
    if device.type == "cpu" and precision == "bf16":
        for network in model.modules():
            if isinstance(network, PreTrainedModel):
                network.set_attn_implementation("eager")
