"""A real checkpoint at tiny widths: real architectures, random weights, half a megabyte, built in a blink."""

from pathlib import Path

import torch
from torch.nn import functional as F

from photosearch.models.config import ModelConfig
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.export import export
from photosearch.models.torch.int8 import export_int8
from tests.helpers.exported_models import EXPORTED, SEEDS, copy_exported
from tests.helpers.int8_model import pictures
from tests.helpers.tiny_config import make_tiny_tokenizer, tiny_config


def tiny_model(config: ModelConfig, seed: int = 0, bank: int = 12) -> DualEncoder:
    """A model with random weights, a random bank and statistics away from their defaults, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = DualEncoder(config)
        for name, buffer in model.named_buffers():
            if name.endswith("running_var") or name == "image_head.std":
                buffer.uniform_(0.5, 2.0)
            elif name.endswith("running_mean") or name == "image_head.mean":
                buffer.normal_(std=0.1)
        if model.conse is not None:
            model.conse.class_text.copy_(F.normalize(torch.randn_like(model.conse.class_text), dim=-1))
            model.conse.mean.normal_(std=0.1)
        model.set_bank(F.normalize(torch.randn(bank, config.dim), dim=-1))
    return model.eval()


def make_tiny_checkpoint(
    folder: Path, name: str = "tiny", seed: int = 0, architecture: str = "test_efficientnet"
) -> Path:
    """A checkpoint folder as the catalogue takes it; another seed is another model_id."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tiny_tokenizer(folder.parent / f"{folder.name}-tokenizer.json")
    config = tiny_config(name, architecture)
    checkpoint.save(folder, tiny_model(config, seed), config, tokenizer)
    tokenizer.unlink()
    return folder


def main() -> None:
    """Make anew what tests/helpers/exported_models.py hands out."""
    for name, seed in SEEDS.items():
        folder = make_tiny_checkpoint(EXPORTED / name, name, seed)
        export(folder)
    export_int8(copy_exported(EXPORTED / "tiny-int8"), pictures())


if __name__ == "__main__":
    main()
