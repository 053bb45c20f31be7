"""Models at tiny widths in the hub's own format: real architectures, random weights, made in a blink."""

import json
from pathlib import Path

import timm
import timm.models
import tokenizers
import torch
import transformers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from tests.helpers.tiny_model import SENTENCES, make_tiny_tokenizer

TEXT_KINDS = ("distilbert", "roberta", "bert")
IMAGE_KINDS = ("test_resnet", "test_vit", "test_efficientnet")  # of timm's own tiny networks
WIDTHS = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 66,
}


def make_hub_text(folder: Path, kind: str = "distilbert", seed: int = 0) -> Path:
    """A text encoder as `save_pretrained` leaves it: config, safetensors, tokenizer files."""
    if kind == "distilbert":
        config = transformers.DistilBertConfig(
            vocab_size=300, dim=32, n_layers=3, n_heads=4, hidden_dim=64, max_position_embeddings=66
        )
    elif kind == "roberta":
        config = transformers.RobertaConfig(vocab_size=300, type_vocab_size=1, **WIDTHS)
    else:
        config = transformers.BertConfig(vocab_size=300, **WIDTHS)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformers.AutoModel.from_config(config).save_pretrained(folder)
    if kind == "roberta":
        byte_pairs(folder, bos="<s>", eos="</s>", pad="<pad>", unk="<unk>", kind="RobertaTokenizer")
    else:
        word_pieces(folder, "BertTokenizer")
    return folder


def make_hub_image(folder: Path, architecture: str = "test_resnet", seed: int = 0, classes: int = 10) -> Path:
    """A timm network as timm pushes it to the hub: config.json and model.safetensors."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = timm.create_model(architecture, num_classes=classes)
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(std=0.1)
            elif name.endswith("running_var"):
                buffer.uniform_(0.5, 2.0)
    timm.models.save_for_hf(network, folder, safe_serialization=True)
    return folder


def word_pieces(folder: Path, kind: str) -> None:
    """BERT's kind of tokenizer."""
    make_tiny_tokenizer(folder / "tokenizer.json")
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class=kind,
        do_lower_case=True,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[UNK]",
    )


def byte_pairs(folder: Path, *, bos: str, eos: str, pad: str, unk: str, kind: str) -> None:
    """GPT-2's kind of tokenizer, over single letters."""
    special = list(dict.fromkeys([bos, pad, eos, unk]))
    letters = sorted({*"".join(SENTENCES), *"abcdefghijklmnopqrstuvwxyz"} - {" "})
    pieces = [*special, "Ġ", *letters]
    tokenizer = tokenizers.Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, [], unk_token=unk))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        (eos, pieces.index(eos)), (bos, pieces.index(bos)), add_prefix_space=False
    )
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class=kind,
        bos_token=bos,
        eos_token=eos,
        pad_token=pad,
        unk_token=unk,
        cls_token=bos,
        sep_token=eos,
        mask_token=unk,
    )


def _write(path: Path, **values: object) -> None:
    path.write_text(json.dumps(values), encoding="utf-8")
