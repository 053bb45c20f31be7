import torch

from photosearch.models.config import TextTowerConfig
from photosearch.models.torch.towers import TextTower
from trainer.models.precision import without_fused_attention

SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


def test_a_tower_attends_step_by_step_where_that_is_faster_and_says_the_same() -> None:
    torch.manual_seed(0)
    tower = TextTower(TextTowerConfig({"model_type": "bert", "vocab_size": 50, **SIZES}, 16)).eval()
    ids, mask = torch.randint(50, (2, 7)), torch.ones(2, 7, dtype=torch.int64)
    mask[0, 5:] = 0
    before = tower(ids, mask)
    fused = tower.network.config._attn_implementation
    for device, precision in (("cuda", "bf16"), ("cpu", "float32")):
        without_fused_attention(tower, torch.device(device), precision)
        assert tower.network.config._attn_implementation == fused
    without_fused_attention(tower, torch.device("cpu"), "bf16")
    assert tower.network.config._attn_implementation == "eager"
    torch.testing.assert_close(tower(ids, mask), before)
