"""The number format that networks compute in."""

from typing import Literal

import torch

Precision = Literal["float32", "bf16", "fp16"]
CPU = torch.device("cpu")
_DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """A context in which networks compute in `precision`; their weights stay as they are."""
    return torch.autocast(device.type, _DTYPES[precision], enabled=precision != "float32")
