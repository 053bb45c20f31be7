import numpy as np
import pytest
import torch
from torch import nn

from photosearch.models.torch.quantised import EightBitLinear, FourBitEmbedding, linears_in_eight_bits

ROWS, COLUMNS = 5, 64


def test_words_are_those_of_the_blocks() -> None:
    random = np.random.default_rng(0)
    numbers = random.integers(0, 16, (ROWS, COLUMNS // 32, 32))
    scales = torch.rand(ROWS, COLUMNS // 32)
    packed = torch.from_numpy((numbers[..., :16] + 16 * numbers[..., 16:]).reshape(ROWS, -1).astype(np.uint8))
    weights = ((torch.from_numpy(numbers) - 8) * scales.unsqueeze(-1)).flatten(1)
    table = FourBitEmbedding(ROWS, COLUMNS)
    table.load_state_dict({"packed": packed, "scales": scales})
    ids = torch.tensor([[4, 0], [2, 2]])
    torch.testing.assert_close(table(ids), weights[ids])


def test_blocks_must_come_out_even() -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        FourBitEmbedding(10, 48)


@torch.inference_mode()
def test_a_layer_is_rounded_by_half_a_step_of_its_rows() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(COLUMNS, ROWS), nn.GELU())
    weight, bias = network[0].weight.clone(), network[0].bias.clone()
    weight[2] = network[0].weight[2] = 0  # no row divides by zero
    inputs = torch.randn(2, 3, COLUMNS)
    linears_in_eight_bits(network)
    layer = network[0]
    assert isinstance(layer, EightBitLinear) and layer.numbers.dtype == torch.int8
    step = weight.abs().amax(dim=1, keepdim=True) / 127
    rounded = layer.numbers.float() * layer.scales
    assert ((rounded - weight).abs() <= 0.51 * step + 1e-6).all()
    torch.testing.assert_close(layer(inputs), inputs @ rounded.T + bias)
