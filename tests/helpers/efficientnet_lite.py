"""EfficientNet-lite2 straight from its raw weights: an oracle that shares no code with timm.

The layout is the EfficientNet paper's B0 table without squeeze-and-excite, at width 1.1 and depth 1.2:
stage strides 1 2 2 2 1 2 1, first and last stage not deepened, ReLU6, TensorFlow's SAME padding.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

STAGES = [(1, 1), (3, 2), (3, 2), (4, 2), (4, 1), (5, 2), (1, 1)]  # blocks, stride of the first
EPS = 1e-3


def pooled_features(weights: dict[str, Tensor], pixels: Tensor) -> Tensor:
    """pixels (B, 3, H, W), normalised -> (B, 1280)."""
    x = F.relu6(_norm(weights, "_bn0", _same_conv(pixels, weights["_conv_stem.weight"], 2)))
    strides = [first if block == 0 else 1 for blocks, first in STAGES for block in range(blocks)]
    for index, stride in enumerate(strides):
        x = _block(weights, f"_blocks.{index}", x, stride)
    x = F.relu6(_norm(weights, "_bn1", F.conv2d(x, weights["_conv_head.weight"])))
    return x.mean(dim=(2, 3))


def _block(weights: dict[str, Tensor], name: str, x: Tensor, stride: int) -> Tensor:
    y = x
    if f"{name}._expand_conv.weight" in weights:
        y = F.relu6(_norm(weights, f"{name}._bn0", F.conv2d(y, weights[f"{name}._expand_conv.weight"])))
    depthwise = weights[f"{name}._depthwise_conv.weight"]
    y = F.relu6(_norm(weights, f"{name}._bn1", _same_conv(y, depthwise, stride, groups=y.shape[1])))
    y = _norm(weights, f"{name}._bn2", F.conv2d(y, weights[f"{name}._project_conv.weight"]))
    return x + y if stride == 1 and x.shape == y.shape else y


def _same_conv(x: Tensor, kernel: Tensor, stride: int, groups: int = 1) -> Tensor:
    left_right, top_bottom = (_same_padding(x.shape[d], kernel.shape[d], stride) for d in (3, 2))
    return F.conv2d(F.pad(x, (*left_right, *top_bottom)), kernel, stride=stride, groups=groups)


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _norm(weights: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    mean, var, gain, shift = (
        weights[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / torch.sqrt(var + EPS) * gain + shift
