"""Matrices of a text tower in 4 bits, as they came: an eighth of float32, and nothing is lost.

They are in blocks of 32 weights with one scale each (Q4_0): byte j of a block's 16 holds weight j in its low
half and weight j + 16 in its high one, each as a number from 0 to 15, for (number - 8) * scale. They are
read, and never trained.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 32  # weights of one scale


class FourBitMatrix(nn.Module):
    """A matrix (R, C) that is kept in 4 bits."""

    packed: Tensor  # (R, C / 2) uint8
    scales: Tensor  # (R, C / 32)

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        if columns % BLOCK:
            raise ValueError(f"a matrix in 4 bits must have a multiple of {BLOCK} columns")
        self.register_buffer("packed", torch.zeros(rows, columns // 2, dtype=torch.uint8))
        self.register_buffer("scales", torch.zeros(rows, columns // BLOCK))


class FourBitEmbedding(FourBitMatrix):
    """A table of embeddings."""

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids (B, L) -> embeddings (B, L, C) float32."""
        return unpacked(F.embedding(ids, self.packed), F.embedding(ids, self.scales))


class FourBitLinear(FourBitMatrix):
    """A linear layer; ONNX Runtime unpacks its matrix once, when it opens the graph."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(rows, columns)
        self.register_buffer("bias", torch.zeros(rows))

    bias: Tensor  # (R,)

    def forward(self, inputs: Tensor) -> Tensor:
        """(..., C) -> (..., R) float32."""
        return F.linear(inputs, unpacked(self.packed, self.scales), self.bias)


def unpacked(packed: Tensor, scales: Tensor) -> Tensor:
    """The weights of packed rows (..., C / 2) and their scales (..., C / 32); (..., C) float32."""
    numbers = packed.float().reshape(*scales.shape, BLOCK // 2)  # (..., C / 32, 16)
    high = (numbers / 16).floor()  # ONNX Runtime has no such arithmetic of bytes
    numbers = torch.cat([numbers - 16 * high, high], dim=-1) - 8  # (..., C / 32, 32)
    return (numbers * scales.unsqueeze(-1)).flatten(-2)


def in_four_bits(network: Any) -> None:
    """Put matrices in 4 bits in place of the words' embeddings and of the linear layers of a network."""
    network.set_input_embeddings(FourBitEmbedding(*network.get_input_embeddings().weight.shape))
    for name, layer in list(network.named_modules()):
        if isinstance(layer, nn.Linear):
            network.set_submodule(name, FourBitLinear(*layer.weight.shape))
