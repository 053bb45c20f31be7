"""Matrices of a text tower in fewer bits: its words' embeddings in 4, as they came, its linear layers in 8.

They are read, and not trained. Embeddings are in blocks of 32 weights with one scale each (Q4_0): byte j of a
block's 16 holds weight j in its low half and weight j + 16 in its high one, each as a number from 0 to 15,
for (number - 8) * scale. Linear layers have one scale a row.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 32  # weights of one scale, of those in 4 bits


class FourBitEmbedding(nn.Module):
    """A table of embeddings (R, C) that is kept in 4 bits."""

    packed: Tensor  # (R, C / 2) uint8
    scales: Tensor  # (R, C / 32)

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        if columns % BLOCK:
            raise ValueError(f"a table in 4 bits must have a multiple of {BLOCK} columns")
        self.register_buffer("packed", torch.zeros(rows, columns // 2, dtype=torch.uint8))
        self.register_buffer("scales", torch.zeros(rows, columns // BLOCK))

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids (B, L) -> embeddings (B, L, C) float32."""
        return unpacked(F.embedding(ids, self.packed), F.embedding(ids, self.scales))


class EightBitLinear(nn.Module):
    """A linear layer whose matrix is kept in 8 bits; ONNX Runtime unpacks it when it opens the graph."""

    numbers: Tensor  # (R, C) int8
    scales: Tensor  # (R, 1)
    bias: Tensor  # (R,)

    def __init__(self, layer: nn.Linear) -> None:
        """
        Args:
            layer: what is rounded, with a bias
        """
        super().__init__()
        weight = layer.weight.detach()
        scales = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-4) / 127
        scales = scales.half().float()  # as a checkpoint keeps them
        self.register_buffer("numbers", (weight / scales).round().clamp(-127, 127).to(torch.int8))
        self.register_buffer("scales", scales)
        self.register_buffer("bias", layer.bias.detach().clone())

    def forward(self, inputs: Tensor) -> Tensor:
        """(..., C) -> (..., R) float32."""
        return F.linear(inputs, self.numbers.float() * self.scales, self.bias)


def unpacked(packed: Tensor, scales: Tensor) -> Tensor:
    """The weights of packed rows (..., C / 2) and their scales (..., C / 32); (..., C) float32."""
    numbers = packed.float().reshape(*scales.shape, BLOCK // 2)  # (..., C / 32, 16)
    high = (numbers / 16).floor()  # ONNX Runtime has no such arithmetic of bytes
    numbers = torch.cat([numbers - 16 * high, high], dim=-1) - 8  # (..., C / 32, 32)
    return (numbers * scales.unsqueeze(-1)).flatten(-2)


def words_in_four_bits(network: Any) -> None:
    """Put a table in 4 bits in place of the words' embeddings of a network; its weights are zeros."""
    network.set_input_embeddings(FourBitEmbedding(*network.get_input_embeddings().weight.shape))


def linears_in_eight_bits(network: Any) -> None:
    """Round the linear layers of a network to 8 bits."""
    for name, layer in list(network.named_modules()):
        if isinstance(layer, nn.Linear):
            network.set_submodule(name, EightBitLinear(layer))
