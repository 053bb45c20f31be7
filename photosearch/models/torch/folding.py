"""Batch norms folded into the convolutions before them: the same function, fewer passes over memory."""

import copy
from collections import Counter
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


def fold_batch_norms(network: Network, example: Tensor) -> Network:
    """A copy of `network`, in eval mode, in which each convolution + batch norm is one convolution.

    Which batch norm follows which convolution is seen by running `example` through the network.
    """
    folded = copy.deepcopy(network).eval()
    for convolution, norm in _pairs(folded, example):
        _replace(folded, convolution, fuse_conv_bn_eval(convolution, norm))
        _replace(folded, norm, _activation(norm))
    return folded


def _pairs(network: nn.Module, example: Tensor) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    made: dict[int, tuple[nn.Conv2d, Tensor, int]] = {}  # by id of the output: its maker, itself, its version
    calls: Counter[nn.Module] = Counter()
    pairs = []

    def after_convolution(convolution: nn.Conv2d, _inputs: Any, output: Tensor) -> None:
        calls[convolution] += 1
        made[id(output)] = convolution, output, output._version

    def before_norm(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        calls[norm] += 1
        convolution, output, version = made.get(id(inputs[0]), (None, None, None))
        if convolution is not None and output is not None and output._version == version:
            pairs.append((convolution, norm))

    hooks = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            hooks.append(module.register_forward_hook(after_convolution))
        elif isinstance(module, nn.BatchNorm2d):
            hooks.append(module.register_forward_pre_hook(before_norm))
    with torch.no_grad():
        network(example)
    for hook in hooks:
        hook.remove()
    return [(convolution, norm) for convolution, norm in pairs if calls[convolution] == calls[norm] == 1]


def _activation(norm: nn.BatchNorm2d) -> nn.Module:
    """What timm's batch norms do after the norm; nothing for a plain one."""
    after = [getattr(norm, part) for part in ("drop", "act") if hasattr(norm, part)]
    return nn.Sequential(*after)


def _replace(network: nn.Module, old: nn.Module, new: nn.Module) -> None:
    name = next(name for name, module in network.named_modules() if module is old)
    network.set_submodule(name, new)
