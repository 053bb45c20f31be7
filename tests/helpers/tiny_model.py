"""A real checkpoint at tiny widths: real architectures, random weights, half a megabyte, built in a blink."""

from pathlib import Path
from string import ascii_lowercase

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch.nn import functional as F

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.models.config import (
    FORMAT,
    ConSEConfig,
    HeadConfig,
    ImageTowerConfig,
    ModelConfig,
    TextTowerConfig,
)
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.export import export
from tests.helpers.exported_models import EXPORTED, SEEDS

SENTENCES = [
    "a photo of a cat on a sofa",
    "two dogs run along a beach",
    "a man rides a skateboard in the city",
    "children are playing in the water",
    "a snowy mountain under a blue sky",
    "a red flower in a green garden",
    "a cup of coffee beside a spoon",
    "a rocket stands on its launch pad at night",
]


FEATURES = {"test_efficientnet": 256, "test_resnet": 96, "test_vit": 64}  # of timm's tiny networks


def tiny_config(name: str = "tiny", architecture: str = "test_efficientnet") -> ModelConfig:
    """A config of D = 56: 24 learnt, 32 ConSE."""
    bert = {
        "model_type": "bert",
        "vocab_size": 200,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
    }
    dim = FEATURES[architecture]
    return ModelConfig(
        format=FORMAT,
        name=name,
        image_tower=ImageTowerConfig(architecture, dim=dim, classes=10),
        text_tower=TextTowerConfig(bert, dim=32),
        image_head=HeadConfig(dim_in=dim, hidden=32, dim_out=24, dropout=0.3),
        text_head=HeadConfig(dim_in=32, hidden=32, dim_out=24, dropout=0.1),
        preprocessing=Preprocessing(64, "squash", "bicubic", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)),
        calibration=Calibration(),
        conse=ConSEConfig(classes=10, dim=32, weight=0.2),
        max_tokens=16,
    )


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


def make_tiny_tokenizer(path: Path) -> Path:
    """A WordPiece tokenizer in BERT's manner: the words of SENTENCES, and letters for all others."""
    # Not trained: training breaks ties at random, and a checkpoint should always have the same id.
    words = sorted({word for sentence in SENTENCES for word in sentence.split()} - set(ascii_lowercase))
    letters = [*ascii_lowercase, *(f"##{letter}" for letter in ascii_lowercase)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *words]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(path))
    return path


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


if __name__ == "__main__":
    main()
