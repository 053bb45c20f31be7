import numpy as np
import pytest
import torch

from photosearch.models.torch.four_bits import FourBitEmbedding, FourBitLinear

ROWS, COLUMNS = 5, 64


def test_weights_are_those_of_the_blocks() -> None:
    random = np.random.default_rng(0)
    numbers = random.integers(0, 16, (ROWS, COLUMNS // 32, 32))
    scales = torch.rand(ROWS, COLUMNS // 32)
    packed = torch.from_numpy((numbers[..., :16] + 16 * numbers[..., 16:]).reshape(ROWS, -1).astype(np.uint8))
    weights = ((torch.from_numpy(numbers) - 8) * scales.unsqueeze(-1)).flatten(1)
    table, layer = FourBitEmbedding(ROWS, COLUMNS), FourBitLinear(ROWS, COLUMNS)
    table.load_state_dict({"packed": packed, "scales": scales})
    layer.load_state_dict({"packed": packed, "scales": scales, "bias": torch.arange(5.0)})
    ids = torch.tensor([[4, 0], [2, 2]])
    torch.testing.assert_close(table(ids), weights[ids])
    inputs = torch.randn(2, 3, COLUMNS)
    torch.testing.assert_close(layer(inputs), inputs @ weights.T + torch.arange(5.0))


def test_blocks_must_come_out_even() -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        FourBitEmbedding(10, 48)
