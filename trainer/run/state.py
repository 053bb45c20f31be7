"""What a run must keep to go on exactly where it was, as plain tensors and plain values."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

OPTIMIZER = "optimizer."


def module_tensors(prefix: str, module: nn.Module) -> dict[str, Tensor]:
    """The weights and buffers of a module by name, with `prefix` before each."""
    return {f"{prefix}{name}": tensor for name, tensor in module.state_dict().items()}


def load_module(prefix: str, module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """The other way round; every tensor must be there."""
    module.load_state_dict(with_prefix(prefix, tensors))


def with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The moments of every parameter, by its number: `optimizer.3.exp_avg`."""
    state = optimizer.state_dict()["state"]
    return {
        f"{OPTIMIZER}{number}.{key}": torch.as_tensor(value)
        for number, moments in state.items()
        for key, value in moments.items()
    }


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put the moments back; rates and groups stay as they are.

    Raises:
        ValueError: they are those of other parameters.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, tensor in with_prefix(OPTIMIZER, tensors).items():
        number, _, key = name.partition(".")
        if tensor.ndim and [tensor.shape] != [p.shape for p in parameters[int(number) : int(number) + 1]]:
            raise ValueError(f"there is no parameter for {name} of {list(tensor.shape)}")
        state.setdefault(int(number), {})[key] = tensor.item() if tensor.dtype == torch.bool else tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
