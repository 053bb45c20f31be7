"""What a tiny checkpoint has beside its weights: config and tokenizer. No torch."""

from pathlib import Path
from string import ascii_lowercase

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.models.config import (
    FORMAT,
    ConSEConfig,
    HeadConfig,
    ImageTowerConfig,
    ModelConfig,
    TextTowerConfig,
)

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

TEXTS_OF_EVERY_KIND = [
    *SENTENCES,
    "",
    "cat",
    "A Red Kite OVER the Snowy Mountain",
    "crème brûlée à la carte, naïve; it's 50% off!",
    "a dog 🐕‍🦺 and a party 🎉",
    "海滩上的两只狗",
    "  two   spaces ",
    " ".join(SENTENCES * 4),  # over 200 words
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
